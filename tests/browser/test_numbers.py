"""Every number on a page says which fact it is; each is asked for again, of other tables and in other words."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

import duckdb
import pytest

from tests.browser.conftest import Made, Show, in_time
from tests.kit.page_scenes import PRICE
from tests.kit.scene import D, Scene

ACTIVITY, NOTIFICATIONS = "global_user_activity_per_day", "global_notif_impact_per_day"
FIGURES = {
    "active_users": f"SELECT count(DISTINCT user_id) FROM {ACTIVITY} WHERE date = ?",
    "hours": f"SELECT coalesce(sum(epoch_us(total_spend_time)) / 3.6e9, 0) FROM {ACTIVITY} WHERE date = ?",
    "messages": f"SELECT coalesce(sum(total_message_send_this_day), 0) FROM {ACTIVITY} WHERE date = ?",
    "money": f"SELECT coalesce(sum(round(total_money_spend * 100)::BIGINT), 0) / 100 FROM {ACTIVITY} WHERE date = ?",
    "sent": f"SELECT count(*) FROM {NOTIFICATIONS} WHERE notif_date = ?",
    "success_rate": f"SELECT count_if(is_success) / nullif(count(*), 0) FROM {NOTIFICATIONS} WHERE notif_date = ?",
}
UNITS = {"B": 1, "kB": 1e3, "MB": 1e6, "%": 0.01, "points": 0.01}
Numbers = dict[str, float | None]


def asked_again(scene: Scene, facts: dict[str, Any]) -> Numbers:
    """Every number that a page may show, by its path; which table or batch a place in a list is, the facts say."""
    with duckdb.connect(str(scene.path), read_only=True) as db:

        def ask(query: str, *values: object) -> Any:
            return (db.execute(query, list(values)).fetchone() or (None,))[0]

        found: Numbers = {"freshness.rate_age_days": scene.rate_days}
        for name, query in FIGURES.items():
            found |= of_figure(name, scene, partial(ask, query))
        for table in facts["ledger"]:
            found |= of_ledger(table, ask)
        for n, reason in enumerate(facts["reasons"]):
            found |= of_reason(f"reasons.{n}", reason["table"], reason["reason"], ask)
        rows = db.execute("SELECT before, after FROM restatements WHERE was_final ORDER BY date DESC").fetchall()
        for n, (before, after) in enumerate(rows):
            found |= {f"changes.final.{n}.before": float(before), f"changes.final.{n}.after": float(after)}
        found["changes.provisional"] = ask("SELECT count(*) FROM restatements WHERE NOT was_final")
    return found | of_manifests(scene, facts["made"]) | of_runs(scene)


def of_figure(name: str, scene: Scene, value: Callable[[date], float | None]) -> Numbers:
    now, before = value(D), [D - timedelta(weeks=weeks) for weeks in range(1, 5)]
    same = [known for day in before if day in scene.dates and (known := value(day)) is not None]
    yesterday = value(D - timedelta(1)) if D - timedelta(1) in scene.dates else None
    usual = median(same) if len(same) > 1 else None
    found: Numbers = {f"figures.{name}.value": now}
    for which, other in (("yesterday", yesterday), ("usual", usual)):
        found[f"figures.{name}.{which}.value"] = other
        if now is not None and other:
            found[f"figures.{name}.{which}.change"] = now - other if name == "success_rate" else (now - other) / other
    return found


def of_ledger(table: str, ask: Callable[..., Any]) -> Numbers:
    of_day = "FROM source_ledger_per_day WHERE source_table = ? AND date = ?"
    counts = ("source", "bronze", "silver", "rejected", "duplicate")
    found: Numbers = {
        f"ledger.{table}.{'duplicates' if count == 'duplicate' else count}": ask(
            f"SELECT {count}_rows {of_day}", table, D
        )
        for count in counts
    }
    share = ask(f"SELECT rejected_rows / nullif(bronze_rows, 0) {of_day}", table, D)
    usual = ask(
        "SELECT median(rejected_rows / nullif(bronze_rows, 0)) FROM source_ledger_per_day"
        " WHERE source_table = ? AND date >= ?::DATE - 28 AND date < ?",
        table, D, D,
    )  # fmt: skip
    return {
        **found,
        f"ledger.{table}.share": share,
        f"ledger.{table}.factor": share / usual if share and usual else 0.0,
    }


def of_reason(path: str, table: str, reason: str, ask: Callable[..., Any]) -> Numbers:
    rows = ask(
        "SELECT rejected_rows FROM rejected_rows_per_day WHERE (source_table, reason, date) = (?, ?, ?)",
        table,
        reason,
        D,
    )
    usual = ask(
        "SELECT median(coalesce(rejected_rows, 0)) FROM (SELECT DISTINCT date FROM source_ledger_per_day) AS day"
        " LEFT JOIN rejected_rows_per_day AS r ON r.date = day.date AND source_table = ? AND reason = ?"
        " WHERE day.date >= ?::DATE - 28 AND day.date < ?",
        table, reason, D, D,
    )  # fmt: skip
    return {f"{path}.rows": rows, f"{path}.usual": usual, f"{path}.factor": rows / usual if usual else None}


def of_manifests(scene: Scene, made: list[dict[str, Any]]) -> Numbers:
    found: Numbers = {}
    for n, batch in enumerate(made):
        raw = json.loads(scene.store.objects[f"s3a://{batch['layer']}/{batch['batch']}/{D}/_MANIFEST.json"])
        files = [file for table in raw["tables"].values() for file in table["files"]]
        own = {"version": raw["version"], "seconds": raw["seconds"]}
        own |= {key: sum(file[key] for file in files) for key in ("rows", "bytes")}
        found |= {f"made.{n}.{key}": value for key, value in own.items()}
    return found


def of_runs(scene: Scene) -> Numbers:
    """The last run of each job that left records, and what the manifests of the day hold."""
    found: Numbers = {}
    told = {uri: body for uri, body in scene.store.objects.items() if uri.endswith(".json")}
    for uri, body in sorted(told.items()):
        raw = json.loads(body)
        if "/_runs/" in uri and raw["first_day"] == str(D):
            path, ends = (
                f"cost.steps.{raw['job']}",
                [datetime.fromisoformat(raw[f"{edge}_at"]) for edge in ("started", "ended")],
            )
            found |= {f"{path}.{key}": raw[key] for key in ("cpu_seconds", "peak_memory_bytes")}
            found |= {
                f"{path}.seconds": (ends[1] - ends[0]).total_seconds(),
                f"{path}.usual": {"silver": 34.0, "gold": 20.0}[raw["job"]],
            }
        elif "/_runs/" not in uri:
            files = [file for table in raw["tables"].values() for file in table["files"]]
            for key in ("rows", "bytes"):
                path = f"cost.layers.{raw['layer']}.{key}"
                found[path] = (found.get(path) or 0) + sum(file[key] for file in files)
    cpu = [value for path, value in found.items() if path.endswith(".cpu_seconds") and value is not None]
    if cpu:
        found |= {"cost.price.cpu_seconds": sum(cpu), "cost.price.amount": sum(cpu) / 3600 * PRICE.per_hour}
    return found


def at(facts: Any, path: str) -> Any:
    for key in path.split("."):
        facts = facts[int(key) if isinstance(facts, list) else key]
    return facts


def read(text: str) -> tuple[float, float]:
    """What a person reads, and how far from it the number may be by rounding."""
    found = re.fullmatch(r"([▲▼=] )?([\d,]+)(?:\.(\d+))?×?(?: ?(%|points|[A-Za-z]+))?", text)
    assert found, text
    sign, whole, decimals, unit = found.groups()
    scale = UNITS.get(unit, 1)
    number = float(f"{whole.replace(',', '')}.{decimals or 0}") * scale
    return -number if sign == "▼ " else number, 0.5000001 * scale * 10 ** -len(decimals or "")


@pytest.mark.parametrize("name", ["ordinary", "unusual", "final", "first_day", "no_history", "no_rows"])
def test_every_number_is_what_the_file_and_the_manifests_say(
    name: str, made: Callable[[str], Made], show: Show
) -> None:
    night = made(name)
    facts = json.loads(night.path.with_suffix(".json").read_text())
    again = asked_again(night.scene, facts)
    with show(night.path, at=in_time(night.facts)) as seen:
        numbers = seen.page.evaluate(
            "[...document.querySelectorAll('[data-fact]')]"
            ".map(each => [each.dataset.fact, each.getAttribute('value'), each.textContent])"
        )
        assert seen.page.locator("td.n:not(:has([data-fact]))").count() == 0
        assert seen.page.locator(".card .value:not(:has([data-fact]))").count() == 0
    assert len(numbers) > 100
    for path, value, text in numbers:
        expected = again[path]
        if expected is None:
            assert (at(facts, path), value, text) == (None, None, "–"), path
        else:
            shown, rounding = read(text)
            assert (at(facts, path), float(value)) == pytest.approx((expected, expected), rel=1e-9, abs=1e-12), path
            assert shown == pytest.approx(expected, abs=rounding), path
