"""Under Airflow, what may pass is tried again and what cannot pass is not: real tasks, real failures."""

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field

import pytest

from tests.kit.airflow import IN_AIRFLOW, of_one_process, python
from tests.kit.harness import Daybook
from tests.kit.sources import POSTGRES_SCRIPT, postgres_schema

NOTHING = "2025-01-15"  # a day of which nothing is published
AGAIN, NEVER = "up_for_retry", "failed"
CROWDED = {"PGUSER": "crowded", "PGPASSWORD": "crowded"}


@dataclass(frozen=True)
class Condition:
    """What is wrong while a task is tried."""

    task: str
    changes: dict[str, str] = field(default_factory=dict)
    killed: bool = False
    day: str = NOTHING


NOWHERE = "http://127.0.0.1:1"
CONDITIONS = {  # what ends with which exit code, and becomes what
    "PostgreSQL is down": (Condition("extract_postgres", {"PGPORT": "1"}), "1", AGAIN),
    "PostgreSQL's role has no connection left": (Condition("extract_postgres", CROWDED), "1", AGAIN),
    "PostgreSQL refuses the password": (Condition("extract_postgres", {"PGPASSWORD": "wrong"}), "2", NEVER),
    "a table is missing in the source": (Condition("extract_postgres", {"PG_SCHEMA": "retries"}), "3", NEVER),
    "Cassandra is away": (Condition("extract_cassandra", {"CASSANDRA_PORT": "1"}), "1", AGAIN),
    "the object store is away": (Condition("silver", {"AWS_ENDPOINT_URL_S3": NOWHERE}), "1", AGAIN),
    "the object store refuses the keys": (Condition("silver", {"AWS_SECRET_ACCESS_KEY": "wrong"}), "2", NEVER),
    "Spark's folder is a file": (Condition("silver", {"SPARK_LOCAL_DIRS": "/dev/null"}), "2", NEVER),
    "the JVM is killed": (Condition("gold", killed=True), None, AGAIN),
    "gold is not published yet": (Condition("load_duckdb"), "1", AGAIN),
    "the warehouse is a folder": (Condition("load_duckdb", {"DUCKDB_PATH": "/tmp"}), "2", NEVER),
    "nothing is there to be verified": (Condition("verify"), "1", AGAIN),
}


@contextmanager
def crowded(daybook: Daybook) -> Iterator[None]:
    """A role that may log in, and has no connection left."""
    with closing(daybook.postgres("admin")) as server, server.cursor() as run:
        server.autocommit = True
        run.execute("CREATE ROLE crowded LOGIN PASSWORD 'crowded' CONNECTION LIMIT 0")
        try:
            yield
        finally:
            run.execute("DROP ROLE crowded")


@pytest.fixture(scope="module")
def ends(daybook: Daybook, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str | None, str]]:
    """Condition → the exit code that the task told, and its state after that one try."""
    home = tmp_path_factory.mktemp("airflow")
    env = of_one_process(daybook, home, daybook.own_lake("retries"))
    told = json.dumps([asdict(condition) for condition, *_ in CONDITIONS.values()])
    with crowded(daybook), postgres_schema(daybook, "retries", f"{POSTGRES_SCRIPT}; DROP TABLE groups CASCADE"):
        output = python(home, env, str(IN_AIRFLOW / "retries.py"), told)
    codes = [re.search(r"failed \(exit (\d)\)", part) for part in output.split("[DAG TEST] starting task_id=")[1:]]
    states = json.loads(output.splitlines()[-1])
    found = zip(CONDITIONS, codes, states, strict=True)
    return {condition: (code[1] if code else None, state) for condition, code, state in found}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_what_may_pass_is_tried_again_and_nothing_else(ends: dict[str, tuple[str | None, str]], condition: str) -> None:
    assert ends[condition] == CONDITIONS[condition][1:]
