"""What the demonstration shows at its end: the ledger, whether all planted rows were found, the answers."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path

import duckdb

from daybook.contracts import FIGURE_TABLES, GOLD_TABLES, SOURCE_TABLES
from local.demo.log import Log
from local.demo.proof import Planted, Proof

ROWS_SHOWN = 3
WIDTH = 120
_SHORT = "left(user_id::VARCHAR, 8) || '…' AS user_id"
_USABLE = """
    SELECT date, CASE WHEN bool_and(is_final) THEN 'final' ELSE 'provisional' END AS usable, max(final_after) AS
    final_after_the_run_for, sum(rejected_share::DECIMAL(6, 5)) / count(*) AS rejected_share
    FROM day_status WHERE table_name IN (SELECT unnest(?)) GROUP BY date ORDER BY date"""


def show(proof: Proof, warehouse: Path, log: Log) -> bool:
    """Print the newest day's ledger, the sum of what was planted, and answers; return whether all was found again."""
    for day in proof.days:
        for line in _ledger(proof, day):
            log.say(line)
    newest = proof.days[-1]
    _title(f"Ledger of {newest}: source = bronze = silver + rejected + duplicates")
    print("\n".join(_sources(proof, newest)))
    right = _dirt(list(proof.findings()), log)
    _answers(warehouse)
    return right


def _title(text: str) -> None:
    print(f"\n{text}", flush=True)


def _ledger(proof: Proof, day: date) -> Iterator[str]:
    yield f"ledger of {day}"
    yield from _sources(proof, day)
    for gold in GOLD_TABLES:
        ledger = proof.gold(gold, day).ledger
        yield f"{gold.name}: " + ", ".join(f"{name} {value}" for name, value in ledger.items())


def _sources(proof: Proof, day: date) -> Iterator[str]:
    yield f"  {'':<24}{'source':>8}{'bronze':>8}{'silver':>8}{'rejected':>10}{'duplicates':>12}"
    for table in SOURCE_TABLES:
        source, kept = proof.bronze(table, day).ledger, proof.silver(table, day).ledger
        counted = "–" if source["source"] is None else f"{source['source']:,}"
        counts = f"{counted:>8}{source['bronze']:>8,}{kept['silver']:>8,}"
        yield f"  {table.name:<24}{counts}{kept['rejected']:>10,}{kept['duplicates']:>12,}"


def _dirt(findings: list[Planted], log: Log) -> bool:
    """Write what was planted and found, by kind, to the log; show what differs, or that nothing does."""
    kinds = sorted((f for f in findings if _is_dirt(f)), key=lambda f: f.what)
    # A row may have several reasons to be rejected: rows are counted once, reasons are the kinds.
    planted = sum(f.planted for f in kinds if f.what.endswith((" rejected", " duplicates", "late clicks")))
    count = len({f.what for f in kinds if not f.what.endswith(" rejected")})
    differing = []
    log.say("planted/found, by day")
    for what, by_day in groupby(kinds, key=lambda f: f.what):
        days = list(by_day)
        line = f"{what:<48}" + "".join(f"{f.planted}/{f.found}".rjust(10) for f in days)
        log.say(line)
        if not all(f.right for f in days):
            differing.append(f"  {line}  DIFFERS")
    print("\n".join(differing or [f"{planted} rows of {count} kinds of dirt were planted: each was found again"]))
    return not differing


def _is_dirt(finding: Planted) -> bool:
    return not finding.what.endswith((" bronze", " silver")) and (finding.planted, finding.found) != (0, 0)


def _answers(path: Path) -> None:
    with duckdb.connect(str(path), read_only=True) as warehouse:
        for table in FIGURE_TABLES:
            _title(f"{table.name}: {table.grain}")
            warehouse.sql(f"SELECT * REPLACE ({_SHORT}) FROM {table.name} LIMIT {ROWS_SHOWN}").show(max_width=WIDTH)
        _title("May a day be used?")
        warehouse.sql(_USABLE, params=[[table.name for table in FIGURE_TABLES]]).show(max_width=WIDTH)
