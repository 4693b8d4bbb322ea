"""Cassandra → bronze: its tables of the day, as text, unjudged.

Reads    the tables of CASSANDRA_TABLES in jobs/daybook/contracts, each by its time column
Writes   <bronze>/<table>/<ds>/<table>.csv/… and a manifest per table and day
Rerun    a published day is history and is kept; --refresh reads the source again

    spark-submit jobs/extract_cassandra.py --ds 2025-03-01
    spark-submit jobs/extract_cassandra.py --from 2025-03-01 --to 2025-03-31 --table user_purchases
"""

import sys

from daybook import arguments, settings
from daybook.context import context
from daybook.contracts import CASSANDRA_TABLES
from daybook.process.runtime import run
from daybook.sources.extraction import Asked, wait_until_settled
from daybook.steps import bronze_cassandra
from daybook.steps.report import tell


def main() -> None:
    """Parse, connect, publish every table-day, sum up."""
    parser = arguments.parser(__doc__)
    arguments.add_tables(parser, CASSANDRA_TABLES)
    parser.add_argument("--refresh", action="store_true", help="read published days again")
    options = parser.parse_args()
    days = arguments.days(parser, options)
    tables = arguments.chosen(options.table, CASSANDRA_TABLES)
    source = settings.cassandra()
    asked = Asked(options.refresh, options.allow_incomplete, settings.settle())
    wait_until_settled(days[-1], asked.settle)
    with context("extract_cassandra", days) as ctx:
        tell("extract_cassandra", bronze_cassandra.publish_days(ctx, source, tables, days, asked))


if __name__ == "__main__":
    sys.exit(run(main))
