"""Replace the data of both databases by generated data, and record what Daybook must make of it."""

import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool

from local.seed.expectation import expectation, write
from local.seed.load import SERVER_FAILURES, empty_all, load_all
from local.seed.options import Options, parse
from toolchain.report import LocalError

NEEDED = """
    PGHOST PGPORT PGDATABASE PGUSER PGPASSWORD CASSANDRA_HOSTS CASSANDRA_PORT CASSANDRA_KEYSPACE
    CASSANDRA_USERNAME CASSANDRA_PASSWORD CASSANDRA_LOCAL_DC
""".split()


def main(arguments: Sequence[str]) -> int:
    """Seed; 2 for wrong settings, 1 when a server refuses or is away."""
    options = parse(arguments)
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        print(f"not set: {', '.join(missing)}; run: . .local/admin.env", file=sys.stderr)
        return 2
    try:
        _seed(options)
    except (LocalError, BrokenProcessPool, *SERVER_FAILURES) as failure:
        print(f"seeding failed: {' '.join(str(failure).split())}; see: make status", file=sys.stderr)
        return 1
    return 0


def _seed(options: Options) -> None:
    plan, started = options.plan, time.monotonic()
    print(
        f"Replacing all rows of PostgreSQL {os.environ['PGDATABASE']} and Cassandra"
        f" {os.environ['CASSANDRA_KEYSPACE']}: {plan.users:,} users, {plan.days} day(s) from {plan.start}"
    )
    empty_all()
    tally = load_all(plan, options.processes)
    write(options.expect, expectation(plan, tally))
    print(f"  {'in all':<22} {tally.total():>12,} rows {time.monotonic() - started:>8.1f} s")
    print(f"Expected ledger: {options.expect}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
