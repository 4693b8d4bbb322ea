"""Daybook and its peers on the same rows: seconds, CPU, memory, and whether the results are the same.

The peers do one step, or a whole day, as their users would write it: COPY, cassandra-driver, DSBulk, DuckDB, Polars,
pandas. Each is a process of its own, downloads and uploads included; ratios are Daybook's seconds by the peer's.
Servers are this benchmark's own, anew for each load.

    make benchmark B=peers                                   # a small day and a big one
    make benchmark B="peers small month busy"                # loads by their names
    make benchmark B="peers --users 2000 --repeat 3"         # a day of any size
    make benchmark B="peers big --against ../daybook-before" # another checkout's jobs, on the same servers
"""

import argparse
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import measure
from benchmarks.peers import compare, contest
from benchmarks.peers.contest import DAY, OURS, Daybook, Turns
from benchmarks.peers.lake import Lake
from benchmarks.peers.loads import LOADS, Load
from local.stack import Stack
from toolchain import jars, places, python_envs
from toolchain.report import step


def main() -> None:
    """Measure each load on a stack of its own and print the tables."""
    loads, ours, repeat = _arguments()
    with step("environment peers"):
        python_envs.ensure("peers")
    with step("jars of DSBulk"):
        jars.download("dsbulk")
    for load in loads:
        with measure.own_stack() as stack:
            load.seed(stack)
            print(f"\n{load}\n")
            _figures(contest.run(stack, load, ours, repeat), ours)
            print(f"of it, pandas: {', '.join(measure.log_of(stack, 'pandas_day').read_text().splitlines())}")
            _results(stack, load, ours)


def _arguments() -> tuple[list[Load], list[Daybook], int]:
    parser = _parser()
    given = parser.parse_args()
    own = given.users or given.days or given.busy
    if own and given.loads:
        parser.error("a load is either named or made of --users, --days and --busy")
    loads = given.loads or [LOADS["small"], LOADS["big"]]
    if own:
        loads = [Load("own load", given.users or 300, given.days or 1, given.busy)]
    ours = [Daybook(OURS)]
    for root in map(Path.resolve, given.against):
        if root == places.ROOT or not measure.environment("spark", root).exists():
            parser.error(f"{root} is no other checkout that has had its make setup")
        ours.append(Daybook(f"{OURS} {_commit(root)}", f"before-{len(ours)}", root))
    return loads, ours, given.repeat


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make benchmark B=peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("loads", nargs="*", type=_load, metavar="LOAD", help="; ".join(map(str, LOADS.values())))
    parser.add_argument("--users", type=int, help="a load of so many users, in place of a named one (300)")
    parser.add_argument("--days", type=int, help="and of so many days (1)")
    parser.add_argument("--busy", action="store_true", help="and with one user who has half of the events")
    parser.add_argument("--repeat", type=int, default=1, help="turns of what takes less than a minute (%(default)s)")
    parser.add_argument(
        "--against", type=Path, action="append", default=[], help="another checkout of Daybook, after its make setup"
    )
    return parser


def _load(name: str) -> Load:
    if name not in LOADS:
        raise argparse.ArgumentTypeError(f"there is no load {name!r}; there are {', '.join(LOADS)}")
    return LOADS[name]


def _commit(root: Path) -> str:
    """Which version a checkout is, as far as it can be told."""
    told = subprocess.run(["git", "-C", str(root), "log", "-1", "--format=%h"], capture_output=True, text=True)
    return told.stdout.strip() or root.name


def _figures(taken: Iterable[Turns], ours: Sequence[Daybook]) -> None:
    """A line for each step and contender, as it comes; before the whole day, the four jobs added up."""
    print(f"{'step':<19}{'who':<31}{'seconds':>15}{'CPU s':>9}{'peak GB':>9}{'Daybook / who':>16}")
    best: dict[tuple[str, str], float] = {}
    for turns in taken:
        if turns.step == DAY and (DAY, OURS) not in best:
            for daybook in ours:
                four = sum(seconds for (_, who), seconds in best.items() if who == daybook.name)
                print(f"{'the four jobs':<19}{daybook.name:<31}{four:>15.1f}")
        if turns.failed:
            print(f"{turns.step:<19}{turns.who:<31}failed: {turns.failed}")
            continue
        usage = turns.best
        best[turns.step, turns.who] = usage.seconds
        slowest = max(each.seconds for each in turns.taken)
        seconds = f"{usage.seconds:.1f}" + f" - {slowest:.1f}" * (len(turns.taken) > 1)
        ratio = "" if turns.who == OURS else f"{best[turns.step, OURS] / usage.seconds:.2f}"
        figures = f"{seconds:>15}{usage.cpu:>9.1f}{usage.peak / 1e9:>9.2f}{ratio:>16}"
        print(f"{turns.step:<19}{turns.who:<31}{figures}", flush=True)


def _results(stack: Stack, load: Load, ours: Sequence[Daybook]) -> None:
    """A line for each table that a contender made: rows by the ledger and of its own, and what differs."""
    env = stack.settings("etl") | ours[0].lake()
    mine = Lake("", env)
    print(f"\n{'result of':<31}{'table':<38}{'ledger':>11}{'rows':>11}{'missing':>9}{'added':>7}")
    for who, step_, theirs in _made(env, ours):
        for found in compare.of_step(step_, mine, theirs, load.span):
            counts = f"{found.ledger:>11,}{found.rows:>11,}{found.missing:>9,}{found.added:>7,}"
            print(f"{who:<31}{found.what:<38}{counts}{'' if found.same else '  differs'}", flush=True)


def _made(env: Mapping[str, str], ours: Sequence[Daybook]) -> Iterator[tuple[str, str, compare.Files]]:
    """Who made what, and where it is."""
    for name, layer in compare.LAYER_OF.items():
        for step_ in contest.STEPS:
            for peer in step_.peers:
                if step_.name in (name, DAY):
                    yield peer.name, name, compare.of_peer(Lake(peer.into, env), layer)
        for daybook in ours[1:]:
            yield daybook.name, name, compare.of_daybook(Lake("", {**env, **daybook.lake()}), layer)


if __name__ == "__main__":
    main()
