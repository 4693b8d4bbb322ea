"""A job started by the wrong Python says in one line which is the right one. The Pythons are real ones."""

import ast
import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest

from tests.kit.harness import JOBS, Ended
from toolchain import places

DAY = ("--ds", "2025-03-01")
SPARK, DUCKDB = places.ROOT / ".local" / "envs" / "spark", places.ROOT / ".local" / "envs" / "duckdb"
SUBMIT = f"export PATH={SPARK / 'bin'}:$PATH && spark-submit"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python without any package."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=True)
    return folder / "bin" / "python"


def run(*command: object, **changes: str) -> Ended:
    words = [str(word) for word in command]
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LC_ALL": "C.UTF-8"} | changes
    done = subprocess.run(words, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return Ended(done.returncode, done.stdout)


def refused(ended: Ended, why: str, then: str) -> None:
    assert (ended.code, ended.last_line) == (2, f"failed (exit 2): {why} -- next: {then}")
    assert "Traceback" not in ended.output


def lacks(package: str, python: Path) -> str:
    return f"the package {package} is missing in {python}"


def test_a_spark_job_by_the_loaders_python() -> None:
    python, job = places.python("duckdb"), JOBS / "gold.py"
    refused(run(python, job, *DAY), lacks("pyspark", python), f"{SUBMIT} {job} --ds 2025-03-01")


@pytest.mark.parametrize("name", ["load_duckdb", "verify"])
def test_the_loader_and_the_proof_by_sparks_python(name: str) -> None:
    python, job = places.python("spark"), JOBS / f"{name}.py"
    refused(run(python, job, *DAY), lacks("duckdb", python), f"{DUCKDB / 'bin' / 'python'} {job} --ds 2025-03-01")


def test_a_python_without_any_package(bare: Path) -> None:
    job = JOBS / "verify.py"
    refused(run(bare, job, *DAY), lacks("boto3", bare), f"{DUCKDB / 'bin' / 'python'} {job} --ds 2025-03-01")


def test_spark_submit_told_a_python_without_the_packages(bare: Path) -> None:
    job, home = JOBS / "gold.py", next(places.environment("spark").glob("lib/python*/site-packages/pyspark"))
    ended = run(home / "bin" / "spark-submit", job, *DAY, SPARK_HOME=str(home), PYSPARK_PYTHON=str(bare))
    refused(ended, lacks("boto3", bare), f"unset PYSPARK_PYTHON; {SUBMIT} {job} --ds 2025-03-01")


@pytest.mark.parametrize(("job", "environment"), [("gold", "duckdb"), ("verify", "spark")])
def test_what_is_said_of_a_wrong_python_is_typed_and_starts_the_job_by_the_right_one(
    job: str, environment: str
) -> None:
    said = run(places.python(environment), JOBS / f"{job}.py", *DAY)
    typed = run("bash", "-c", said.last_line.partition(" -- next: ")[2], DAYBOOK_GOLD="nowhere")
    assert typed.last_line.startswith("failed (exit 2): setting DAYBOOK_GOLD='nowhere' is not s3a://"), typed.output


def test_outside_of_a_checkout_the_lock_is_named(bare: Path, tmp_path: Path) -> None:
    copy = tmp_path / "a copy" / "jobs"
    shutil.copytree(JOBS, copy)
    lock = copy.parent / "requirements" / "spark.txt"
    then = f"make setup, or use an environment made from {lock}"
    refused(run(bare, copy / "silver.py", *DAY), lacks("pyspark", bare), then)


def test_outside_of_a_checkout_an_environment_made_from_that_lock_does(bare: Path, tmp_path: Path) -> None:
    copy, path = tmp_path / "jobs", tmp_path / "analytics.duckdb"
    shutil.copytree(JOBS, copy)
    nobody = {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s"}
    settings = nobody | {"DUCKDB_PATH": str(path)}
    lock = tmp_path / "requirements" / "page.txt"
    ended = run(bare, copy / "page.py", *DAY, **settings)
    refused(ended, lacks("boto3", bare), f"make setup, or use an environment made from {lock}")
    ended = run(places.python("page"), copy / "page.py", *DAY, **settings)
    assert ended.code == 0, ended.output
    assert (tmp_path / "daybook" / "days" / "2025-03-01.html").exists()


def test_a_python_that_is_too_old(bare: Path) -> None:
    job = JOBS / "silver.py"
    older = f"import runpy, sys; sys.version_info = (3, 10, 14); sys.path[0] = {str(JOBS)!r}"
    started = f"sys.argv = {[str(job), *DAY]!r}; runpy.run_path(sys.argv[0], run_name='__main__')"
    ended = run(bare, "-c", f"{older}; {started}")
    refused(ended, f"{bare} is Python 3.10; 3.11 or 3.12 is needed", f"{SUBMIT} {job} --ds 2025-03-01")


@pytest.mark.parametrize("file", ["__init__.py", "interpreter.py"])
def test_an_older_python_can_read_what_refuses_it(file: str) -> None:
    ast.parse((JOBS / "daybook" / file).read_text(), feature_version=(3, 8))
