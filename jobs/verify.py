"""Is the day really there? Walks its chain of proof from the warehouse back to bronze.

Reads    the manifests of the day in all layers, those they were made from, lists of the files that all of them name,
         and load_history in DUCKDB_PATH
Writes   nothing but the record of its run, beside the warehouse
Fails    once all days are walked, unless each table-day is published, made from what is live now, and loaded, each file
         is there, and the day had ended when it was read; of a day around it that had not, it says so

    python jobs/verify.py --ds 2025-03-01
"""

import os
import sys

from daybook import arguments, settings
from daybook.errors import DaybookError, foremost
from daybook.lake.agent import agent
from daybook.lake.paths import Lake
from daybook.lake.store import Store
from daybook.log import log
from daybook.process import runs
from daybook.process.runtime import run
from daybook.proof import chain


def main() -> None:
    """Read the command line, then walk each day."""
    parser = arguments.parser(__doc__)
    days = arguments.days(parser, parser.parse_args())
    places, warehouse = settings.lake(os.environ), settings.duckdb_path(os.environ)
    store = Store(places.endpoint, agent("verify", days))
    runs.begin("verify", days, runs.beside_warehouse(warehouse))
    failures = []
    for day in days:
        try:
            walked = chain.verify(store, Lake(places), warehouse, day)
        except DaybookError as error:
            failures.append(error)
            if len(days) > 1:
                log.warning("%s is not as it should be: %s -- next: %s", day, error, error.then)
            continue
        log.info("verified %s: %d manifests and %s agree", day, walked.manifests, warehouse)
        if walked.incomplete:
            around = ", ".join(map(str, walked.incomplete))
            log.info("%s is provisional: it reads %s, read before the day had ended, until its next run", day, around)
    if failures:
        raise foremost(failures)
    log.info("verify done: %s", arguments.span(days))


if __name__ == "__main__":
    sys.exit(run(main))
