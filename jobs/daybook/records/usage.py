"""What processes have taken until now, as the kernel tells it."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def usage(processes: Iterable[int]) -> tuple[float | None, int | None]:
    """CPU seconds of the processes, and the most memory that each held, added up, in bytes.

    None where the kernel has no /proc. A process that is gone counts nothing.
    """
    if not Path("/proc/self/stat").exists():
        return None, None
    ticks, peak = 0, 0
    for process in processes:
        with suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
            ticks += int(fields[11]) + int(fields[12])
            held = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
            peak += int(held[1]) * 1024 if held else 0
    return ticks / os.sysconf("SC_CLK_TCK"), peak
