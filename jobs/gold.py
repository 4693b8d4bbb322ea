"""Silver → gold: what each user did that day, and what each notification achieved.

Reads    the silver manifests of the day and its neighbours, and the files they name
Writes   <gold>/<table>/<day>/<table>.parquet/… for the day, and again for neighbours that read it
Rerun    a gold day whose inputs are unchanged is left alone; --force makes it anyway

    spark-submit jobs/gold.py --ds 2025-03-01
    spark-submit jobs/gold.py --from 2025-03-01 --to 2025-03-31 --table global_user_activity_per_day
"""

import sys

from daybook import arguments
from daybook.context import context
from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.process.runtime import run
from daybook.steps import gold
from daybook.steps.report import tell


def main() -> None:
    """Parse, publish every gold day concerned, sum up."""
    parser = arguments.parser(__doc__)
    arguments.add_tables(parser, GOLD_TABLES)
    parser.add_argument("--force", action="store_true", help="make table-days again though nothing changed")
    options = parser.parse_args()
    days = arguments.days(parser, options)
    tables = arguments.chosen(options.table, GOLD_TABLES)
    with context("gold", days) as ctx:
        tell("gold", gold.publish_days(ctx, tables, SOURCE_TABLES, days, options.force))


if __name__ == "__main__":
    sys.exit(run(main))
