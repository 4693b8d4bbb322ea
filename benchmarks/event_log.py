"""What an application did, by its event log: Spark jobs, stages, scans and shuffles, grouped by what they were for."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

# One column of whole lines: neither a separator nor a quote of CSV occurs in JSON lines.
_LINES = (
    "SELECT line FROM read_csv(?, compression = 'zstd', header = false, delim = '\x01', quote = '', escape = '',"
    " max_line_size = 100_000_000, columns = {'line': 'VARCHAR'})"
)


@dataclass
class Work:
    """Figures of one kind of Spark job. A scan is a stage that read a source, a shuffle one that wrote for others."""

    jobs: int = 0
    stages: int = 0
    scans: int = 0
    shuffles: int = 0
    rows_read: int = 0
    shuffled: int = 0
    seconds: float = 0.0


def of(log: Path) -> tuple[str, dict[str, Work]]:
    """The application's name and its work by description, days left out; stages that were skipped do not count."""
    name, found, description_of = "", defaultdict[str, Work](Work), dict[int, str]()
    for event in map(json.loads, lines(log)):
        match event["Event"]:
            case "SparkListenerApplicationStart":
                name = event["App Name"]
            case "SparkListenerJobStart":
                described = event["Properties"].get("spark.job.description", "(no description)")
                what = re.sub(r" ?[0-9]{4}-[0-9]{2}-[0-9]{2}", "", described)
                found[what].jobs += 1
                description_of |= dict.fromkeys(event["Stage IDs"], what)
            case "SparkListenerStageCompleted":
                _add(found[description_of[event["Stage Info"]["Stage ID"]]], event["Stage Info"])
    return name, dict(found)


def _add(work: Work, stage: dict[str, Any]) -> None:
    figures = {a["Name"].removeprefix("internal.metrics."): a["Value"] for a in stage["Accumulables"] if "Name" in a}
    read, shuffled = (int(figures.get(f"{key}", 0)) for key in ("input.recordsRead", "shuffle.write.bytesWritten"))
    work.stages += 1
    work.scans += bool(read)
    work.shuffles += bool(shuffled)
    work.rows_read += read
    work.shuffled += shuffled
    work.seconds += int(figures.get("executorRunTime", 0)) / 1000


def lines(log: Path) -> Iterator[str]:
    """Its events, a JSON object each."""
    result = duckdb.execute(_LINES, [str(log)])
    while rows := result.fetchmany(1000):
        yield from (line for (line,) in rows)
