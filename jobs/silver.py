"""Bronze → silver: typed, judged, one row per key; what is refused is kept with its reasons.

Reads    the bronze manifests of the day and the files they name
Writes   <silver>/<table>/<ds>/<table>.parquet/… and <silver>/_rejected/<table>/<ds>/…, one manifest for both
Fails    if a table-day is refused; of a table that feeds no figure, and without --table, that is a warning
Rerun    a table-day whose inputs are unchanged is left alone; --force makes it anyway; published days before and
         after, which gold reads together, are made again if their meaning, a setting or a rate has changed

    spark-submit jobs/silver.py --ds 2025-03-01
    spark-submit jobs/silver.py --from 2025-03-01 --to 2025-03-31 --table users
"""

import sys

from daybook import arguments
from daybook.context import context
from daybook.contracts import FEED_NO_FIGURE, GOLD_TABLES, SOURCE_TABLES
from daybook.process.runtime import run
from daybook.steps import silver
from daybook.steps.report import tell


def main() -> None:
    """Parse, publish every table-day, sum up."""
    parser = arguments.parser(__doc__)
    arguments.add_tables(parser, SOURCE_TABLES)
    parser.add_argument("--force", action="store_true", help="make table-days again though nothing changed")
    options = parser.parse_args()
    days = arguments.days(parser, options)
    tables = arguments.chosen(options.table, SOURCE_TABLES)
    beside = () if options.table else FEED_NO_FIGURE
    with context("silver", days) as ctx:
        tell("silver", silver.publish_days(ctx, tables, GOLD_TABLES, days, options.force, beside))


if __name__ == "__main__":
    sys.exit(run(main))
