"""A day from the sources to gold in one Spark application: the four jobs in their order, under one start of Spark.

Reads    what extract_postgres, extract_cassandra, silver and gold read
Writes   what they write; a step that fails ends the run, and what the steps before it published stays
Rerun    a published day is left alone; --refresh reads the sources again, --force makes silver and gold again

    spark-submit jobs/day.py --ds 2025-03-01
    spark-submit jobs/day.py --from 2025-03-01 --to 2025-03-31
"""

import sys

from daybook import arguments, settings
from daybook.context import context
from daybook.contracts import CASSANDRA_TABLES, GOLD_TABLES, SOURCE_TABLES
from daybook.extraction import Asked, wait_until_settled
from daybook.report import tell
from daybook.runtime import run
from daybook.steps import bronze_cassandra, bronze_postgres, gold, silver


def main() -> None:
    """Parse, read all settings, then run the four steps in one session."""
    parser = arguments.parser(__doc__)
    parser.add_argument("--refresh", action="store_true", help="read published days again")
    parser.add_argument("--force", action="store_true", help="make silver and gold again though nothing changed")
    options = parser.parse_args()
    days, force = arguments.days(parser, options), options.force
    postgres, cassandra = settings.postgres(), settings.cassandra()
    asked = Asked(options.refresh, options.allow_incomplete, settings.settle())
    wait_until_settled(days[-1], asked.settle)
    with context("day", days) as ctx:
        tell("extract_postgres", bronze_postgres.publish_days(ctx, postgres, days, asked))
        tell("extract_cassandra", bronze_cassandra.publish_days(ctx, cassandra, CASSANDRA_TABLES, days, asked))
        tell("silver", silver.publish_days(ctx, SOURCE_TABLES, GOLD_TABLES, days, force))
        tell("gold", gold.publish_days(ctx, GOLD_TABLES, SOURCE_TABLES, days, force))


if __name__ == "__main__":
    sys.exit(run(main))
