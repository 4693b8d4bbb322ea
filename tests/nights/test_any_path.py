"""A checkout may lie anywhere: blanks and brackets in its path never matter, accents do where Java knows no letters."""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.kit.airflow import IN_AIRFLOW
from tests.kit.harness import SMALL, Ended, ended
from toolchain import places

PLAIN, ACCENTED = "a depot [1] *", "un dépôt [1] *"
NO_SERVER = {"PGHOST": "127.0.0.1", "PGPORT": "1", "PGDATABASE": "none", "PGUSER": "nobody", "PGPASSWORD": "none"}
NO_STORE = {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
NOT_REACHED = (
    "failed (exit 1): object store http://127.0.0.1:1: not reached (nobody answers)"
    " -- next: see that the server is up and AWS_ENDPOINT_URL_S3 is its address, then run the same command again"
)
MASTER = '{"conn_type": "spark", "host": "local[1]"}'


def checkout(folder: Path) -> Path:
    """A checkout as far as running its jobs goes; its environments are this one's."""
    for part in ("jobs", "dags", "conf"):
        shutil.copytree(places.ROOT / part, folder / part)
    environments = folder / ".local" / "envs"
    environments.mkdir(parents=True)
    (environments / "spark").symlink_to(places.environment("spark"))
    return folder


def run(*command: object, folder: Path, **changes: str) -> Ended:
    words = [str(word) for word in command]
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **SMALL, **NO_SERVER, **NO_STORE, **changes}
    return ended(words, env, folder)


@pytest.mark.parametrize(("name", "locale"), [(PLAIN, "C"), (ACCENTED, "C.UTF-8")])
def test_spark_submit_as_the_readme_has_it(tmp_path: Path, name: str, locale: str) -> None:
    folder = checkout(tmp_path / name)
    path = f"{folder / '.local' / 'envs' / 'spark' / 'bin'}:{os.environ['PATH']}"
    day = ("--ds", "2025-03-01")
    ended = run("spark-submit", "jobs/extract_postgres.py", *day, folder=folder, PATH=path, LC_ALL=locale)
    assert (ended.code, ended.last_line) == (1, NOT_REACHED), ended.output


def test_the_dag_submits_whatever_airflows_locale(tmp_path: Path) -> None:
    folder, home = checkout(tmp_path / ACCENTED), tmp_path / "airflow"
    airflow = {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "PYTHONPATH": str(folder / "dags")}
    script = (IN_AIRFLOW / "submit.py", json.dumps([MASTER]))
    ended = run(places.python("airflow"), *script, folder=tmp_path, LC_ALL="C", **airflow)
    # The days of a task that nobody scheduled are templates still.
    told = "silver ended with exit code 2: silver.py: argument --from: '{{ params.ds or "
    assert json.loads(ended.last_line)[0].startswith(f"AirflowFailException: {told}"), ended.output


def test_make_starts_everything_in_a_locale_with_letters() -> None:
    show = ("--eval", "shown: ; @echo $$LC_ALL", "shown")
    assert run("make", "-s", *show, folder=places.ROOT, LC_ALL="C") == Ended(0, "C.UTF-8\n")
