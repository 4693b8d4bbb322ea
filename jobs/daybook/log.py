"""What a person, or a program, reads while a job runs: one logger, and sizes in words."""

import json
import logging
import sys
import time
from pathlib import Path

log = logging.getLogger("daybook")

_UNITS = ("B", "kB", "MB", "GB", "TB")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class _Json(logging.Formatter):
    """One object per line: time, level, job, message, and what else the line knows as `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": self.formatTime(record, _TIME),
            "level": record.levelname.lower(),
            "job": Path(sys.argv[0]).stem,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str, ensure_ascii=False)


class _LastLine(logging.Handler):
    """Remembers what was said last."""

    line: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.line = record.getMessage()


_last = _LastLine()
_FORMATTERS = {"text": logging.Formatter("%(asctime)s %(levelname)s %(message)s", _TIME), "json": _Json()}
FORMATS = tuple(_FORMATTERS)
for _each in _FORMATTERS.values():
    _each.converter = time.gmtime
_formatter = _FORMATTERS["text"]


def start_log(form: str = "text") -> None:
    """Let what is said go to standard output, each line with its time (UTC) and level; `form` is one of FORMATS."""
    global _formatter
    _formatter = _FORMATTERS[form]
    output = logging.StreamHandler(sys.stdout)
    output.setFormatter(_formatter)
    _last.line = None
    logging.basicConfig(handlers=[output, _last], force=True)
    log.setLevel(logging.INFO)


def last_line() -> str | None:
    """What was said last, without time and level."""
    return _last.line


def line(level: int, message: str) -> str:
    """A line as the log would write it, for whoever cannot use the log any more."""
    return _formatter.format(logging.LogRecord(log.name, level, "", 0, message, None, None))


def size(count: float) -> str:
    """Bytes as a person reads them."""
    for unit in _UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} {_UNITS[-1]}"
