"""How a day's cost grows: the four Spark jobs on a big day, on ten times of it, and on a month of days at once.

Each with the heap of conf/spark-defaults.conf. Servers are this benchmark's own, anew for each load; to seed the
largest takes longer than to measure it.

    make benchmark B=growth
    make benchmark B="growth big_month"             # loads by their names
"""

import argparse

from benchmarks import measure
from benchmarks.peers.loads import LOADS, Load


def main() -> None:
    """Seed each load, run the jobs on it, print what each took, its last line, and the factor against the first."""
    parser = argparse.ArgumentParser(prog="make benchmark B=growth", description=__doc__.splitlines()[0])
    parser.add_argument("loads", nargs="*", metavar="LOAD", help="big, tenfold, big_month")
    names = parser.parse_args().loads or ["big", "tenfold", "big_month"]
    first: dict[str, float] = {}
    for load in [LOADS[name] for name in names]:
        _measure(load, first)


def _measure(load: Load, first: dict[str, float]) -> None:
    with measure.own_stack() as stack:
        load.seed(stack)
        print(f"\n{load}\n{'job':<20}{measure.HEAD}{'factor':>9}")
        for job in measure.JOBS[:-1]:
            try:
                usage = measure.run(stack, job, *load.arguments)
            except measure.Failed as failed:
                print(f"{job:<20}failed: {failed}", flush=True)
                return
            factor = usage.seconds / first.setdefault(job, usage.seconds)
            print(f"{job:<20}{usage}{factor:>9.2f}  {measure.last_line(stack, job)}", flush=True)


if __name__ == "__main__":
    main()
