"""`make run`: a day or a range of days from the sources to the warehouse, against whatever the environment names.

`make page` makes the pages of days that were run so.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local import settings
from toolchain import places, setup
from toolchain.report import LocalError, say, step

SIGNALLED = 128  # and the signal's number: the code by which a shell tells of a process that a signal ended
JOBS = places.ROOT / "jobs"
Each = Callable[[bytes], object]


def pass_on(line: bytes) -> None:
    """Show a line that a job has printed."""
    sys.stdout.buffer.write(line)
    sys.stdout.flush()


def run(days: Sequence[str], home: Path, refresh: bool = False, rebuild: bool = False, each: Each = pass_on) -> int:
    """Run the steps to gold in one Spark application, then the load; return the exit code of what fails, else 0.

    With `refresh` the sources are read again for days whose bronze is already published; with `rebuild` the
    warehouse is made anew from all of gold. `each` is told every line that a job prints.
    """
    env, loader_env = environments(home)
    submit = str(places.environment("spark") / "bin" / "spark-submit")
    for job, program, environment, arguments in (
        ("day", submit, env, [*days, "--refresh"] if refresh else days),
        ("load_duckdb", str(places.python("duckdb")), loader_env, ["--rebuild"] if rebuild else days),
    ):
        with step(f"{job} {' '.join(arguments)}"):
            code = told([program, str(JOBS / f"{job}.py"), *arguments], environment, each)
        if code != 0:
            not_run = "; load_duckdb was not run" if job == "day" else ""
            say(f"  {job} ended with exit code {code}{not_run}")
            return code
    return 0


def page(days: Sequence[str], home: Path, each: Each = pass_on) -> int:
    """Make the pages of the days, or that of the warehouse's newest; return the job's exit code."""
    env, _ = environments(home)
    return told([str(places.python("page")), str(JOBS / "page.py"), *days], env, each)


def told(command: Sequence[str], environment: Mapping[str, str], each: Each) -> int:
    """Run a program and tell what it prints, to the end: what is said for one that was killed comes after its death."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        try:
            _tell(process, each)
        except KeyboardInterrupt:  # the job has got the same Ctrl-C, and its answer is wanted
            _tell(process, each)
            raise
    return process.returncode if process.returncode >= 0 else SIGNALLED - process.returncode


def _tell(process: subprocess.Popen[bytes], each: Each) -> None:
    for line in process.stdout or ():
        each(line)


def environments(home: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return the environment of the Spark jobs and that of the loader.

    The local stack's accounts are used only where the caller names no PostgreSQL server: settings of
    two places must never mix.
    """
    base = {**os.environ, "PATH": f"{places.environment('spark') / 'bin'}:{os.environ['PATH']}"}
    base.pop("SPARK_HOME", None)  # it would take the launcher to another Spark
    if base.get("PGHOST"):
        return {"JAVA_HOME": setup.load().java_home, **base}, base
    if not (home / "env").exists():
        raise LocalError(f"no PGHOST in the environment and no {home / 'env'}; run: make up, or export the settings")
    own = settings.read(home / "env")
    for name in ("PGPASSFILE", *(f"{each}_FILE" for each in own)):  # the caller's would be a second one
        base.pop(name, None)
    jobs = base | own
    return jobs, jobs | settings.read(home / "loader.env")
