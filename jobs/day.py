"""A day from the sources to gold in one Spark application: the four jobs in their order, under one start of Spark.

Reads    what extract_postgres, extract_cassandra, silver and gold read
Writes   what they write; after a step with a bad day or table the next ones make what they can, and the run ends as it
Rerun    a published day is left alone; --refresh reads the sources again, --force makes silver and gold again

    spark-submit jobs/day.py --ds 2025-03-01
    spark-submit jobs/day.py --from 2025-03-01 --to 2025-03-31
"""

import sys
from collections.abc import Callable, Iterable, Mapping

from daybook import arguments, settings
from daybook.context import context
from daybook.contracts import CASSANDRA_TABLES, FEED_NO_FIGURE, GOLD_TABLES, SOURCE_TABLES
from daybook.errors import DaybookError
from daybook.extraction import Asked, wait_until_settled
from daybook.lake.publish import Published
from daybook.log import log
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
        steps = {
            "extract_postgres": lambda: bronze_postgres.publish_days(ctx, postgres, days, asked),
            "extract_cassandra": lambda: bronze_cassandra.publish_days(ctx, cassandra, CASSANDRA_TABLES, days, asked),
            "silver": lambda: silver.publish_days(ctx, SOURCE_TABLES, GOLD_TABLES, days, force, FEED_NO_FIGURE),
            "gold": lambda: gold.publish_days(ctx, GOLD_TABLES, SOURCE_TABLES, days, force),
        }
        _run(steps)


def _run(steps: Mapping[str, Callable[[], Iterable[Published]]]) -> None:
    """Take each step, also after one that failed: a day or a table that is bad stops no other.

    Raises:
        DaybookError: what the first of those that failed ended with.
    """
    failures = []
    for name, publish in steps.items():
        try:
            tell(name, publish())
        except DaybookError as error:
            log.warning("%s ended with a failure (exit %d): %s -- next: %s", name, error.exit_code, error, error.then)
            failures.append(error)
    if failures:
        raise failures[0]


if __name__ == "__main__":
    sys.exit(run(main))
