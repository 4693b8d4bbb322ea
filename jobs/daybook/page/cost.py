"""What did the night cost? By the records of the last 30 days' runs, and by what the day's manifests hold."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from statistics import median

from daybook import days
from daybook.errors import DaybookError
from daybook.lake.paths import Lake
from daybook.lake.store import Store
from daybook.page.facts import Cost, Layer, Made, NightCost, Price, Step
from daybook.page.formatting import short
from daybook.page.warehouse import shown_days
from daybook.process.runs import since
from daybook.records.run_record import RunRecord
from daybook.settings import CpuPrice

JOBS = ("extract_postgres", "extract_cassandra", "silver", "gold", "day", "load_duckdb", "verify", "page")
TOO_SLOW = 2  # times the median
NOTICED = 10  # seconds more than usual; two seconds instead of none are twice as many, and nobody's concern
ENOUGH = 7  # runs before; of fewer a median says nothing


def of_day(
    records: Sequence[RunRecord], made: Iterable[Made], day: date, now: datetime, price: CpuPrice | None
) -> Cost:
    """The runs of the last nights, each job's last run for the day, and what the day has in each layer."""
    steps = {job: step for job in JOBS if (step := _step(job, records, day, now))}
    return Cost(_nights(records, now), steps, _layers(made), _price(steps.values(), price))


def records(store: Store, lake: Lake, warehouse: Path, now: datetime) -> list[RunRecord]:
    """The records of the last 30 nights; none where they cannot be read."""
    try:
        return since(shown_days(days.of(now))[0], store, lake.places, warehouse)
    except (DaybookError, OSError):
        return []


def slow(cost: Cost) -> tuple[str, ...]:
    """A sentence for each step that took far longer than it does."""
    return tuple(
        f"{job}: {step.seconds:,.0f} s, usual are {step.usual:,.0f} s"
        for job, step in cost.steps.items()
        if step.usual and step.seconds and step.seconds > max(TOO_SLOW * step.usual, step.usual + NOTICED)
    )


def _nights(records: Sequence[RunRecord], now: datetime) -> tuple[NightCost, ...]:
    """The seconds of each job by the date on which its runs began."""
    found: dict[date, dict[str, float]] = {}
    for record in records:
        if (seconds := _seconds(record)) is not None and record.job in JOBS:
            night = found.setdefault(days.of(record.started_at), {})
            night[record.job] = night.get(record.job, 0.0) + seconds
    return tuple(NightCost(of, found[of]) for of in shown_days(days.of(now)) if of in found)


def _step(job: str, records: Sequence[RunRecord], day: date, now: datetime) -> Step | None:
    """The job's last run for the day that is over, against the median of those before it that did as many days."""
    own = [record for record in records if record.job == job and record.state(now) != "running"]  # this very run is
    runs = [run for run in own if run.first_day and run.last_day and run.first_day <= day <= run.last_day]
    if not runs:
        return None
    last = runs[-1]
    before = own[: own.index(last)]
    took = [s for record in before if _alike(record, last) and (s := _seconds(record)) is not None]
    usual = median(took) if len(took) >= ENOUGH else None
    return Step(
        _seconds(last),
        usual,
        last.cpu_seconds,
        last.peak_memory_bytes,
        last.state(now),
        last.started_at,
        short(last.application_id) if last.application_id else None,
    )


def _alike(record: RunRecord, other: RunRecord) -> bool:
    """Whether both did work, of as many days: what finds nothing to do is no measure."""
    return _span(record) == _span(other) and _worked(record) == _worked(other) and record.exit_code == 0


def _span(record: RunRecord) -> int:
    return (record.last_day - record.first_day).days if record.first_day and record.last_day else 0


def _worked(record: RunRecord) -> bool:
    return any(table_day.changed for table_day in record.table_days)


def _price(steps: Iterable[Step], price: CpuPrice | None) -> Price | None:
    known = [step.cpu_seconds for step in steps if step.cpu_seconds is not None]
    if price is None or not known:
        return None
    return Price(sum(known) * price.per_hour / 3600, price.currency, sum(known), price.per_hour)


def _seconds(record: RunRecord) -> float | None:
    return (record.ended_at - record.started_at).total_seconds() if record.ended_at else None


def _layers(made: Iterable[Made]) -> dict[str, Layer]:
    found: dict[str, Layer] = {}
    for each in made:
        so_far = found.get(each.layer, Layer(0, 0))
        found[each.layer] = Layer(so_far.rows + each.rows, so_far.bytes + each.bytes)
    return found
