"""What a run measured, as a text file for Prometheus (node_exporter's textfile collector).

All steps write the same file: each replaces what is its own. A failed run changes only what is said of runs, so that
the last success, and what it made, stay.
"""

import fcntl
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric, write_to_textfile
from prometheus_client.parser import text_string_to_metric_families

from daybook import days
from daybook.records.run_record import RunRecord, Sink, TableDayRun

_SUCCESS = "daybook_last_success_timestamp_seconds"
# Name and help of each; those that only a success writes are the later ones.
_OF_RUNS = {
    "daybook_last_run_timestamp_seconds": "When the step last ended.",
    "daybook_last_run_exit_code": "What it ended with; 0 is well.",
    "daybook_step_duration_seconds": "How long it took.",
    "daybook_step_cpu_seconds": "CPU seconds of its driver.",
    "daybook_step_peak_memory_bytes": "The most memory that its driver held.",
}
_OF_SUCCESS = {
    _SUCCESS: "When the step last ended well.",
    "daybook_day_rows": "Rows of the last day that the step saw, by table.",
    "daybook_day_rejected_rows": "Rows of it that were rejected.",
    "daybook_day_complete": "1: the day had ended when it was read.",
    "daybook_rate_age_seconds": "From when the newest exchange rate became valid to the last day of the run.",
}
_HELP = {**_OF_RUNS, **_OF_SUCCESS}

# Name, labels, value.
Sample = tuple[str, dict[str, str], float]


def sink(file: Path) -> Sink:
    """What writes the measures of a run into the file when it ends."""

    def write(record: RunRecord) -> None:
        if record.ended_at is None:
            return
        with (file.parent / f".{file.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # steps may end at the same moment
            registry = CollectorRegistry()
            registry.register(_Measured([*_kept(file, record), *_samples(record)]))
            write_to_textfile(str(file), registry)

    return write


class _Measured:
    """Samples as a collector hands them out."""

    def __init__(self, samples: list[Sample]) -> None:
        self.samples = samples

    def collect(self) -> Iterator[Metric]:
        """Each metric with all of its samples."""
        for name, help_ in _HELP.items():
            metric = Metric(name, help_, "gauge")
            metric.samples = []
            for of, labels, value in self.samples:
                if of == name:
                    metric.add_sample(name, labels, value)
            if metric.samples:
                yield metric


def _kept(file: Path, record: RunRecord) -> Iterator[Sample]:
    """What the file says already and this run does not replace."""
    replaced = _OF_RUNS if record.exit_code else _HELP
    text = file.read_text() if file.exists() else ""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if not (sample.name in replaced and sample.labels.get("step") == record.job):
                yield sample.name, dict(sample.labels), sample.value


def _samples(record: RunRecord) -> Iterator[Sample]:
    """What this run says."""
    assert record.ended_at is not None and record.exit_code is not None, "it has ended"
    step = {"step": record.job}
    ended = record.ended_at.timestamp()
    yield "daybook_last_run_timestamp_seconds", step, ended
    yield "daybook_last_run_exit_code", step, record.exit_code
    yield "daybook_step_duration_seconds", step, ended - record.started_at.timestamp()
    if record.cpu_seconds is not None and record.peak_memory_bytes is not None:
        yield "daybook_step_cpu_seconds", step, record.cpu_seconds
        yield "daybook_step_peak_memory_bytes", step, record.peak_memory_bytes
    if record.exit_code:
        return
    yield _SUCCESS, step, ended
    for each in _last_of_each(record):
        labels = {**step, "layer": each.layer, "table": each.table}
        yield "daybook_day_rows", labels, each.rows
        yield "daybook_day_rejected_rows", labels, each.rejected
        yield "daybook_day_complete", labels, float(each.complete)
    if record.newest_rate and record.last_day:
        age = days.begins(record.last_day) - days.begins(record.newest_rate)
        yield "daybook_rate_age_seconds", step, age.total_seconds()


def _last_of_each(record: RunRecord) -> list[TableDayRun]:
    """The last day of each table that was asked for, not of a neighbour that was made again."""
    asked = [each for each in record.table_days if not record.last_day or each.day <= record.last_day]
    return list({(each.layer, each.table): each for each in sorted(asked, key=lambda each: each.day)}.values())
