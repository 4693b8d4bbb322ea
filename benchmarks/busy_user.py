"""What a busy user costs: a million events more on a big day, of a hundred thousand users, of one, and of one session.

Each step should cost what its rows cost, whoever they are of. Servers are this benchmark's own, anew for each.

    make benchmark B=busy_user
    make benchmark B="busy_user --users 20000"      # a smaller day, and fewer events
"""

import argparse

from benchmarks import measure
from benchmarks.peers.loads import LOADS, Load, add_events

JOBS = measure.JOBS[:-1]


def main() -> None:
    """Seed each day, run the four Spark jobs, print what each took and the factor against the even day."""
    parser = argparse.ArgumentParser(prog="make benchmark B=busy_user", description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=LOADS["big"].users, help="of the day (%(default)s)")
    load = Load("big", parser.parse_args().users)
    even: dict[str, float] = {}
    for name, shape in (
        ("of many users", (load.events, load.users // 2, load.users // 2)),
        ("of one user, in 1,000 sessions", (load.events,)),
        ("of one session", (load.events, 1, 1)),
    ):
        with measure.own_stack() as stack:
            load.seed(stack)
            add_events(stack, *shape)
            print(f"\n{load.events:,} events more, {name}\n{'job':<20}{measure.HEAD}{'factor':>9}")
            for job in JOBS:
                usage = measure.run(stack, job, *load.arguments)
                factor = usage.seconds / even.setdefault(job, usage.seconds)
                print(f"{job:<20}{usage}{factor:>9.2f}", flush=True)


if __name__ == "__main__":
    main()
