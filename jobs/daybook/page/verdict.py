"""May the day be used? The chain of proof says whether it is there, `day_status` whether it stays as it is."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from daybook.contracts import FIGURE_TABLES
from daybook.errors import DaybookError
from daybook.lake.paths import Lake
from daybook.lake.store import Store
from daybook.page.facts import Changes, State, Verdict
from daybook.page.formatting import long_day
from daybook.page.warehouse import Status
from daybook.proof import chain
from daybook.proof.chain import Walked

MOST_REASONS = 3
_HEADLINES: dict[State, str] = {
    "red": "Do not use.",
    "unknown": "Usable, but whether it is final is unknown.",
    "provisional": "Usable, provisional.",
    "final": "Usable and final.",
}


def walked(store: Store, lake: Lake, warehouse: Path, day: date) -> Walked | DaybookError:
    """What proves the day, or the first link of the chain that is missing, with what makes it."""
    try:
        return chain.verify(store, lake, warehouse, day)
    except DaybookError as error:
        return error


def of(
    proof: Walked | DaybookError,
    status: Sequence[Status] = (),
    warnings: Sequence[str] = (),
    changes: Changes = Changes(),  # noqa: B008 -- it is frozen
    slow: Sequence[str] = (),
) -> Verdict:
    """The verdict on a day by its proof, and, if that is whole, by what is known of each table of figures.

    What is odd in the day comes before what was restated, and that before what only took long.
    """
    if isinstance(proof, DaybookError):
        return Verdict("red", _HEADLINES["red"], _worst([str(proof), *_half(status), *warnings]), proof.then)
    state = _state(status)
    restated = len(changes.final) + changes.more_final
    reasons = [*warnings]
    if restated:
        reasons.append(
            f"{_count(restated, 'figure')} that had been final {'was' if restated == 1 else 'were'} restated"
        )
    stands_by = f"{_count(proof.manifests, 'manifest')} and the warehouse agree, and every ledger balances"
    wait = _wait(state, status, proof.incomplete)
    return Verdict(state, _HEADLINES[state], _worst([*reasons, *slow]), wait, stands_by)


def _half(status: Sequence[Status]) -> list[str]:
    """That the file has some of the day's figures and not all, if it is so."""
    there = {each.table for each in status if each.is_loaded}
    missing = [table.name for table in FIGURE_TABLES if table.name not in there]
    return [f"The file holds half of the day, without {' and '.join(missing)}"] if there and missing else []


def _state(status: Sequence[Status]) -> State:
    """The least certain of the tables decides."""
    if not status or any(each.is_final is None for each in status):
        return "unknown"
    return "final" if all(each.is_final for each in status) else "provisional"


def _wait(state: State, status: Sequence[Status], incomplete: Sequence[date]) -> str | None:
    """What has to happen until it is final: days come in order, but one that was `incomplete` is to be run again."""
    if state == "provisional":
        absent = {day for each in status if not each.is_final for day in each.waiting_for} - {*incomplete}
        runs = sorted({*incomplete, *([max(absent)] if absent else [])})
        runs = runs or [max(each.final_after for each in status if not each.is_final)]
        return f"Final after the run{'' if len(runs) == 1 else 's'} for {' and '.join(map(long_day, runs))}"
    if state == "unknown":
        days = sorted({day for each in status if each.is_final is None for day in each.waiting_for})
        return f"Waits for {', '.join(map(long_day, days))}" if days else "The file does not say what it is made from"
    return None


def _worst(reasons: Sequence[str]) -> tuple[str, ...]:
    return tuple(reasons[:MOST_REASONS])


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
