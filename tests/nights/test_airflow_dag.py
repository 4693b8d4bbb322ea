"""The DAG without a scheduler: its environments, its days, and the connection it is willing to submit with."""

import json
import logging
import os
import shlex
import subprocess
from pathlib import Path

import duckdb
import pytest

from daybook import log
from daybook.contracts import GOLD_TABLES
from daybook.process.watcher import JVM_ENDED, PYTHON_ENDED
from tests.kit import inbox
from tests.kit.airflow import IN_AIRFLOW
from tests.kit.clock import yesterday_for
from toolchain import places, python_envs

DAGS = places.ROOT / "dags"
HINT = '; define it as JSON, for example AIRFLOW_CONN_DAYBOOK_SPARK=\'{"conn_type": "spark", "host": "local[*]"}\''


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("airflow")


def python(home: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Airflow's Python, with the DAGs on its path and nothing of the caller's settings."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(DAGS),
    }
    command = [str(places.python("airflow")), *arguments]
    return subprocess.run(command, env=env | changes, capture_output=True, text=True, cwd=home)


@pytest.mark.parametrize(
    ("environment", "holds", "lacks"),
    [
        ("airflow", "airflow", ("pyspark", "duckdb")),
        ("spark", "pyspark", ("airflow", "duckdb")),
        ("duckdb", "duckdb", ("airflow", "pyspark")),
        ("page", "altair", ("airflow", "pyspark")),
    ],
)
def test_no_environment_holds_what_is_anothers(environment: str, holds: str, lacks: tuple[str, ...]) -> None:
    script = "import importlib.util as u, sys; print(*(bool(u.find_spec(name)) for name in sys.argv[1:]))"
    command = [str(places.python(environment)), "-I", "-c", script, holds, *lacks]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False"]


def test_the_dag_is_one_and_its_import_takes_nothing_but_airflow(home: Path) -> None:
    script = (
        "import json, sys, daybook_daily as d; names = {name.partition('.')[0] for name in sys.modules};"
        "tasks = {t.task_id: [t.pool, t.is_teardown, sorted(t.downstream_task_ids)] for t in d.dag.tasks};"
        "print(json.dumps([tasks, sorted(names & {'pyspark', 'duckdb', 'boto3', 'daybook', 'smtplib', 'slack_sdk'})]))"
    )
    done = python(home, "-c", script)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [
        {
            "extract_postgres": ["daybook_postgres", False, ["page", "silver"]],
            "extract_cassandra": ["daybook_cassandra", False, ["page", "silver"]],
            "silver": ["default_pool", False, ["gold"]],
            "gold": ["default_pool", False, ["load_duckdb"]],
            "load_duckdb": ["daybook_duckdb", False, ["verify"]],
            "verify": ["default_pool", False, ["page"]],
            "page": ["default_pool", True, []],
        },
        [],
    ]


def test_the_assets_bear_the_addresses_of_gold_of_the_warehouse_and_of_the_page(home: Path) -> None:
    uris = "{t.task_id: [o.uri for o in t.outlets] for t in d.dag.tasks}"
    script = f"import json, daybook_daily as d; print(json.dumps({uris}))"
    done = python(home, "-c", script, DAYBOOK_GOLD="s3a://lake/gold", DUCKDB_PATH="/srv/our days/analytics.duckdb")
    assert done.returncode == 0, done.stderr
    found = {task: uris for task, uris in json.loads(done.stdout.splitlines()[-1]).items() if uris}
    assert found == {
        "verify": [
            *(f"s3://lake/gold/{name}" for name in sorted(table.name for table in GOLD_TABLES)),
            "file:///srv/our%20days/analytics.duckdb",
        ],
        "page": ["file:///srv/our%20days/daybook/index.html"],
    }


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (None, [False, "2025-01-01", 120]),
        ("", [False, "2025-01-01", 120]),
        ("soon", [False, "2025-01-01", 120]),
        ("2025-03-01", [True, "2025-03-01", 120]),
    ],
)
def test_the_dag_catches_up_from_a_first_day_that_is_told_and_from_no_other(
    home: Path, first: str | None, told: list[object]
) -> None:
    delays = "d.dag.default_args['retry_delay'].total_seconds()"
    script = (
        f"import json, daybook_daily as d; print(json.dumps([d.dag.catchup, str(d.dag.start_date)[:10], {delays}]))"
    )
    changes = {} if first is None else {"DAYBOOK_FIRST_DAY": first, "DAYBOOK_RETRY_SECONDS": first and "soon"}
    done = python(home, "-c", script, **changes)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == told


@pytest.mark.parametrize("intervals", ["True", "False"])
def test_a_run_processes_the_day_before_it_whatever_airflow_is_set_to(home: Path, intervals: str) -> None:
    done = python(home, str(IN_AIRFLOW / "days.py"), AIRFLOW__SCHEDULER__CREATE_CRON_DATA_INTERVALS=intervals)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "scheduled": "2025-03-04",
        "due": "2025-03-05 00:00:00+00:00",
        "by hand at ten": "2025-03-04",
        "by hand, undated": "2025-03-04",
        "by hand, told": "2025-01-31",
        "by hand, told a range": "2025-01-30 to 2025-02-02",
        "by hand at midnight": "2025-03-04",
    }


NAMES_NONE = "which is none of local[*], spark://host:port and k8s://https://host:port"
GOOD = ["local[*]", "local", "local[4]", "spark://one:7077", "spark://one:7077,two:7077"]
BAD = {
    None: "does not exist or is malformed",
    "spark://local[2]": "does not exist or is malformed",
    '{"conn_type": "spark", "host": "local[*]"': "does not exist or is malformed",
    '{"conn_type": "spark", "host": "yarn"}': f"gives master 'yarn', {NAMES_NONE}",
    '{"conn_type": "spark", "host": "master"}': f"gives master 'master', {NAMES_NONE}",
    '{"conn_type": "spark", "host": "local[two]"}': f"gives master 'local[two]', {NAMES_NONE}",
    '{"conn_type": "http", "host": "spark"}': f"gives master 'http://spark', {NAMES_NONE}",
}


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    """What `spark-submit` is called with, in a Spark environment that only writes that down."""
    program, record = tmp_path / "bin" / "spark-submit", tmp_path / "submissions"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" | tee -a {record}\n')
    program.chmod(0o755)
    return record


def test_nothing_is_submitted_without_a_connection_that_names_a_master(home: Path, submissions: Path) -> None:
    good = [json.dumps({"conn_type": "spark", "host": master}) for master in GOOD]
    done = python(
        *(home, str(IN_AIRFLOW / "submit.py"), json.dumps([*BAD, *good])), DAYBOOK_SPARK_ENV=str(submissions.parent)
    )
    assert done.returncode == 0, done.stderr
    ends = json.loads(done.stdout.splitlines()[-1])
    refusals = [f"AirflowFailException: connection 'daybook_spark' {why}{HINT}" for why in BAD.values()]
    assert ends == [*refusals, *["submitted"] * len(GOOD)]
    assert [line.split()[:2] for line in submissions.read_text().splitlines()] == [["--master", m] for m in GOOD]


def test_what_an_engine_needs_more_comes_with_its_connection(home: Path, submissions: Path) -> None:
    conf = {"spark.kubernetes.container.image": "daybook", "spark.driver.host": "driver"}
    extra = {"deploy-mode": "client", "namespace": "spark", "conf": conf}
    connection = json.dumps({"conn_type": "spark", "host": "k8s://https://kube:6443", "extra": extra})
    done = python(
        *(home, str(IN_AIRFLOW / "submit.py"), json.dumps([connection])), DAYBOOK_SPARK_ENV=str(submissions.parent)
    )
    assert json.loads(done.stdout.splitlines()[-1]) == ["submitted"], done.stderr
    told = submissions.read_text()
    assert told.startswith("--master k8s://https://kube:6443 ")
    for wanted in (*(f"--conf {name}={value} " for name, value in conf.items()), "--deploy-mode client "):
        assert wanted in told


# What the job printed last, how it ended, and what becomes of the task.
ENDS = [
    ("failed (exit 1): a server is away", "exit 1", "AirflowException", 1),
    ("failed (exit 2): a setting is wrong", "exit 2", "AirflowFailException", 2),
    ("failed (exit 3): the data broke a contract", "exit 3", "AirflowFailException", 3),
    (JVM_ENDED, "exit 52", "AirflowException", 52),
    (JVM_ENDED, "exit 3", "AirflowException", 3),
    (JVM_ENDED, "kill -KILL $$", "AirflowException", 137),
    (PYTHON_ENDED, "exit 137", "AirflowException", 137),
]  # fmt: skip


def test_a_task_is_tried_again_unless_the_job_says_that_cannot_help(home: Path, submissions: Path) -> None:
    lines = [log.line(logging.ERROR, told) for told, *_ in ENDS]
    cases = (f"'local[{n}]') echo {shlex.quote(lines[n])}; {end};;" for n, (_, end, *_) in enumerate(ENDS))
    (submissions.parent / "bin" / "spark-submit").write_text(f'#!/bin/sh\ncase "$2" in {" ".join(cases)} esac\n')
    masters = [json.dumps({"conn_type": "spark", "host": f"local[{n}]"}) for n in range(len(ENDS))]
    done = python(
        *(home, str(IN_AIRFLOW / "submit.py"), json.dumps(masters)), DAYBOOK_SPARK_ENV=str(submissions.parent)
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [
        f"{failure}: silver ended with exit code {code}: {lines[n]}" for n, (_, _, failure, code) in enumerate(ENDS)
    ], done.stderr


def test_a_whole_dag_test_processes_the_day_before_or_the_one_it_is_told(home: Path, submissions: Path) -> None:
    changes = {
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW_CONN_DAYBOOK_SPARK": '{"conn_type": "spark", "host": "local[*]"}',
        "DAYBOOK_SPARK_ENV": str(submissions.parent),
    }
    assert python(home, "-m", "airflow", "db", "migrate", **changes).returncode == 0
    yesterday = yesterday_for(minutes=5)
    done = python(home, str(IN_AIRFLOW / "whole_dag.py"), str(submissions), **changes)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    days = {kind: {line.partition(".py ")[2] for line in lines} for kind, lines in found.items()}
    assert days == {
        "at ten": {"--ds 2025-03-04"},
        "undated": {f"--ds {yesterday}"},
        "told": {"--ds 2025-01-31"},
        "told a range": {"--from 2025-01-30 --to 2025-02-02"},
    }
    jobs = [line.partition("/jobs/")[2].partition(".py")[0] for line in found["at ten"]]
    assert jobs == ["extract_cassandra", "extract_postgres", "gold", "silver"]


def test_a_python_job_is_not_tried_again_where_that_cannot_help_and_fails_by_no_query(
    home: Path, tmp_path: Path
) -> None:
    job = tmp_path / "job.py"
    job.write_text("import sys; sys.exit(int(sys.argv[2]))")
    warehouse = tmp_path / "analytics.duckdb"
    duckdb.connect(warehouse).close()
    script, environment = str(IN_AIRFLOW / "exit_codes.py"), str(places.environment("duckdb"))
    done = python(home, script, str(job), str(warehouse), DAYBOOK_DUCKDB_ENV=environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        **{"0": "done", "1": "default", "2": "fail", "3": "fail"},
        **{"answered": "done: {'0': 1}", "unanswered": "done"},
    }


def test_an_environment_that_cannot_be_fetched_is_tried_again_although_the_installer_ends_with_two(
    home: Path, tmp_path: Path
) -> None:
    job = tmp_path / "job.py"
    job.write_text("import sys; sys.exit(int(sys.argv[2]))")
    no_index = {
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_DEFAULT_INDEX": "http://127.0.0.1:1",
        "UV_HTTP_RETRIES": "0",
    }
    path = f"{Path(python_envs.uv()).parent}:{os.environ['PATH']}"
    done = python(home, str(IN_AIRFLOW / "exit_codes.py"), str(job), "/nowhere", PATH=path, **no_index)
    assert "returned non-zero exit status 2" in done.stderr, "the installer's own exit code"
    assert set(json.loads(done.stdout.splitlines()[-1]).values()) == {"default"}


VERDICT = {
    "state": "red",
    "headline": "Do not use.",
    "reasons": ["gold <is> missing"],
    "next": "spark-submit jobs/gold.py",
}
SUBJECT = "Daybook 2025-03-01: Do not use. Failed: silver"
TEXT = """\
Do not use.
- gold <is> missing
failed: silver (the last line of its log says why)
next: spark-submit jobs/gold.py
page: {folder}/daybook/days/2025-03-01.html"""


@pytest.fixture
def days(tmp_path: Path) -> Path:
    """Where pages are: one of a red day."""
    folder = tmp_path / "daybook" / "days"
    folder.mkdir(parents=True)
    (folder / "2025-03-01.json").write_text(json.dumps({"format": 1, "day": "2025-03-01", "verdict": VERDICT}))
    return folder


OF_THE_NIGHT = "of_the_night"
MADE, FAILED = "on_success_callback", "on_failure_callback"


def told(home: Path, days: Path, *orders: tuple[str, str, str]) -> list[str]:
    """What the notifier logs of a night: by the connection of a name, its JSON, and the callback of the page."""
    warehouse = str(days.parents[1] / "analytics.duckdb")
    done = python(home, str(IN_AIRFLOW / "notify.py"), json.dumps(orders), DUCKDB_PATH=warehouse)
    assert done.returncode == 0, done.stderr
    ends: list[str] = json.loads(done.stdout.splitlines()[-1])
    return ends


def test_the_message_goes_by_mail_or_to_slack_as_the_connections_type_says(home: Path, days: Path) -> None:
    text = TEXT.format(folder=days.parents[1])
    with inbox.mail_server() as server, inbox.slack() as (webhook, texts):
        ends = told(home, days, *((OF_THE_NIGHT, way, MADE) for way in (server.connection(), webhook)))
    assert ends == [f"sent by connection 'of_the_night': {SUBJECT}"] * 2
    assert server.mails == [inbox.Mail([inbox.RECIPIENT], SUBJECT, text)]
    assert texts == [f"{SUBJECT}\n{text}".replace("<is>", "&lt;is&gt;")]


def test_a_page_that_failed_is_told_of_without_the_verdict_of_an_earlier_run(home: Path, days: Path) -> None:
    with inbox.mail_server() as server:
        told(home, days, (OF_THE_NIGHT, server.connection(to=["a@example.com", "b@example.com"]), FAILED))
    (mail,) = server.mails
    assert mail.to == ["a@example.com", "b@example.com"]
    assert mail.subject == "Daybook 2025-03-01: The day's page could not be made. Failed: silver"
    assert "next: spark-submit jobs/silver.py --ds 2025-03-01" in mail.text
    assert "Do not use" not in mail.text


def test_a_connection_that_cannot_carry_a_message_is_named_in_the_log_with_the_reason(home: Path, days: Path) -> None:
    with inbox.mail_server() as server:
        bad = [server.connection(to=None), server.connection(to="", from_email=""), '{"conn_type": "http"}']
        nowhere, good = server.connection().replace(str(server.port), "1"), server.connection()
        orders = [(OF_THE_NIGHT, way, MADE) for way in (*bad, nowhere)]
        *ends, refused, unknown, unasked = told(home, days, *orders, ("nobody_knows", good, MADE), ("", good, MADE))
    assert server.mails == []
    said = "no message was sent by connection 'of_the_night' (DAYBOOK_NOTIFY_CONN): "
    assert [end.removeprefix(said) for end in ends] == [
        'its extra has no to: {"to": "…", "from_email": "…"}',
        'its extra has no to and no from_email: {"to": "…", "from_email": "…"}',
        "its type is 'http', and a message goes by smtp or slackwebhook",
    ]
    assert refused.startswith(said) and "refused" in refused
    assert unknown.startswith("no message was sent by connection 'nobody_knows'")
    assert unasked == ""
    assert inbox.PASSWORD not in "".join([*ends, refused, unknown])
