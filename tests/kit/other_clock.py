"""A job where clocks are days off, this machine's and the sources': run as `other_clock.py HERE THERE JOB …`.

All of Daybook's own modules get this machine's clock, and nothing else: the object store would refuse such a client.
Of the sources' clock they are told as the sources would tell it. For a driver that stays.
"""

import runpy
import sys
from contextlib import ExitStack
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from unittest.mock import patch


class Other(datetime):
    """The time as that machine tells it."""

    off = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """So much later than it is, or earlier."""
        return datetime.now(tz) + cls.off


def main() -> None:
    """Run the job named third, with the arguments after it. What it imports gets the clocks."""
    from daybook.sources import reach

    jobs, by_clock = Path(reach.__file__).parents[2], reach.by_clock
    Other.off, there_off = (timedelta(days=int(number)) for number in sys.argv[1:3])
    sys.argv = [f"{sys.argv[3]}.py", *sys.argv[4:]]
    runpy.run_path(str(jobs / sys.argv[0]), run_name="imported")
    modules = [name for name in sys.modules if name.startswith("daybook.")]
    with ExitStack() as changes:
        for name in modules:
            if getattr(sys.modules[name], "datetime", None) is datetime:
                changes.enter_context(patch(f"{name}.datetime", Other))
        changes.enter_context(patch.object(reach, "by_clock", lambda where, there: by_clock(where, there + there_off)))
        runpy.run_path(str(jobs / sys.argv[0]), run_name="__main__")


if __name__ == "__main__":
    main()
