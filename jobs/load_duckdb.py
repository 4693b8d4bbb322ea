"""Gold → DuckDB: the analysts' file, replaced in one step; its readers are never locked out.

Reads    the gold manifests of the day and of those around it that a run of gold for it may write, and their files
Writes   DUCKDB_PATH, beside the live file and then in its place, after rows and sums were held against gold's
Rerun    what has not changed in gold is left alone; --rebuild makes the file anew from all of gold

    python jobs/load_duckdb.py --ds 2025-03-01
    python jobs/load_duckdb.py --rebuild
"""

import os
import signal
import sys

from daybook import arguments, settings
from daybook.contracts import GOLD_TABLES
from daybook.lake.agent import agent
from daybook.lake.store import Store
from daybook.process import runs
from daybook.process.runtime import run
from daybook.warehouse.load import load
from daybook.warehouse.request import LoadRequest


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
    lake, path = settings.lake(os.environ, of=("gold",)), settings.duckdb_path(os.environ)
    told, stop = settings.remembered(os.environ), settings.stops_at_limits(os.environ)
    store = Store(lake.endpoint, agent("load_duckdb", days))
    runs.begin("load_duckdb", days, runs.beside_warehouse(path))
    load(LoadRequest(store, lake.gold, path, GOLD_TABLES, days, remember=told, stop=stop, rebuild=options.rebuild))


if __name__ == "__main__":
    sys.exit(run(main))
