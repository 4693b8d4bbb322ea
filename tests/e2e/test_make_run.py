"""`make run` ends with 2 whatever happened: the last line says which job ended, and with which code."""

import os
import subprocess
import sys
from pathlib import Path

from daybook.process.watcher import JVM_ENDED
from tests.kit.clock import yesterday_for
from tests.kit.harness import said
from tests.kit.processes import below, stopped_after
from toolchain import places

NO_SERVER = {"PGHOST": "127.0.0.1", "PGPORT": "1", "PGDATABASE": "none", "PGUSER": "nobody", "PGPASSWORD": "none"} | {
    "CASSANDRA_HOSTS": "127.0.0.1", "CASSANDRA_PORT": "1", "CASSANDRA_KEYSPACE": "none", "CASSANDRA_LOCAL_DC": "none",
    "CASSANDRA_USERNAME": "nobody", "CASSANDRA_PASSWORD": "none",
}  # fmt: skip
NO_STORE = {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
FOR_HOURS = {"DAYBOOK_SETTLE_MINUTES": "1440"}


def begun(home: Path, day: str, **settings: str) -> subprocess.Popen[str]:
    """`make run`'s own command, with these settings and nothing of the caller's."""
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LC_ALL": "C.UTF-8", **settings}
    command = [sys.executable, "-m", "local", "--home", str(home), "run", "--ds", day]
    return subprocess.Popen(
        command, env=env, cwd=places.ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def ended(code: int) -> str:
    return f"  day ended with exit code {code}; load_duckdb was not run"


def test_it_ends_with_the_code_of_the_job_that_failed_and_says_so_last(tmp_path: Path) -> None:
    job = begun(tmp_path, "2025-03-01", PGHOST="127.0.0.1")
    printed, _ = job.communicate()
    assert (job.returncode, printed.splitlines()[-1]) == (2, ended(2)), printed


def test_a_job_that_was_killed_is_told_by_128_and_the_signal(tmp_path: Path) -> None:
    yesterday = str(yesterday_for(minutes=2))
    lines = []
    with begun(tmp_path, yesterday, **NO_SERVER, **NO_STORE, **FOR_HOURS) as job, stopped_after(job.pid):
        for line in job.stdout or ():
            lines.append(line.rstrip())
            if " more for late writes of " in line:
                [jvm] = below(job.pid, "org.apache.spark.deploy.SparkSubmit")
                jvm.kill()
    told, spent, last = lines[-3:]
    assert (job.returncode, last) == (137, ended(137)), lines
    assert said(told) == JVM_ENDED
    assert spent.startswith(f"  day --ds {yesterday} ")
