"""When each test file runs, and which of those that take long: by the seconds that it took when all ran last.

`durations.tsv` has those seconds, file by file; `make test-all` renews them. With `--turn` pytest runs of the files in
`DEALT` a third, and the tests marked `always`: one of each kind.

    python -m tests.schedule renew tests.xml  # durations.tsv and CONTRIBUTING, from what pytest measured
    python -m tests.schedule turn             # 0, 1 or 2: the third whose turn it is in this checkout
"""

import csv
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from toolchain.places import ROOT, fingerprint
from toolchain.report import say

TESTS = ROOT / "tests"
DURATIONS = TESTS / "durations.tsv"
GUIDE = ROOT / "CONTRIBUTING.md"
BEGIN, END = "<!-- the dearest tests: python -m tests.schedule renew -->", "<!-- end of the dearest tests -->"
SHOWN = 20
PARTS = 3
DEALT = ("nights", "pods", "browser")
# What stays in one process: one Airflow, one API server, the three days that many look at, one lake that is broken and
# mended, one Spark session, one Chromium.
TOGETHER = (
    ("nights/airflow/",),
    ("pods/",),
    ("e2e/three_days/", "nights/three_days/"),
    ("nights/next_lines/",),
    ("spark/",),
    ("browser/",),
)
# What is dealt as one, for its files look at the same nights; of the three days `make test` has need anyhow.
_DEALT_WHOLE = ("nights/airflow/", "nights/next_lines/", "pods/")
_UNKNOWN_SECONDS = 60.0  # of a file that is new


def recorded() -> dict[str, float]:
    """The seconds of each file below `tests`, as all tests were run last."""
    with DURATIONS.open(encoding="utf-8", newline="") as lines:
        return {row["file"]: float(row["seconds"]) for row in csv.DictReader(lines, delimiter="\t")}


def files() -> list[str]:
    """Every file of tests, named from `tests`."""
    return sorted(path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py"))


def scope(file: str) -> str:
    """What runs in one process with the file: its group's first folder, or the file alone."""
    return next((group[0] for group in TOGETHER if file.startswith(group)), file)


def longest_first(seconds: Mapping[str, float], every: Sequence[str]) -> dict[str, int]:
    """Each file's place in the order: what is together longest begins first, for it would end last."""
    whole: dict[str, float] = {}
    for file in every:
        whole[scope(file)] = whole.get(scope(file), 0.0) + lasting(seconds, [file])
    order = sorted(every, key=lambda file: (-whole[scope(file)], scope(file), file))
    return {file: place for place, file in enumerate(order)}


def thirds(seconds: Mapping[str, float], every: Sequence[str]) -> tuple[frozenset[str], ...]:
    """The files of `DEALT` in parts that take equally long: dealt the longest first, each to the shortest part."""
    units = dealt(every)
    length = {unit: lasting(seconds, held) for unit, held in units.items()}
    parts: list[list[str]] = [[] for _ in range(PARTS)]
    for unit in sorted(units, key=lambda unit: (-length[unit], unit)):
        min(parts, key=lambda part: sum(length[held] for held in part)).append(unit)
    return tuple(frozenset(file for unit in part for file in units[unit]) for part in parts)


def dealt(every: Sequence[str]) -> dict[str, list[str]]:
    """The files of `DEALT` by what is dealt as one: a file, or a folder whose files look at the same nights."""
    units: dict[str, list[str]] = {}
    for file in every:
        if file.split("/")[0] in DEALT:
            units.setdefault(next((of for of in _DEALT_WHOLE if file.startswith(of)), file), []).append(file)
    return units


def lasting(seconds: Mapping[str, float], files: Iterable[str]) -> float:
    """How many seconds the files take together, so far as is known."""
    return sum(seconds.get(file, _UNKNOWN_SECONDS) for file in files)


def not_now(turn: int) -> frozenset[str]:
    """The files of the two other parts."""
    parts = thirds(recorded(), files())
    return frozenset().union(*(part for number, part in enumerate(parts) if number != turn))


def turn(root: Path = ROOT) -> int:
    """The part whose turn it is: it follows from the files of a checkout, and so needs no history.

    Hidden files do not count: what was made or fetched is among them.
    """
    kept: list[Path] = []
    for folder, below, names in os.walk(root):
        below[:] = [name for name in below if not name.startswith(".") and name != "__pycache__"]
        kept += [Path(folder, name) for name in names if not name.startswith(".")]
    return int(fingerprint(sorted(kept)), 16) % PARTS


def measured(report: Path) -> dict[str, float]:
    """The seconds of each test, from a JUnit file of pytest's: a fixture's are those of the test that came first."""
    cases = ElementTree.parse(report).iter("testcase")
    return {
        f"{_file_of(case.attrib['classname'])}::{case.attrib['name']}": float(case.attrib["time"]) for case in cases
    }


def _file_of(classname: str) -> str:
    return classname.replace(".", "/").removeprefix("tests/") + ".py"


def _summed(seconds: Mapping[str, float], key: Callable[[str], str]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for name, of_it in seconds.items():
        sums[key(name)] = sums.get(key(name), 0.0) + of_it
    return sums


def renew(report: Path) -> None:
    """Write what was measured into `durations.tsv`, and the dearest folders and tests into CONTRIBUTING."""
    tests = measured(report)
    by_file = _summed(tests, lambda name: name.partition("::")[0])
    lines = [f"{file}\t{seconds:.1f}\n" for file, seconds in sorted(by_file.items())]
    DURATIONS.write_text("file\tseconds\n" + "".join(lines), encoding="utf-8")
    by_folder = _summed(by_file, lambda file: str(Path(file).parent))
    rows = [*_dearest(by_folder, "folder"), "", *_dearest(tests, "test")]
    before, begin, rest = GUIDE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest[rest.index(END) :]
    GUIDE.write_text("\n".join([before + begin, *rows, after]), encoding="utf-8")


def _dearest(seconds: Mapping[str, float], kind: str) -> list[str]:
    most = sorted(seconds.items(), key=lambda each: (-each[1], each[0]))[:SHOWN]
    return [f"| seconds | {kind} |", "|---|---|", *(f"| {took:,.0f} | `{name}` |" for name, took in most)]


if __name__ == "__main__":
    if sys.argv[1:] == ["turn"]:
        say(str(turn()))
    else:
        renew(Path(sys.argv[2]))
