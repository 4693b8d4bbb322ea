"""Gold follows its inputs: a late neighbour or a changed rate restates exactly the days it concerns."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import Daybook

from daybook.lake import manifest
from daybook.lake.paths import Batch
from local.proof import Proof

pytestmark = pytest.mark.e2e
GOLD = ("global_user_activity_per_day", "global_notif_impact_per_day")


@pytest.fixture
def own_gold(daybook: Daybook, proof: Proof, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """A gold layer of this test's own, over the silver that is there."""
    yield {"DAYBOOK_GOLD": f"{daybook.lake.gold}/{request.node.name}"}


def versions(daybook: Daybook, proof: Proof, root: str, table: str) -> dict[int, int]:
    """Day of the month → manifest version."""
    batches = (Batch("gold", root, table, day) for day in proof.days)
    return {b.day.day: live.manifest.version for b in batches if (live := manifest.read(daybook.store, b))}


def ledgers(daybook: Daybook, proof: Proof, root: str) -> list[Any]:
    batches = [Batch("gold", root, table, day) for table in GOLD for day in proof.days]
    return [live.manifest.tables[b.name].ledger for b in batches if (live := manifest.read(daybook.store, b))]


def test_a_run_writes_the_days_that_read_it_and_leaves_the_others_alone(
    daybook: Daybook, proof: Proof, own_gold: dict[str, str]
) -> None:
    root = own_gold["DAYBOOK_GOLD"]
    assert daybook.submit("gold", "--ds", "2025-03-03", **own_gold).code == 0
    assert versions(daybook, proof, root, GOLD[0]) == {2: 1, 3: 1}
    assert versions(daybook, proof, root, GOLD[1]) == {1: 1, 2: 1, 3: 1}
    assert daybook.submit("gold", "--ds", "2025-03-01", **own_gold).code == 0
    assert versions(daybook, proof, root, GOLD[0]) == {1: 1, 2: 1, 3: 1}
    assert ledgers(daybook, proof, root) == ledgers(daybook, proof, daybook.lake.gold)


def test_a_changed_rate_restates_the_days_it_is_valid_for(
    daybook: Daybook, proof: Proof, own_gold: dict[str, str], tmp_path: Path
) -> None:
    root, rates = own_gold["DAYBOOK_GOLD"], tmp_path / "rates.csv"
    original = (Path(__file__).parents[2] / "conf" / "exchange_rates.csv").read_text()
    rates.write_text(original)
    changes = own_gold | {"DAYBOOK_EXCHANGE_RATES": str(rates)}
    days = ("--from", "2025-03-01", "--to", "2025-03-03")
    assert daybook.submit("gold", *days, **changes).code == 0
    rates.write_text(original + "USD,2025-03-03,0.50\n")
    assert daybook.submit("gold", *days, **changes).code == 0
    assert versions(daybook, proof, root, GOLD[0]) == {1: 1, 2: 1, 3: 2}
    assert versions(daybook, proof, root, GOLD[1]) == {1: 1, 2: 1, 3: 1}
