"""What a person reads while a job runs: one logger, and sizes in words."""

import logging
import sys

log = logging.getLogger("daybook")

_UNITS = ("B", "kB", "MB", "GB", "TB")


def start_log() -> None:
    """Let what is said go to standard output, each line with its time."""
    logging.basicConfig(stream=sys.stdout, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", force=True)
    log.setLevel(logging.INFO)


def size(count: float) -> str:
    """Bytes as a person reads them."""
    for unit in _UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} {_UNITS[-1]}"
