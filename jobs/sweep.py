"""What crashed runs left in the lake: lists what no manifest names, and with --delete takes it away.

Reads    every manifest of all three layers, and the store's list of what lies beside them
Writes   nothing; with --delete it deletes, in the folders of known tables, what no manifest names and is old enough
Spares   all that is younger than the limit, which must be longer than any run; all that is not Daybook's

    python jobs/sweep.py
    python jobs/sweep.py --older-than-hours 72 --delete
"""

import os
import sys
from datetime import timedelta

from daybook import arguments, settings
from daybook.lake import sweep
from daybook.lake.agent import agent
from daybook.lake.store import Store
from daybook.log import log, size
from daybook.process.runtime import run


def main() -> None:
    """Read the command line, list what is left, delete it if asked."""
    parser = arguments.program(__doc__)
    parser.add_argument("--delete", action="store_true", help="delete what is listed")
    spared = "spare what is younger; 48 unless told, at least 24"
    parser.add_argument("--older-than-hours", type=arguments.hours, default=48, metavar="HOURS", help=spared)
    options = parser.parse_args()
    places = settings.lake(os.environ)
    written = [places.bronze, places.silver, places.gold]
    store, limit = Store(places.endpoint, agent("sweep", (), written)), timedelta(hours=options.older_than_hours)
    found = sweep.leftovers(store, places, limit)
    for folder, objects in sweep.by_table_day(found).items():
        log.info("%-60s %6d objects %10s", folder, len(objects), size(sum(objects.values())))
    if options.delete:
        store.delete(list(found))
    done = "deleted" if options.delete else "to be deleted by --delete" if found else "left over"
    log.info("sweep done: %d objects, %s, %s", len(found), size(sum(found.values())), done)


if __name__ == "__main__":
    sys.exit(run(main))
