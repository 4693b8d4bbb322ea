"""A day from the sources to gold in one Spark application: the four jobs in their order, under one start of Spark.

Reads    what extract_postgres, extract_cassandra, silver and gold read
Writes   what they write; each step is run, whatever stops another: a day or table that is bad stops no other. With
         --refresh nothing is made unless both sources were read
Fails    as the extractions did, or else as the first of silver and gold
Rerun    a published day is left alone; --refresh reads the sources again, --force makes silver and gold again

    spark-submit jobs/day.py --ds 2025-03-01
    spark-submit jobs/day.py --from 2025-03-01 --to 2025-03-31
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from daybook import arguments, settings
from daybook.context import context, warn_if_refused
from daybook.contracts import CASSANDRA_TABLES, FEED_NO_FIGURE, GOLD_TABLES, SOURCE_TABLES
from daybook.errors import DaybookError, foremost
from daybook.failures import java
from daybook.lake.publish import Published
from daybook.log import log
from daybook.process.runtime import run, tell_where, was_interrupted
from daybook.sources.extraction import Asked, wait_until_settled
from daybook.steps import bronze_cassandra, bronze_postgres, gold, silver
from daybook.steps.report import tell


def main() -> None:
    """Parse, name what is set wrong, then run the four steps in one session."""
    parser = arguments.parser(__doc__)
    parser.add_argument("--refresh", action="store_true", help="read published days again")
    parser.add_argument("--force", action="store_true", help="make silver and gold again though nothing changed")
    options = parser.parse_args()
    days, force = arguments.days(parser, options), options.force
    postgres, cassandra = cache(settings.postgres), cache(settings.cassandra)
    asked = Asked(options.refresh, options.allow_incomplete, settings.settle())
    with context("day", days) as ctx:
        warn_if_refused(postgres, "extract_postgres")
        warn_if_refused(cassandra, "extract_cassandra")
        wait_until_settled(days[-1], asked.settle)
        read = {
            "extract_postgres": lambda: bronze_postgres.publish_days(ctx, postgres(), days, asked),
            "extract_cassandra": lambda: bronze_cassandra.publish_days(ctx, cassandra(), CASSANDRA_TABLES, days, asked),
        }
        made = {
            "silver": lambda: silver.publish_days(ctx, SOURCE_TABLES, GOLD_TABLES, days, force, FEED_NO_FIGURE),
            "gold": lambda: gold.publish_days(ctx, GOLD_TABLES, SOURCE_TABLES, days, force),
        }
        unread = _run(read)
        # Sources of two ages are not mixed: what one of them has told anew waits for the other.
        unmade = [] if unread and options.refresh else _run(made)
        if unread or unmade:
            raise foremost(unread or unmade[:1])


def _run(steps: Mapping[str, Callable[[], Iterable[Published]]]) -> list[DaybookError]:
    """Take each step, whatever stops another, for what expires at a source meanwhile is lost; what stopped them."""
    failures = []
    for name, publish in steps.items():
        try:
            tell(name, publish())
        except Exception as error:
            explained = error if isinstance(error, DaybookError) else java.explained(error)
            if explained is None or was_interrupted(error):
                raise
            tell_where(error, explained)
            log.warning("%s ended with exit %d: %s -- next: %s", name, explained.exit_code, explained, explained.then)
            failures.append(explained)
    return failures


if __name__ == "__main__":
    sys.exit(run(main))
