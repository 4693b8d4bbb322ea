"""What a busy user costs: a million events more on a big day, of a hundred thousand users, of one, and of one session.

Each step should cost what its rows cost, whoever they are of. Servers are this benchmark's own, anew for each.

    make benchmark B=busy_user
    make benchmark B="busy_user --users 20000"      # a smaller day, and fewer events
"""

import argparse

from benchmarks import measure
from benchmarks.peers.loads import LOADS, add_events
from local.seed.plan import Plan

DAY = "2025-03-01"
JOBS = measure.JOBS[:-1]


def main() -> None:
    """Seed each day, run the four Spark jobs, print what each took and the factor against the even day."""
    parser = argparse.ArgumentParser(prog="make benchmark B=busy_user", description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=LOADS["big"].users, help="of the day (%(default)s)")
    users = parser.parse_args().users
    events = int(users * Plan.events_per_user)
    even: dict[str, float] = {}
    for name, shape in (
        ("of many users", (events, users // 2, users // 2)),
        ("of one user, in 1,000 sessions", (events,)),
        ("of one session", (events, 1, 1)),
    ):
        with measure.own_stack() as stack:
            measure.seed(stack, "--days", "1", "--users", str(users))
            add_events(stack, *shape)
            print(f"\n{events:,} events more, {name}")
            print(f"{'job':<20}{'wall clock':>10}{'':>15}{'peak memory':>12}{'factor':>9}")
            for job in JOBS:
                usage = measure.run(stack, job, "--ds", DAY)
                factor = usage.seconds / even.setdefault(job, usage.seconds)
                print(f"{job:<20}{usage}{factor:>9.2f}", flush=True)


if __name__ == "__main__":
    main()
