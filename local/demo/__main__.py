"""`make demo`: servers, seeded data, three days run; then the proof, the answers and the page's address on one screen.

What the jobs print, every day's ledger and every kind of planted row go to a log, which the screen names.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path

from daybook import settings as daybook_settings
from daybook.page.files import page_of
from local import settings
from local.demo import rates, screen
from local.demo.chosen import DAYS, first_day
from local.demo.log import Log
from local.demo.proof import Proof
from local.run import page, run, told
from local.stack import Stack
from toolchain import places, stores
from toolchain.report import LocalError, say, step

TABLE_DAYS = 66  # of three days: 9 tables of bronze and of silver, 4 of gold
SOURCES = 9


def main() -> int:
    """Run the demonstration; 1 when a planted row was not found again."""
    os.environ.pop("PGHOST", None)  # the demonstration runs on the local stack, whatever the caller's settings name
    first = first_day(os.environ)
    days = [str(first + timedelta(days=n)) for n in range(DAYS)]
    home = places.state_home()
    log = Log(home / "logs" / "demo.log")
    say(f"The demonstration: {days[0]} to {days[-1]}, from the sources to the answers; details: {log.path}")
    stack = Stack(home)
    stack.up()
    log.begin()
    shown = home / f"seed.{stores.chosen(home)}.json"  # what this store's lake has been made from
    refresh = _seeded(home, days, shown, log)
    os.environ["DAYBOOK_FIRST_DAY"] = days[0]  # the days before are not missed
    rates.write(first, home / settings.DEMO_RATES)
    stack.write_settings()  # which name these rates from now on
    _ran(home, days, refresh, log)
    shown.write_text((home / "seed.json").read_text())
    os.environ.update(settings.read(home / "env"))
    proof = Proof.of(daybook_settings.lake(), home / "seed.json")
    right = screen.show(proof, daybook_settings.duckdb_path(), log)
    print(f"page  {page_of(daybook_settings.duckdb_path(), proof.days[-1]).as_uri()}")
    print(f"file  {daybook_settings.duckdb_path()}: README, “Ask”, shows how to query it")
    print(f"log   {log.path}: what the jobs printed, all ledgers, every kind of planted row")
    return 0 if right else 1


def _seeded(home: Path, days: list[str], shown: Path, log: Log) -> bool:
    """Fill both databases; return whether they hold other data than those that were last shown to the end.

    Then bronze may not be what the sources say.
    """
    expectation = home / "seed.json"
    command = [sys.executable, "-m", "local.seed", "--start", days[0], "--expect", str(expectation)]
    env = os.environ | settings.read(home / "admin.env")
    with step("PostgreSQL and Cassandra are seeded"), log.counted("seeding", SOURCES, " rows ") as each:
        if code := told(command, env, each):
            raise log.failure(f"the seeding ended with exit code {code}")
    return not shown.exists() or shown.read_text() != expectation.read_text()


def _ran(home: Path, days: list[str], refresh: bool, log: Log) -> None:
    """Run the days and make their pages.

    The warehouse is made anew: the one at this place may be another lake's.
    """
    span = ["--from", days[0], "--to", days[-1]]
    with log.counted("source → bronze → silver → gold", TABLE_DAYS, " bronze ", " silver ", " gold ") as each:
        code = run(span, home, refresh=refresh, rebuild=True, each=each)
    if code == 0:
        with step("the days' pages"):
            code = page(span, home, log.write)
    if code:
        raise log.failure(f"a job ended with exit code {code}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except LocalError as error:
        print(f"{error}", file=sys.stderr)
        sys.exit(error.exit_code)
