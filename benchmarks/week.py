"""A week as one range against the same week as seven runs: seconds of each job, on the same data and machine.

make benchmark B=week
"""

from benchmarks import measure

DAYS = [f"2025-03-{number:02}" for number in range(1, 8)]
SEVEN = {f"DAYBOOK_{layer.upper()}": f"s3a://{layer}/seven" for layer in ("bronze", "silver", "gold")}


def main() -> None:
    """Seed, run the week both ways into lakes of their own, print seconds and their ratio."""
    with measure.own_stack() as stack:
        measure.seed(stack, "--days", "7")
        seven = SEVEN | {"DUCKDB_PATH": str(stack.home / "seven.duckdb")}
        print(f"\n{'job':<20}{'one range':>12}{'seven runs':>12}{'ratio':>8}")
        one_range, seven_runs = 0.0, 0.0
        for job in measure.JOBS:
            whole = measure.run(stack, job, "--from", DAYS[0], "--to", DAYS[-1]).seconds
            single = sum(measure.run(stack, job, "--ds", day, **seven).seconds for day in DAYS)
            one_range, seven_runs = one_range + whole, seven_runs + single
            print(f"{job:<20}{whole:>10.1f} s{single:>10.1f} s{single / whole:>8.1f}", flush=True)
        print(f"{'in all':<20}{one_range:>10.1f} s{seven_runs:>10.1f} s{seven_runs / one_range:>8.1f}")


if __name__ == "__main__":
    main()
