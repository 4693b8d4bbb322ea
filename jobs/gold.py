"""Silver → gold: what each user did that day, and what each notification achieved.

Reads    the silver manifests of the day and its neighbours, and the files they name
Writes   <gold>/<table>/<day>/<table>.parquet/… for the day, and again for neighbours that read it
Rerun    a gold day whose inputs are unchanged is left alone; --force makes it anyway

    spark-submit jobs/gold.py --ds 2025-03-01
    spark-submit jobs/gold.py --from 2025-03-01 --to 2025-03-31 --table global_user_activity_per_day
"""

import sys
from functools import partial

from daybook import arguments
from daybook.context import context
from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.report import Report
from daybook.runtime import run
from daybook.side_by_side import side_by_side
from daybook.steps import gold


def main() -> None:
    """Parse, publish every gold day concerned, sum up."""
    parser = arguments.parser(__doc__)
    arguments.add_tables(parser, GOLD_TABLES)
    parser.add_argument("--force", action="store_true", help="make table-days again though nothing changed")
    options = parser.parse_args()
    days, report = arguments.days(parser, options), Report()
    with context(f"daybook gold {arguments.span(days)}") as ctx:
        targets = gold.targets(ctx, arguments.chosen(options.table, GOLD_TABLES), SOURCE_TABLES, days)
        publish = partial(gold.publish_day, ctx, SOURCE_TABLES)
        for published in side_by_side(partial(publish, *target, options.force) for target in targets):
            report.add(published)
        report.summary("gold")


if __name__ == "__main__":
    sys.exit(run(main))
