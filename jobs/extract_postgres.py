"""PostgreSQL → bronze: its tables as they stood at one moment, as text, unjudged.

Reads    the tables of POSTGRES_TABLES in jobs/daybook/contracts, whole, or the day where one has a window
Writes   <bronze>/<table>/<ds>/<table>.csv/… under one manifest, <bronze>/_postgres/<ds>/_MANIFEST.json
Rerun    a published day is history and is kept; --refresh reads the source again, with --table that table alone

    spark-submit jobs/extract_postgres.py --ds 2025-03-01
    spark-submit jobs/extract_postgres.py --from 2025-03-01 --to 2025-03-31
"""

import sys

from daybook import arguments, settings
from daybook.context import context
from daybook.contracts import POSTGRES_TABLES
from daybook.process.runtime import run
from daybook.sources.extraction import Asked, wait_until_settled
from daybook.steps import bronze_postgres
from daybook.steps.report import tell


def main() -> None:
    """Parse, connect, publish every day, sum up."""
    parser = arguments.parser(__doc__)
    parser.add_argument("--refresh", action="store_true", help="read published days again")
    arguments.add_tables(parser, POSTGRES_TABLES)
    options = parser.parse_args()
    days = arguments.days(parser, options)
    if options.table and not options.refresh:
        parser.error("--table reads a table of published days again: it goes with --refresh")
    if options.table and options.allow_incomplete:
        parser.error("--table reads a table of whole days again: no --allow-incomplete with it")
    tables = arguments.chosen(options.table, POSTGRES_TABLES)
    source = settings.postgres()
    asked = Asked(options.refresh, options.allow_incomplete, settings.settle())
    wait_until_settled(days[-1], asked.settle)
    with context("extract_postgres", days) as ctx:
        tell("extract_postgres", bronze_postgres.publish_days(ctx, source, days, asked, tables))


if __name__ == "__main__":
    sys.exit(run(main))
