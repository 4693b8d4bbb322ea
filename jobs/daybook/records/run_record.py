"""What a run did, how it ended and what it cost: one small object, and the run at hand that fills it.

A run has one from when it knows its days and where to write: what fails before is told by its last line alone.
"""

import json
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from daybook.errors import told
from daybook.log import log
from daybook.records.usage import usage

FORMAT = 1
# A run that has no end after this long was killed: nothing of Daybook's takes a day.
TIME_LIMIT_SECONDS = 86_400
MEASURED = "the driver's JVM and Python; executors elsewhere are not in it"

State = Literal["running", "done", "failed", "killed"]


@dataclass(frozen=True)
class TableDayRun:
    """What became of a table and day: `changed` tells whether this run made it; `seconds` are those of writing it."""

    layer: str
    table: str
    day: date
    rows: int
    bytes: int
    seconds: float
    rejected: int
    complete: bool
    changed: bool


@dataclass(frozen=True)
class RunRecord:
    """One run. Times are UTC; CPU in seconds and memory in bytes as `measured` says; None: not known, or not yet.

    A run over all days there are has neither a first nor a last one.

    `last_line` is what was printed last, which never holds another program's words that may quote a value.
    """

    id: str
    job: str
    first_day: date | None
    last_day: date | None
    started_at: datetime
    code_version: str
    ended_at: datetime | None = None
    exit_code: int | None = None
    last_line: str | None = None
    cpu_seconds: float | None = None
    peak_memory_bytes: int | None = None
    application_id: str | None = None
    newest_rate: date | None = None
    table_days: tuple[TableDayRun, ...] = ()
    measured: str = MEASURED
    time_limit_seconds: int = TIME_LIMIT_SECONDS
    format: int = FORMAT

    @property
    def name(self) -> str:
        """Where it lies among the others: by the date of its start."""
        return f"{self.started_at:%Y-%m-%d}/{self.job}-{self.started_at:%Y%m%dT%H%M%SZ}-{self.id}.json"

    def state(self, now: datetime) -> State:
        """What is known of the run at a moment."""
        if self.exit_code is not None:
            return "failed" if self.exit_code else "done"
        limit = self.started_at + timedelta(seconds=self.time_limit_seconds)
        return "killed" if now > limit else "running"

    def to_json(self) -> bytes:
        """The record as it is stored."""
        return json.dumps(asdict(self), indent=1, default=_text).encode()

    @classmethod
    def from_json(cls, stored: bytes) -> "RunRecord":
        """A stored record; what a later Daybook adds to it is left out.

        Raises:
            ValueError, KeyError, TypeError: it is none.
        """
        raw = json.loads(stored)
        known = {field.name: raw[field.name] for field in fields(cls) if field.name in raw}
        for name in ("first_day", "last_day", "newest_rate"):
            known[name] = date.fromisoformat(known[name]) if known.get(name) else None
        for name in ("started_at", "ended_at"):
            known[name] = datetime.fromisoformat(known[name]) if known.get(name) else None
        days = tuple(TableDayRun(**{**each, "day": date.fromisoformat(each["day"])}) for each in known["table_days"])
        return cls(**{**known, "table_days": days})


Sink = Callable[[RunRecord], None]


class _AtHand:
    """The run of this process, while there is one."""

    record: RunRecord | None = None
    sinks: Sequence[Sink] = ()


def begin(job: str, days: Sequence[date], code_version: str, sinks: Sequence[Sink]) -> None:
    """Begin the record of this process's run, and write it by each of `sinks`, as at its end."""
    started = datetime.now(UTC)
    _AtHand.record = RunRecord(
        uuid.uuid4().hex[:8], job, min(days, default=None), max(days, default=None), started, code_version
    )
    _AtHand.sinks = sinks
    _write(_AtHand.record)


def note(**values: Any) -> None:  # noqa: ANN401 -- fields of the record
    """Note what is known by now, by the names of the record's fields."""
    if _AtHand.record:
        _AtHand.record = replace(_AtHand.record, **values)


def note_table_day(table_day: TableDayRun) -> None:
    """Note what became of a table and day."""
    if _AtHand.record:
        note(table_days=(*_AtHand.record.table_days, table_day))


def end(exit_code: int, last_line: str | None) -> None:
    """Write how the run ended; nothing, if none had begun."""
    if not _AtHand.record:
        return
    jvm = [os.getppid()] if "PYSPARK_GATEWAY_PORT" in os.environ else []
    cpu, peak = usage([os.getpid(), *jvm])
    ended = datetime.now(UTC)
    note(ended_at=ended, exit_code=exit_code, last_line=last_line, cpu_seconds=cpu, peak_memory_bytes=peak)
    _write(_AtHand.record)
    _AtHand.record, _AtHand.sinks = None, ()


def _write(record: RunRecord) -> None:
    """By each sink; a run does its work also where nobody takes its record."""
    for sink in _AtHand.sinks:
        try:
            sink(record)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the run's own end counts
            log.warning("the record of this run is not written: %s", told(error))


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
