"""`make demo`: seed, run three days, then print the answers and the proof that they are right."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from itertools import groupby

import duckdb

from daybook import settings as daybook_settings
from daybook.contracts import FIGURE_TABLES, GOLD_TABLES, SOURCE_TABLES
from local import settings
from local.demo.proof import Planted, Proof
from local.run import page, run
from toolchain import places
from toolchain.report import LocalError

ROWS_SHOWN = 5
WIDTH = 160
_SHARE = "CAST(rejected_share AS DECIMAL(6, 5)) AS rejected_share"
_STATUS = f"SELECT table_name, date, is_final, final_after, waiting_for, version, {_SHARE} FROM day_status"


def main() -> int:
    """Run the demonstration; 1 when a planted row was not found again."""
    os.environ.pop("PGHOST", None)  # the demonstration runs on the local stack, whatever the caller's settings name
    home = places.state_home()
    expectation = home / "seed.json"
    before = expectation.read_text() if expectation.exists() else None
    _title("Seeding PostgreSQL and Cassandra")
    seeding = os.environ | settings.read(home / "admin.env")
    subprocess.run([sys.executable, "-m", "local.seed"], env=seeding, check=True)
    days = list(json.loads(expectation.read_text())["days"])
    os.environ["DAYBOOK_FIRST_DAY"] = days[0]  # the days before are not missed
    _title(f"Running {days[0]} to {days[-1]}: source → bronze → silver → gold → DuckDB")
    # Other data than last time means that bronze is no longer what the source says. The warehouse is made anew,
    # because the one at this place may be another lake's.
    refresh = before != expectation.read_text()
    code = run(["--from", days[0], "--to", days[-1]], home, refresh=refresh, rebuild=True)
    if code:
        return code
    os.environ.update(settings.read(home / "env"))
    proof = Proof.of(daybook_settings.lake(), expectation)
    for day in proof.days:
        _ledgers(proof, day)
    wrong = _dirt(list(proof.findings()))
    _answers()
    _title("The days' pages: may I use it, what happened, what changed, what was refused")
    code = page(["--from", days[0], "--to", days[-1]], home)
    return 1 if wrong else code


def _title(text: str) -> None:
    print(f"\n{text}\n{'─' * len(text)}", flush=True)


def _ledgers(proof: Proof, day: date) -> None:
    _title(f"Ledgers of {day}: source = bronze = silver + rejected + duplicates")
    print(f"{'':<24}{'source':>8}{'bronze':>8}{'silver':>8}{'rejected':>10}{'duplicates':>12}")
    for table in SOURCE_TABLES:
        source, kept = proof.bronze(table, day).ledger, proof.silver(table, day).ledger
        counted = "–" if source["source"] is None else f"{source['source']:,}"
        counts = f"{counted:>8}{source['bronze']:>8,}{kept['silver']:>8,}"
        print(f"{table.name:<24}{counts}{kept['rejected']:>10,}{kept['duplicates']:>12,}")
    for gold in GOLD_TABLES:
        ledger = proof.gold(gold, day).ledger
        print(f"{gold.name}: " + ", ".join(f"{name} {value}" for name, value in ledger.items()))


def _dirt(findings: Iterable[Planted]) -> int:
    """Print what was planted and found, by kind; return how many kinds differ."""
    _title("Planted dirt, found again (planted/found by day)")
    kinds = sorted((f for f in findings if _is_dirt(f)), key=lambda f: f.what)
    wrong = 0
    for what, by_day in groupby(kinds, key=lambda f: f.what):
        days = list(by_day)
        right = all(finding.right for finding in days)
        wrong += not right
        counts = "".join(f"{f.planted}/{f.found}".rjust(10) for f in days)
        print(f"{what:<48}{counts}  {'' if right else '  DIFFERS'}")
    print("every planted row was found again" if not wrong else f"{wrong} kinds differ")
    return wrong


def _is_dirt(finding: Planted) -> bool:
    return not finding.what.endswith((" bronze", " silver")) and (finding.planted, finding.found) != (0, 0)


def _answers() -> None:
    path = daybook_settings.duckdb_path()
    with duckdb.connect(str(path), read_only=True) as warehouse:
        for table in FIGURE_TABLES:
            _title(f"{table.name}: {table.grain}")
            warehouse.table(table.name).limit(ROWS_SHOWN).show(max_width=WIDTH, max_col_width=40)
        _title("day_status: may a day be used?")
        figures = ", ".join(f"'{table.name}'" for table in FIGURE_TABLES)
        warehouse.sql(f"{_STATUS} WHERE table_name IN ({figures}) ORDER BY ALL").show(max_width=WIDTH)
    print(f"The answers are in {path}; README, “Ask”, shows how to query them.")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except LocalError as error:
        sys.exit(str(error))
