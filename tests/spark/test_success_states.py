"""What gold tells of success states: counts under the setting's own words, of them and of texts that look like them."""

from datetime import date
from typing import Any

import pytest
from pyspark.sql import functions as F

from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY as IMPACT
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY as ACTIVITY
from daybook.gold import MAKERS
from daybook.transforms.alike import alike

FIRST, SECOND, THIRD = (date(2025, 3, n) for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("word", "texts", "others"),
    [
        (
            "CLICKED",
            ["CLICK", "CLICKS", "CLICKED", "CLIKED", "CLICKKED", "CLICCED", "CLICK-ED", "'CLICKED'", "[CLICKED"],
            ["CLICKABLE", "LICKE", "PICKED", "SENT", "READ", ""],
        ),
        ("READ", ["READS", "READ", "READED", '"READ"'], ["READY", "RED", "UNREAD", "BEAD", "REA D X"]),
        ("CLICK", ["CLICKED", "CLICKS", "CLIK"], ["CLOCKED", "CLI"]),
        ("LINK OPENED", ["LINK_OPENED", "LINKOPEN", "LINK OPENE"], ["OPENED", "LINK"]),
        ("GEÖFFNET", ["GEÖFNET", "GEÖFFNETE"], ["GESENDET"]),
        ("1D", ["1D", "1-D"], ["1", "1S", "1DED"]),
    ],
)
def test_a_text_is_alike_in_its_letters_but_for_an_ending_or_one_letter(
    make_frame: Any, word: str, texts: list[str], others: list[str]
) -> None:
    frame = make_frame([{"text": text} for text in [*texts, *others]], "text string")
    found = frame.select("text", alike(F.col("text"), word).alias("alike")).collect()
    assert {row.text for row in found if row.alike} == set(texts)


def sent(on: date, hour: int, state: str | None, seen: date) -> dict[str, Any]:
    at = f"{on}T{hour:02}:00:00Z"
    return {"user_id": "u", "notification_id": "n", "notification_time": at, "state": state, "ds": str(seen)}


def changed(on: date, status: str) -> dict[str, Any]:
    return {"user_id": "u", "notification_id": "n", "status": status, "updated_at": f"{on}T23:59:59Z", "ds": str(on)}


SILVER = {
    "user_notifications": [
        sent(FIRST, 9, "SENT", FIRST),
        sent(FIRST, 9, "CLICKED", SECOND),
        sent(FIRST, 10, None, FIRST),
        sent(FIRST, 11, "CLICK", FIRST),
        sent(FIRST, 11, "CLICK", SECOND),
        sent(SECOND, 0, "READ", SECOND),
    ],
    "notification_states": [changed(FIRST, "READS"), changed(FIRST, "READ"), changed(SECOND, "CLICKED")],
}


def told(make_silver: Any, days: list[date]) -> Any:
    return MAKERS[IMPACT.name].told(make_silver(SILVER, IMPACT, {}), days)


def test_states_are_counted_by_day_under_the_words_of_the_setting_whichever_days_are_made_together(
    make_silver: Any,
) -> None:
    none = {"rows": 0, "alike": 0}
    expected = {
        FIRST: {"states": {"CLICKED": {"rows": 1, "alike": 2}, "READ": {"rows": 1, "alike": 1}, "OPENED": none}},
        SECOND: {"states": {"CLICKED": {"rows": 1, "alike": 0}, "READ": {"rows": 1, "alike": 0}, "OPENED": none}},
        THIRD: {"states": {"CLICKED": none, "READ": none, "OPENED": none}},
    }
    assert told(make_silver, [FIRST, SECOND, THIRD]) == expected
    assert {day: told(make_silver, [day])[day] for day in expected} == expected


def test_a_table_whose_module_has_nothing_to_tell_tells_nothing(make_silver: Any) -> None:
    assert MAKERS[ACTIVITY.name].told(make_silver({}, ACTIVITY, {}), [FIRST]) == {FIRST: {}}
