"""All facts of a day, from the file and the lake, also of a night that left only some of it."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from daybook import commands, days
from daybook.contracts import FIGURE_TABLES, SOURCE_TABLES
from daybook.contracts.rejected_rows_per_day import REJECTED_ROWS_PER_DAY
from daybook.contracts.source_ledger_per_day import SOURCE_LEDGER_PER_DAY
from daybook.errors import DaybookError, UsageError
from daybook.lake.paths import Lake
from daybook.lake.store import Store
from daybook.page import changes, cost, figures, freshness, ledger, limits, made, usable_days, verdict
from daybook.page.facts import Cell, Facts, Freshness, Made
from daybook.page.limits import Limits
from daybook.page.usable_days import Layers
from daybook.page.warehouse import Warehouse, opened, shown_days
from daybook.proof.chain import Walked
from daybook.settings import CpuPrice
from daybook.warehouse import history

_FIGURES = [table.name for table in FIGURE_TABLES]


def gather(store: Store, lake: Lake, path: Path, day: date, due: timedelta, price: CpuPrice | None = None) -> Facts:
    """What the page of a day says; `due` is how long after the day's end the next one is to be there.

    A link that is missing makes the verdict, and no error: the rest is what there is to say.
    """
    with ExitStack() as stack:
        warehouse, unreadable = _opened(stack, path)
        proof = unreadable or verdict.walked(store, lake, path, day)
        judged = limits.judged(warehouse, day) if warehouse else Limits()
        found, batches = _of_lake(store, lake, warehouse, day, judged)
        now = datetime.now(UTC).replace(microsecond=0)
        runs = cost.records(store, lake, path, now) if batches else []
        spent = cost.of_day(runs, batches, day, now, price)
        facts = Facts(
            day=day,
            verdict=verdict.of(proof),
            made_at=now,
            valid_until=days.ends(day) + due,
            days=usable_days.of_layers(warehouse, found, day),
            freshness=Freshness(days.ends(day)),
            warnings=(*judged.sentences(day), *cost.slow(spent)),
            made=batches,
            cost=spent,
        )
        return _with_file(facts, warehouse, judged, proof) if warehouse else facts


def _opened(stack: ExitStack, path: Path) -> tuple[Warehouse | None, DaybookError | None]:
    """The file, or why it cannot be read; neither where there is none."""
    if not path.exists():
        return None, None
    try:
        warehouse = stack.enter_context(opened(path))
    except DaybookError as error:
        return None, error
    if warehouse.has(history.TABLE.name):
        return warehouse, None
    return None, UsageError(f"warehouse {path}: not a Daybook warehouse", then=commands.REBUILD)


def _with_file(facts: Facts, warehouse: Warehouse, judged: Limits, proof: Walked | DaybookError) -> Facts:
    """The facts with all that the file says; a ledger that an older Daybook left out is not there."""
    day = facts.day
    status = warehouse.status(_FIGURES, day)
    changed = changes.since_loaded(warehouse, day)
    has_ledger = warehouse.has(SOURCE_LEDGER_PER_DAY.name, REJECTED_ROWS_PER_DAY.name)
    return replace(
        facts,
        verdict=verdict.of(proof, status, judged.sentences(day), changed, cost.slow(facts.cost)),
        figures=figures.of_day(warehouse, day, status, freshness.currency(warehouse, day)),
        changes=changed,
        freshness=freshness.of_day(warehouse, day),
        ledger=ledger.of_day(warehouse, day, judged) if has_ledger else {},
        reasons=ledger.reasons_of_day(warehouse, day, judged) if has_ledger else (),
    )


def _of_lake(
    store: Store, lake: Lake, warehouse: Warehouse | None, day: date, judged: Limits
) -> tuple[Layers, tuple[Made, ...]]:
    """What the lake says; where it cannot be asked, nobody knows."""
    over = {of for of in shown_days(day) if any(judged.is_over(of, table.name) for table in SOURCE_TABLES)}
    try:
        return usable_days.in_lake(store, lake, warehouse, day, over), made.of_day(store, lake, day)
    except DaybookError:
        cells = tuple(Cell(of, "unknown", "the lake cannot be read") for of in shown_days(day))
        return {"bronze": cells, "silver": cells}, ()
