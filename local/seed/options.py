"""The command line of the seeding."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from local.seed.plan import Plan
from toolchain.places import state_home

OLDEST_START = date(2005, 1, 1)  # accounts are up to 900 days older, and nothing may be older than 2000
ANSWERED = timedelta(minutes=30)  # so long after the last day its notifications are answered at the latest


@dataclass(frozen=True)
class Options:
    """What to generate, where to write the expectation, and with how many processes."""

    plan: Plan
    expect: Path
    processes: int


def parse(arguments: Sequence[str]) -> Options:
    """Parse and judge the arguments; ends the program with code 2 when they are wrong."""
    parser = _parser()
    given = parser.parse_args(arguments)
    plan = Plan(**{name: getattr(given, name) for name in Plan.__dataclass_fields__})
    latest = newest_start(plan.days)
    if not OLDEST_START <= plan.start <= latest:
        parser.error(f"--start must lie between {OLDEST_START} and {latest} for {plan.days} day(s)")
    return Options(plan, given.expect, given.processes)


def newest_start(days: int) -> date:
    """The newest first day of so many that have all happened, answers and all."""
    return (datetime.now(UTC) - ANSWERED).date() - timedelta(days=days)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.seed", description="Replace the data of the servers.")
    parser.add_argument("--users", type=_count, default=300)
    parser.add_argument("--days", type=_count, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--start", type=date.fromisoformat, default=date(2025, 3, 1), help="first UTC day")
    for things in ("events", "messages", "purchases", "notifications"):
        name = f"{things}_per_user"
        parser.add_argument(
            f"--{things}-per-user",
            type=_average,
            default=Plan.__dataclass_fields__[name].default,
            help="average per user and day (default: %(default)s)",
        )
    parser.add_argument("--expect", type=Path, default=state_home() / "seed.json", help="where to write the ledger")
    parser.add_argument("--processes", type=_count, default=min(4, os.cpu_count() or 1))
    return parser


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _average(text: str) -> float:
    if not 0 <= (number := float(text)) <= 1000:
        raise argparse.ArgumentTypeError("must be between 0 and 1000")
    return number
