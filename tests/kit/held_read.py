"""`extract_cassandra`, held between its look at a table and the read: before the read is planned, or after.

The arguments before the job's own: at which of the two moments, a file that it makes then, and a named pipe into which
somebody writes for it to go on.
"""

import runpy
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from daybook.sources import cassandra

JOB = Path(cassandra.__file__).parents[2] / "extract_cassandra.py"
MOMENT, (LOOKED, GO_ON) = sys.argv[1], map(Path, sys.argv[2:4])
read_days = cassandra.read_days


def held(*arguments: Any) -> Any:
    """Read, when the test says so."""
    planned = read_days(*arguments) if MOMENT == "read" else None
    LOOKED.touch()
    GO_ON.read_bytes()
    return planned or read_days(*arguments)


sys.argv[0:4] = [str(JOB)]
with mock.patch.object(cassandra, "read_days", held):
    runpy.run_path(str(JOB), run_name="__main__")
