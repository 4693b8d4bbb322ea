"""The Python a job is started with: if it is too old or lacks a package, one line says which to use instead.

Imported before anything else of Daybook, and written so that older Pythons, too, can read it.
"""

import os
import shlex
import sys
import time
from types import TracebackType

OLDEST = (3, 11)
WRONG = 2  # as of UsageError, whose module an older Python cannot read

_JOBS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
_ROOT = os.path.dirname(_JOBS)
_WITHOUT_SPARK = dict.fromkeys(("load_duckdb.py", "rejected.py", "sweep.py", "verify.py"), "duckdb")
_WITHOUT_SPARK["page.py"] = "page"
_CHOOSE_A_PYTHON = ("PYSPARK_DRIVER_PYTHON", "PYSPARK_PYTHON")


def guard() -> None:
    """Refuse a Python that is too old; have a package that cannot be found told in one line."""
    if sys.version_info < OLDEST:
        _refuse(f"{sys.executable} is Python {sys.version_info[0]}.{sys.version_info[1]}; 3.11 or 3.12 is needed")
    sys.excepthook = _tell


def _tell(kind: "type[BaseException]", error: BaseException, trace: "TracebackType | None") -> None:
    package = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if package:
        _refuse(f"the package {package} is missing in {sys.executable}")
    sys.__excepthook__(kind, error, trace)


def _refuse(why: str) -> None:
    """End as `daybook.process.runtime` would, which may not be there to do it."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    sys.stdout.write(f"{now} ERROR failed (exit {WRONG}): {why} -- next: {_then()}\n")
    sys.exit(WRONG)


def _then() -> str:
    """The command that continues: with the checkout's own environment, unless that is the one that is wrong."""
    name = _WITHOUT_SPARK.get(os.path.basename(sys.argv[0]), "spark")
    environment = os.path.join(_ROOT, ".local", "envs", name)
    programs, command = os.path.join(environment, "bin"), " ".join(map(shlex.quote, sys.argv))
    if not os.path.isdir(environment) or os.path.samefile(environment, sys.prefix):
        lock = os.path.join(_ROOT, "requirements", f"{name}.txt")
        return f"make setup, or use an environment made from {lock}"
    if name != "spark":
        return f"{shlex.quote(os.path.join(programs, 'python'))} {command}"
    chosen = [variable for variable in _CHOOSE_A_PYTHON if variable in os.environ]
    forget = f"unset {' '.join(chosen)}; " if chosen else ""
    return f"{forget}export PATH={shlex.quote(programs)}:$PATH && spark-submit {command}"


if os.path.dirname(os.path.realpath(sys.argv[0])) == _JOBS:  # who else imports Daybook chose its own Python
    guard()
