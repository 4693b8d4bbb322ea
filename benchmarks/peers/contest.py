"""Who does which step, in which lake, and running them in turn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import measure
from benchmarks.measure import Usage
from benchmarks.peers.loads import Load
from local.stack import Stack
from toolchain import places

LAYERS = ("bronze", "silver", "gold")
OURS, DAY = "Daybook", "a whole day"
_AGAIN_BELOW_SECONDS = 60.0


@dataclass(frozen=True)
class Peer:
    """A peer's module, what it is called, and its own arguments; results go below `into`."""

    name: str
    module: str
    into: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A step of the pipeline: the job that does it, the layers it writes, and its peers."""

    name: str
    job: str
    writes: tuple[str, ...]
    peers: tuple[Peer, ...]


STEPS = (
    Step("extract_postgres", "extract_postgres", ("bronze",), (Peer("COPY", "copy_postgres", "copy"),)),
    Step(
        "extract_cassandra",
        "extract_cassandra",
        ("bronze",),
        (
            Peer("cassandra-driver", "driver_cassandra", "driver-1"),
            Peer("cassandra-driver, 2 processes", "driver_cassandra", "driver-2", ("--processes", "2")),
            Peer("DSBulk", "dsbulk", "dsbulk"),
        ),
    ),
    Step(
        "silver",
        "silver",
        ("silver",),
        (Peer("DuckDB", "duckdb_silver", "duckdb"), Peer("Polars", "polars_silver", "polars")),
    ),
    Step("gold", "gold", ("gold",), (Peer("DuckDB", "duckdb_gold", "duckdb"),)),
    Step(DAY, "day", LAYERS, (Peer("pandas, one process", "pandas_day", "pandas"),)),
)


@dataclass(frozen=True)
class Daybook:
    """A checkout of Daybook, in lakes of its own."""

    name: str
    place: str = "ours"
    root: Path = places.ROOT

    def has(self, job: str) -> bool:
        """Whether this version has the job."""
        return (self.root / "jobs" / f"{job}.py").exists()

    def lake(self, step: Step | None = None, turn: int = 1) -> dict[str, str]:
        """Where a step's layers are at its n-th turn: it reads what the first turn made and writes where nothing is."""
        kind = "day" if step and step.name == DAY else "steps"
        written = step.writes if step else ()
        return {
            f"DAYBOOK_{layer.upper()}": f"s3a://{layer}/{kind}-{self.place}-{turn if layer in written else 1}"
            for layer in LAYERS
        }


@dataclass
class Turns:
    """What one contender took for one step, each time."""

    step: str
    who: str
    taken: list[Usage] = field(default_factory=list)
    failed: str = ""

    @property
    def best(self) -> Usage:
        """The quickest: what else the machine does can only add to it."""
        return min(self.taken, key=lambda usage: usage.seconds)

    @property
    def once_more(self) -> bool:
        """Whether it is short enough to be repeated."""
        return not self.failed and (not self.taken or self.taken[0].seconds < _AGAIN_BELOW_SECONDS)


def run(stack: Stack, load: Load, ours: Sequence[Daybook], repeat: int) -> Iterator[Turns]:
    """Run each step by all of them in turn, as often as asked if it is short; `ours` has this checkout first."""
    for step in STEPS:
        contenders: dict[str, Turns] = {}
        for turn in range(1, repeat + 1):
            for daybook in ours:
                turns = contenders.setdefault(daybook.name, Turns(step.name, daybook.name))
                if daybook.has(step.job) and turns.once_more:
                    lake = daybook.lake(step, turn)
                    turns.taken.append(measure.run_of(daybook.root, stack, step.job, load.arguments, lake))
            for peer in step.peers:
                turns = contenders.setdefault(peer.name, Turns(step.name, peer.name))
                if turns.once_more:
                    _run_peer(turns, stack, peer, load, ours[0].lake())
        yield from (turns for turns in contenders.values() if turns.taken or turns.failed)


def _run_peer(turns: Turns, stack: Stack, peer: Peer, load: Load, lake: Mapping[str, str]) -> None:
    """Run it once; one that fails, for want of memory perhaps, is not asked again."""
    python = str(places.python("peers"))
    command = [python, "-m", f"benchmarks.peers.{peer.module}", "--into", peer.into, *load.arguments, *peer.arguments]
    changes = {"PYTHONPATH": f"{places.ROOT}:{places.ROOT / 'jobs'}", **lake}
    try:
        turns.taken.append(measure.measured(stack, peer.module, command, changes))
    except measure.Failed as failure:
        turns.failed = str(failure)
