"""A job on a machine whose clock is a day ahead of the servers': run as `ahead.py JOB …` in a driver that stays.

All of Daybook's own modules get the clock, and nothing else: the object store would refuse such a client.
"""

import runpy
import sys
from contextlib import ExitStack
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from unittest.mock import patch


class Ahead(datetime):
    """The time as that machine tells it."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """A day later than it is."""
        return datetime.now(tz) + timedelta(days=1)


def main() -> None:
    """Run the job named first, with the arguments after it. What has been imported gets the clock."""
    import daybook.steps.bronze_cassandra
    import daybook.steps.bronze_postgres

    jobs = Path(daybook.__file__).parents[1]
    sys.argv = [f"{sys.argv[1]}.py", *sys.argv[2:]]
    modules = [name for name in sys.modules if name.startswith("daybook.")]
    with ExitStack() as changes:
        for name in modules:
            if getattr(sys.modules[name], "datetime", None) is datetime:
                changes.enter_context(patch(f"{name}.datetime", Ahead))
        runpy.run_path(str(jobs / sys.argv[0]), run_name="__main__")


if __name__ == "__main__":
    main()
