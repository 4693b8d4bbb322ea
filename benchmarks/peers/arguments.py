"""The command line that all peers have: which days, and under which name their results are kept."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from daybook import days


@dataclass(frozen=True)
class Asked:
    """What a peer is asked for."""

    days: list[date]
    into: str
    processes: int


def parse(doc: str, into: str, arguments: Sequence[str] | None = None) -> Asked:
    """The command line; `doc` is the peer's page, `into` where its results go unless told otherwise."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--ds", type=date.fromisoformat, help="the day")
    which.add_argument("--from", type=date.fromisoformat, dest="first", help="the first day of a range, with --to")
    parser.add_argument("--to", type=date.fromisoformat, dest="last", help="the last day of the range")
    parser.add_argument("--into", default=into, help="results go below peers/<this> of each bucket (%(default)s)")
    parser.add_argument("--processes", type=int, default=1, help="where a peer can use several (%(default)s)")
    given = parser.parse_args(arguments)
    if (given.first is None) != (given.last is None):
        parser.error("--from and --to come together")
    asked = [given.ds] if given.ds else days.through(given.first, given.last)
    return Asked(asked, given.into, given.processes)
