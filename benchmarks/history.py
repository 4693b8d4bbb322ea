"""What a day costs to read from Cassandra when its tables hold ten times as much, compacted into one file each.

A day is a filter in every partition: what else lies there should cost little. Servers are this benchmark's own, anew
for each history.

    make benchmark B=history
    make benchmark B="history --users 5000 --days 30"
"""

import argparse
import os
from contextlib import ExitStack
from statistics import median
from unittest.mock import patch

from benchmarks import measure
from benchmarks.peers.loads import Load
from local.servers.cassandra import KEYSPACE, nodetool
from local.servers.ports import choose
from local.stack import Stack
from toolchain import setup

_TIMES = 3


def main() -> None:
    """Seed one day, then as many as asked for; read the first day of each, print what it took and the factor."""
    parser = argparse.ArgumentParser(prog="make benchmark B=history", description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=20_000, help="of each day (%(default)s)")
    parser.add_argument("--days", type=int, default=10, help="of the longer history (%(default)s)")
    options = parser.parse_args()
    first = None
    for days in (1, options.days):
        seconds = _measured(Load("history", options.users, days))
        first = first or seconds
        print(f"{days} days: {seconds:.1f} s in the middle of {_TIMES}, factor {seconds / first:.2f}", flush=True)


def _measured(load: Load) -> float:
    """Seconds of the extraction of the first day, the median of several."""
    port, taken = choose(["jmx"], {})["jmx"], []
    with ExitStack() as ends:
        with patch.dict(os.environ, JDK_JAVA_OPTIONS=f"-Dcassandra.jmx.local.port={port}"):
            stack = ends.enter_context(measure.own_stack())
        load.seed(stack)
        tools = setup.load()
        for task in ("flush", "compact"):
            nodetool(tools.java_home, tools.cassandra_jars, port, task, KEYSPACE)
        print(f"\n{load}: Cassandra holds {_held(stack) / 1e6:.0f} MB\n{'job':<20}{measure.HEAD}")
        for _ in range(_TIMES):
            usage = measure.run(stack, "extract_cassandra", "--ds", str(load.span[0]), "--refresh")
            print(f"{'extract_cassandra':<20}{usage}  {measure.last_line(stack, 'extract_cassandra')}", flush=True)
            taken.append(usage.seconds)
    return median(taken)


def _held(stack: Stack) -> int:
    """Bytes of the tables on the server's disk."""
    folder = stack.home / "cassandra" / "sstables" / KEYSPACE
    return sum(path.stat().st_size for path in folder.rglob("*-Data.db"))


if __name__ == "__main__":
    main()
