"""A look before the first night: everything that the jobs need, one line each, with the cure of what is wrong.

Reads    the settings, and what they name: both databases, the object store, folders, Airflow's pools and connection
Writes   an object `_check/…` in each layer's place, which it takes away again; with --report a file for whoever helps
Ends 0   if all is right; 1 if something may pass, as a server that is away; 2 if somebody has to correct something

    python jobs/check.py
    spark-submit jobs/check.py --report daybook-check.json       # with the executors that the jobs would have
"""

import sys
from pathlib import Path

from daybook import arguments
from daybook.checks.preflight import preflight
from daybook.process.runtime import run


def main() -> int:
    """Read the command line, look at everything, say what was found."""
    parser = arguments.program(__doc__)
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="write all that was found, without secrets, as JSON"
    )
    return preflight(parser.parse_args().report)


if __name__ == "__main__":
    sys.exit(run(main))
