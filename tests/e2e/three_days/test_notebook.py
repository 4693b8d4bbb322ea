"""The notebook on what three days really gave."""

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from local.demo.proof import Proof
from tests.kit import notebook
from tests.kit.harness import Daybook


def test_the_notebook_shows_three_real_days(daybook: Daybook, proof: Proof) -> None:
    shown = notebook.shown(daybook.warehouse)
    days = [str(day) for day in proof.days]
    assert [day["date"] for day in shown["visits"]] == [day["date"] for day in shown["money"]] == days
    assert len(shown["status"]) == len(GOLD_TABLES) * len(days) and len(shown["weekdays"]) == len(days)
    assert len(shown["quality"]) == len(SOURCE_TABLES) * len(days) and len(shown["reasons"]) > 10
    assert {"currency": "EUR", "rate": "1", "first_day": days[0], "last_day": days[-1]} in shown["rates"]
    assert {rate["currency"] for rate in shown["rates"]} > {"EUR"}
