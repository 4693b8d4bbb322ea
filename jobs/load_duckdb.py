"""Load gold into the analysts' DuckDB file.

--ds D loads what changed in gold for the days D-2 to D+1 (a run of gold for D may write all of these), a
range A-2 to B+1; --rebuild makes the file anew from all of gold. The file is replaced in one step, and only
by one that holds the rows and sums that gold's manifests promise; readers are never locked out.
"""

import os
import signal
import sys

from daybook import arguments, settings
from daybook.lake.store import Store
from daybook.runtime import run
from daybook.warehouse.load import load


def main() -> None:
    """Read the command line, then load."""
    parser = arguments.parser(__doc__)
    parser.add_argument("--rebuild", action="store_true", help="make the file anew from all of gold")
    options = parser.parse_args()
    if options.rebuild and (options.ds or options.first or options.last):
        parser.error("--rebuild takes all of gold: no --ds, --from or --to with it")
    days = [] if options.rebuild else arguments.days(parser, options)
    # Ended by Airflow or Kubernetes, it still takes its downloads away.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    lake, path = settings.lake(os.environ), settings.duckdb_path(os.environ)
    load(Store(lake.endpoint), lake.gold, path, days, rebuild=options.rebuild)


if __name__ == "__main__":
    sys.exit(run(main))
