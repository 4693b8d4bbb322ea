"""A job without Spark, run by an environment that holds DuckDB and nothing of Airflow."""

from collections.abc import Callable
from typing import Any

from airflow.providers.common.compat.sdk import task

from daybook_tasks import places
from daybook_tasks.exit_codes import no_retry_of_final


def run_job(
    file: str, first: str, last: str, account: str = "", warehouse: str = "", query: str = ""
) -> dict[str, int | None] | None:
    """Run a job's file for the days from first to last; a setting that the environment has with the account's prefix replaces the plain one.

    When it has ended well, a query may ask the warehouse for names and numbers of these days; what it cannot answer
    fails nothing. The source of this function is all that reaches the other environment: it imports for itself.
    """
    import os
    import subprocess
    import sys

    minutes = 30  # Airflow's own time limit would wait for the end of what this waits for
    prefixed = [name for name, value in os.environ.items() if account and value and name.startswith(account)]
    own = {name.removeprefix(account): os.environ[name] for name in prefixed}
    if "AWS_ACCESS_KEY_ID" in own:  # a token of the jobs' keys would not fit its own
        own.setdefault("AWS_SESSION_TOKEN", "")
    for name in list(own):  # of a secret that is its own, the jobs' is not given beside it
        own.setdefault(name.removesuffix("_FILE") if name.endswith("_FILE") else f"{name}_FILE", "")
    days = ["--ds", first] if first == last else ["--from", first, "--to", last]
    done = subprocess.run(
        [sys.executable, file, *days], env={**os.environ, **own, "LC_ALL": "C.UTF-8"}, timeout=minutes * 60
    )
    if done.returncode:
        sys.exit(done.returncode)
    if not query:
        return None
    import duckdb

    try:
        with duckdb.connect(warehouse, read_only=True) as opened:
            return dict(opened.execute(query, [first, last]).fetchall())
    except duckdb.Error as error:
        sys.stderr.write(f"how many rows there are is not told: {type(error).__name__}\n")
        return None


def python_job(*, environment: str = "duckdb", **arguments: Any) -> Callable[..., Any]:
    """The task that runs a job, in the environment that is there, or in one built from the hash-locked requirements."""
    there, arguments = places.python_environment(environment), {**arguments, **no_retry_of_final()}
    if there:
        return task.external_python(python=str(there / "bin" / "python"), expect_airflow=False, **arguments)(run_job)
    # A requirements argument with hashes is refused as malformed; the installer's own options take the lock as it is,
    # which is whole: there is nothing to resolve.
    return task.virtualenv(
        requirements=[],
        pip_install_options=["--require-hashes", "--no-deps", "-r", str(places.lock(environment))],
        system_site_packages=False,
        expect_airflow=False,
        **arguments,
    )(run_job)
