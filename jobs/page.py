"""The day's page: may I use it, what happened, what changed, what was refused, what did it cost.

Reads    DUCKDB_PATH and the manifests of the day; of the 29 days before it only what the file does not say
Writes   daybook/days/<day>.html and .json and daybook/index.html, beside the warehouse file and with its rights;
         and the record of its run
Ends 0   also on a night that left nothing: then the page says what is missing, and the command that makes it

    python jobs/page.py --ds 2025-03-01
    python jobs/page.py                    # the newest day of the warehouse file
"""

import os
import sys
from datetime import date
from pathlib import Path

from daybook import arguments, settings
from daybook.errors import UsageError
from daybook.lake.agent import agent
from daybook.lake.paths import Lake
from daybook.lake.store import Store
from daybook.log import log
from daybook.page import files
from daybook.page.gather import gather
from daybook.page.warehouse import opened
from daybook.process import runs
from daybook.process.runtime import run


def main() -> None:
    """Read the command line, then make each day's page."""
    parser = arguments.parser(__doc__)
    options = parser.parse_args()
    places, warehouse = settings.lake(os.environ), settings.duckdb_path(os.environ)
    due, price = settings.page_due(os.environ), settings.cpu_price(os.environ)
    named = options.ds or options.first or options.last
    days = arguments.days(parser, options) if named else [_newest(warehouse)]
    store = Store(places.endpoint, agent("page", days))
    runs.begin("page", days, runs.beside_warehouse(warehouse))
    for day in days:
        facts = gather(store, Lake(places), warehouse, day, due, price)
        page = files.write(warehouse, facts)
        log.info("page %s: %s %s", day, facts.verdict.headline, "; ".join(facts.verdict.reasons))
        log.info("page done: %s", page.as_uri())


def _newest(warehouse: Path) -> date:
    newest = None
    if warehouse.exists():
        with opened(warehouse) as db:
            newest = db.newest_day()
    if newest is None:
        raise UsageError(f"warehouse {warehouse}: there is no day in it", then="name the day: --ds YYYY-MM-DD")
    return newest


if __name__ == "__main__":
    sys.exit(run(main))
