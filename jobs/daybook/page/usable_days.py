"""Which days can be used? The last 30 days by layer: the file says it, and manifests where the file cannot."""

from datetime import date

from daybook.contracts import FIGURE_TABLES, LEDGER_TABLES, SOURCE_TABLES
from daybook.contracts.gold_model import GoldTable
from daybook.lake import manifest
from daybook.lake.paths import Lake
from daybook.lake.store import Store
from daybook.page.facts import Cell
from daybook.page.formatting import long_day
from daybook.page.warehouse import LOADED, Warehouse, shown_days
from daybook.warehouse import file_settings

Layers = dict[str, tuple[Cell, ...]]


def of_layers(warehouse: Warehouse | None, found: Layers, day: date) -> Layers:
    """The states of all layers; `found` are those of bronze and silver."""
    result = dict(found)
    for table in FIGURE_TABLES:
        result[_name(table)] = _figures(warehouse, table, day) if warehouse else _nowhere(day)
    result["file"] = _loaded(warehouse, day) if warehouse else _nowhere(day)
    first = _first_day(warehouse, day)
    return {
        name: tuple(cell if cell.day >= first else _before(cell.day) for cell in cells)
        for name, cells in result.items()
    }


def in_lake(store: Store, lake: Lake, warehouse: Warehouse | None, day: date, over: set[date]) -> Layers:
    """Bronze and silver: a day with a ledger in the file had both; manifests are asked of the others alone."""
    known = _complete(warehouse, day) if warehouse and warehouse.has("source_ledger_per_day") else {}
    first = _first_day(warehouse, day)
    before = [_before(of) for of in shown_days(day) if of < first]
    expected = [of for of in shown_days(day) if of >= first]
    return {
        "bronze": (*before, *(_bronze(store, lake, of, known.get(of)) for of in expected)),
        "silver": (*before, *(_silver(store, lake, of, known.get(of), of in over) for of in expected)),
    }


def _complete(warehouse: Warehouse, day: date) -> dict[date, bool]:
    """Whether each day with a ledger had ended when all of it was read."""
    query = "SELECT date, bool_and(is_complete) FROM source_ledger_per_day WHERE date BETWEEN ? AND ? GROUP BY 1"
    return {of: complete for of, complete in warehouse.rows(query, [shown_days(day)[0], day])}


def _bronze(store: Store, lake: Lake, day: date, complete: bool | None) -> Cell:
    if complete is None:
        batches = list({lake.bronze(table, day) for table in SOURCE_TABLES})
        found = manifest.read_all(store, batches)
        return _published(day, [live.manifest.complete if live else None for live in found.values()])
    return _published(day, [complete])


def _silver(store: Store, lake: Lake, day: date, complete: bool | None, over: bool) -> Cell:
    if complete is None:
        found = manifest.read_all(store, [lake.silver(table, day) for table in SOURCE_TABLES])
        return _published(day, [live.manifest.complete if live else None for live in found.values()])
    return Cell(day, "over", "over a limit") if over else _published(day, [complete])


def _published(day: date, complete: list[bool | None]) -> Cell:
    missing = complete.count(None)
    if missing:
        return Cell(day, "missing", f"{missing} of {len(complete)} missing")
    if not all(complete):
        return Cell(day, "provisional", "read before the day had ended")
    return Cell(day, "final", "complete")


def _figures(warehouse: Warehouse, table: GoldTable, day: date) -> tuple[Cell, ...]:
    columns = "date, is_final, final_after, waiting_for"
    query = f"SELECT {columns} FROM day_status WHERE table_name = ? AND date BETWEEN ? AND ? AND {LOADED}"
    rows = warehouse.rows(query, [table.name, shown_days(day)[0], day]) if warehouse.has("day_status") else []
    known = {row[0]: row[1:] for row in rows}
    restated = _restated_last(warehouse, table)
    return tuple(_figure(of, known.get(of), of in restated) for of in shown_days(day))


def _figure(day: date, status: tuple[bool | None, date, list[date]] | None, restated: bool) -> Cell:
    if status is None:
        return Cell(day, "missing", "not in the file")
    is_final, final_after, waiting_for = status
    if is_final is None:
        return Cell(day, "unknown", f"waits for {', '.join(map(long_day, waiting_for)) or 'what nobody knows'}")
    if restated:
        return Cell(day, "restated", "final, restated last night" if is_final else "provisional, restated last night")
    return Cell(day, "final", "final") if is_final else Cell(day, "provisional", f"until {long_day(final_after)}")


def _restated_last(warehouse: Warehouse, table: GoldTable) -> set[date]:
    """The days that the last load changed."""
    if not warehouse.has("restatements"):
        return set()
    last = "SELECT max(loaded_at)::TIMESTAMPTZ FROM load_history"
    query = f"SELECT DISTINCT date FROM restatements WHERE table_name = ? AND loaded_at = ({last})"
    return {of for (of,) in warehouse.rows(query, [table.name])}


def _loaded(warehouse: Warehouse, day: date) -> tuple[Cell, ...]:
    query = "SELECT ds, list(table_name) FROM load_history WHERE is_current AND ds BETWEEN ? AND ? GROUP BY 1"
    held = {of: tables for of, tables in warehouse.rows(query, [shown_days(day)[0], day])}
    return tuple(_held(of, set(held.get(of, ()))) for of in shown_days(day))


def _held(day: date, tables: set[str]) -> Cell:
    missing = [table.name for table in FIGURE_TABLES if table.name not in tables]
    if missing:
        is_half = len(missing) < len(FIGURE_TABLES)
        return Cell(day, "missing", f"half a day, without {' and '.join(missing)}" if is_half else "not loaded")
    has_ledgers = all(table.name in tables for table in LEDGER_TABLES)
    return Cell(day, "final", "loaded" if has_ledgers else "loaded, without ledgers")


def _nowhere(day: date) -> tuple[Cell, ...]:
    return tuple(Cell(of, "missing", "no warehouse") for of in shown_days(day))


def _first_day(warehouse: Warehouse | None, day: date) -> date:
    """The first day that is expected: what the loader was told, or an older one in the file; without a file, any."""
    if warehouse is None:
        return shown_days(day)[0]
    told = None
    if warehouse.has(file_settings.TABLE.name):
        [(told,)] = warehouse.rows(f"SELECT {file_settings.value(file_settings.FIRST_DAY)}::DATE")
    [(oldest,)] = warehouse.rows("SELECT min(ds) FROM load_history WHERE is_current")
    return min(of for of in (told, oldest, day) if of)


def _before(day: date) -> Cell:
    return Cell(day, "before", "before the first day")


def _name(table: GoldTable) -> str:
    return table.view.removesuffix("_per_day").replace("_", " ")
