"""One big day with the default settings: what each job takes, and what silver and gold make Spark do.

1,000,000 session events, 300,000 messages, 300,000 purchases, 500,000 notifications and their states, 200,000 users
(and what the day before left); another number of users scales all of them.

    make benchmark B=big_day
    make benchmark B="big_day --users 20000"
"""

import argparse
from pathlib import Path

from benchmarks import event_log, measure
from benchmarks.event_log import Work

DAY = "2025-03-01"
COUNTS = ("jobs", "stages", "scans", "shuffles")


def main() -> None:
    """Seed, run the five jobs, print what they took and what their Spark jobs were."""
    parser = argparse.ArgumentParser(prog="make benchmark B=big_day", description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=200_000)
    options = parser.parse_args()
    with measure.own_stack() as stack:
        measure.seed(stack, "--days", "1", "--users", str(options.users))
        print(f"\n{'job':<20}{measure.HEAD}")
        for job in measure.JOBS:
            print(f"{job:<20}{measure.run(stack, job, '--ds', DAY)}", flush=True)
        for log in sorted(Path(stack.settings("etl")["DAYBOOK_EVENT_LOG"]).glob("*.zstd")):
            _show(*event_log.of(log))


def _show(name: str, works: dict[str, Work]) -> None:
    heads = "".join(f"{head:>9}" for head in COUNTS)
    print(f"\n{name}\n{'':<68}{heads}{'rows read':>12}{'shuffled':>12}{'task time':>11}")
    for what, work in works.items():
        counts = "".join(f"{getattr(work, count):>9}" for count in COUNTS)
        print(f"{what:<68}{counts}{work.rows_read:>12,}{work.shuffled / 1e6:>9.1f} MB{work.seconds:>9.1f} s")
    sums = (sum(getattr(work, count) for work in works.values()) for count in COUNTS)
    print(f"{'in all':<68}" + "".join(f"{total:>9}" for total in sums))


if __name__ == "__main__":
    main()
