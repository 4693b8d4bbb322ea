"""The rows of a table-day that silver rejected, with the reasons: for whoever repairs the source.

Reads    the silver manifest of the table-day and the files of rejected rows that it names
Writes   nothing; with --csv the rows into a file that only its owner may read
Shows    how often each reason applies, then rows as bronze has them; without --show-personal what people may have
         written is masked

    python jobs/rejected.py --ds 2025-03-01 --table user_purchases
    python jobs/rejected.py --ds 2025-03-01 --table users --reason email:malformed --csv rejected.csv
"""

import os
import sys
from pathlib import Path

from daybook import arguments, settings
from daybook.contracts import SOURCE_TABLES
from daybook.lake.agent import agent
from daybook.lake.paths import Lake
from daybook.lake.store import Store
from daybook.log import log
from daybook.process.runtime import run
from daybook.warehouse import rejected


def main() -> None:
    """Read the command line, then show what was rejected."""
    parser = arguments.program(__doc__)
    arguments.add_day(parser)
    arguments.add_table(parser, SOURCE_TABLES)
    parser.add_argument("--reason", help="only rows with this reason, such as email:malformed")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write all rows into a new file instead of showing 20")
    parser.add_argument("--show-personal", action="store_true", help="do not mask what people may have written")
    options = parser.parse_args()
    table = next(each for each in SOURCE_TABLES if each.name == options.table)
    if options.reason and options.reason not in table.reasons:
        parser.error(f"--reason {options.reason!r} is none of {', '.join(table.reasons)}")
    places = settings.lake(os.environ, of=("silver",))
    batch = Lake(places).silver(table, options.ds)
    store = Store(places.endpoint, agent("rejected", [options.ds]))
    with rejected.opened(store, batch, table, options.reason, options.show_personal) as found:
        sys.stdout.write(f"{found.reasons()}\n" if found.count else "")
        if options.csv:
            found.write(options.csv)
        elif found.count:
            sys.stdout.write(f"{found.first(20)}\n")
        where = f", in {options.csv}" if options.csv else ""
        log.info("rejected done: %s: %d rows%s", batch, found.count, where)


if __name__ == "__main__":
    sys.exit(run(main))
