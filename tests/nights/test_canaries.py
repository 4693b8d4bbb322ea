"""No value of a source's row, and no secret, is in anything that a failing run leaves behind.

Each way to fail is a process of its own, with an event log, Spark's loggers, and a customer's defaults that ask Spark
to say more; all secrets are in its environment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daybook.contracts.activities import ACTIVITIES
from daybook.contracts.model import SourceTable
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.contracts.users import USERS
from local.accounts import cassandra
from tests.kit import canaries as kit
from tests.kit import canary_lake
from tests.kit.canary_lake import DAY
from tests.kit.harness import SPARK_JOBS, Daybook, Driver, Ended
from tests.kit.own_sources import Sources, own_sources
from toolchain import setup
from toolchain.jars import CONF

TRUSTSTORE_PASSWORD = "changeit-canary-5e1f"
LOUD = """\
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c: %m%n%ex
"""


@dataclass(frozen=True)
class Place:
    """A stack, a customer's settings, a lake and a folder for event logs: where a job may fail."""

    daybook: Daybook
    settings: Mapping[str, str]
    events: Path

    def fails(self, job: str, **changes: str) -> None:
        """Run a job that must fail, and look at what it leaves."""
        self.leaves_nothing(job, self.run(job, **changes), **changes)

    def run(self, job: str, **changes: str) -> Ended:
        """Run a job."""
        name, *arguments = job.split()
        return _run(self.daybook, name, arguments, self._env(changes))

    def _env(self, changes: Mapping[str, str]) -> dict[str, str]:
        return {**self.settings, "DAYBOOK_EVENT_LOG": str(self.events), **changes}

    def leaves_nothing(self, job: str, ended: Ended, **changes: str) -> None:
        """Look for canaries and secrets in all that a job has left that failed."""
        lake = {**self.settings, **{n: v for n, v in changes.items() if n.startswith("DAYBOOK_") and "canary" not in v}}
        found = kit.left(self.daybook, ended, lake, self.events)
        assert found.told(kit.secrets(self.daybook.env(**self._env(changes)))) == [], ended.output
        fails = job.split()[0] != "page"  # which tells what is wrong with the file, and is made
        assert bool(ended.code) == ("failed (exit " in ended.last_line) == fails, ended.output


def _run(daybook: Daybook, job: str, arguments: list[str], env: Mapping[str, str]) -> Ended:
    if job in SPARK_JOBS:
        return daybook.submit(job, *arguments, **env)
    if job == "load_duckdb":
        return daybook.load(*arguments, **env)
    return daybook.page(DAY, **env) if job == "page" else daybook.by_duckdb(job, *arguments, **env)


@pytest.fixture(scope="module")
def customer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A SPARK_CONF_DIR with our defaults and a log of the customer's own, which says everything; and a truststore.

    The truststore's password is in the environment of whoever does not read Cassandra, too.
    """
    folder = tmp_path_factory.mktemp("conf")
    ours = (CONF / "spark-defaults.conf").read_text()
    (folder / "spark-defaults.conf").write_text(f"{ours}\nspark.log.level DEBUG\n")
    (folder / "log4j2.properties").write_text(LOUD)
    trusted = f"{setup.load().java_home}/lib/security/cacerts"
    truststore = {"CASSANDRA_SSL_TRUSTSTORE": trusted, "CASSANDRA_SSL_TRUSTSTORE_PASSWORD": TRUSTSTORE_PASSWORD}
    return {"SPARK_CONF_DIR": str(folder)} | truststore


@pytest.fixture
def place(daybook: Daybook, customer: dict[str, str], tmp_path: Path) -> Place:
    events = tmp_path / "events"
    events.mkdir()
    return Place(daybook, customer | daybook.own_lake("canaries"), events)


@pytest.fixture(scope="module")
def views(daybook: Daybook) -> Iterator[None]:
    with kit.views(daybook):
        yield


@pytest.fixture(scope="module")
def sources(daybook: Daybook) -> Iterator[Sources]:
    with own_sources(daybook, "canaries") as ours:
        yield ours


@pytest.fixture(scope="module")
def lake(daybook: Daybook, driver: Driver, sources: Sources) -> dict[str, str]:
    """A day of canaries, from the sources to the file."""
    own = daybook.own_lake("birds")
    canary_lake.make(daybook, driver, sources, own)
    return own


@pytest.mark.parametrize("way", kit.VIEWS)
def test_a_view_that_fails_over_a_row_leaves_nothing_of_it(place: Place, views: None, way: str) -> None:
    place.fails(f"extract_postgres --ds {DAY}", PG_SCHEMA=kit.schema(way))
    assert list(place.events.iterdir()), "Spark had begun"


@pytest.mark.parametrize("way", canary_lake.WAYS)
def test_a_file_that_is_damaged_leaves_nothing_of_its_rows(
    place: Place, lake: dict[str, str], tmp_path: Path, way: str
) -> None:
    of = canary_lake.WAYS[way]
    job = of.job if "rebuild" in of.job else f"{of.job} --ds {DAY}"
    with canary_lake.damaged(place.daybook, lake, of, tmp_path):
        ended = place.run(job, **lake)
    place.leaves_nothing(job, ended, **lake)


REFUSED: list[tuple[SourceTable, dict[str, Any]]] = [
    (USERS, {"email": "canary ann at example"}),
    (ACTIVITIES, {"scheduled_at": "canary sings at nine"}),
    (USER_PURCHASES, {"currency": "canary", "amount": Decimal("9753197531")}),
]


@pytest.fixture(scope="module")
def refused(daybook: Daybook, driver: Driver) -> Iterator[dict[str, str]]:
    """A lake whose bronze has nothing but rows that silver refuses, and the settings that read their sources."""
    own = daybook.own_lake("refused_birds")
    with own_sources(daybook, "refused_birds") as ours:
        for table, wrong in REFUSED:
            ours.insert(table, [canary_lake.row(table, number, **wrong) for number in range(1, 30)])
        for job in ("extract_postgres", "extract_cassandra"):
            ended = driver.run(job, "--ds", DAY, **own, **ours.settings)
            assert ended.code == 0, ended.output
        yield own | ours.settings


@pytest.mark.parametrize("table", [table.name for table, _ in REFUSED])
def test_rows_that_are_all_refused_are_counted_and_not_shown(place: Place, refused: dict[str, str], table: str) -> None:
    place.fails(f"silver --ds {DAY} --table {table}", **refused)


def test_a_number_of_cassandra_that_is_too_long_is_not_shown(place: Place, refused: dict[str, str]) -> None:
    with cassandra.connect(place.daybook.stack.settings("admin")) as session:
        session.execute(
            "INSERT INTO refused_birds.user_purchases (user_id, purchase_time, purchase_id, amount) "
            f"VALUES (uuid(), '2025-01-16T10:00:00Z', uuid(), {'9753197531' * 4})"
        )
    without = dict.fromkeys(("CASSANDRA_SSL_TRUSTSTORE", "CASSANDRA_SSL_TRUSTSTORE_PASSWORD"), "")
    place.fails("extract_cassandra --ds 2025-01-16 --table user_purchases", **refused | without)


EXTRACT, READ = f"extract_postgres --ds {DAY}", f"extract_cassandra --ds {DAY} --table user_purchases"
# What a person may confuse, or write beside an address.
SETTINGS = [
    (EXTRACT, {"PGHOST": "postgresql://daybook:canary@127.0.0.1:5432/social"}),
    (EXTRACT, {"PGDATABASE": "host=h user=u password=canary"}),
    (EXTRACT, {"PGPORT": "canary"}),
    (EXTRACT, {"PGSSLMODE": "canary"}),
    (EXTRACT, {"PGPASSWORD": "canary"}),
    (EXTRACT, {"DAYBOOK_EVENT_LOG": "s3a://key:canary@logs/events"}),
    (READ, {"CASSANDRA_HOSTS": "daybook:canary@127.0.0.1"}),
    (READ, {"CASSANDRA_SSL_TRUSTSTORE": "canary"}),
    (READ, {}),  # TLS with a password that is not the truststore's
    (f"silver --ds {DAY}", {"DAYBOOK_EXCHANGE_RATES": "{customers}"}),
    (f"verify --ds {DAY}", {"AWS_ENDPOINT_URL_S3": "http://key:canary@127.0.0.1:9000"}),
    (f"verify --ds {DAY}", {"AWS_ENDPOINT_URL": "http://key:canary@127.0.0.1:9000"}),
    (f"verify --ds {DAY}", {"AWS_ENDPOINT_URL_S3": "canary"}),
    (f"verify --ds {DAY}", {"DAYBOOK_BRONZE": "s3a://key:canary@bronze"}),
    (f"verify --ds {DAY}", {"AWS_SECRET_ACCESS_KEY": "canary"}),
    (f"verify --ds {DAY}", {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_CONFIG_FILE": "{process}"}),
    (f"load_duckdb --ds {DAY}", {"DUCKDB_PATH": "https://daybook:canary@host/analytics.duckdb"}),
    (f"load_duckdb --ds {DAY}", {"AWS_SECRET_ACCESS_KEY": "canary"}),
]


@pytest.mark.parametrize(("job", "changes"), SETTINGS, ids=lambda value: " ".join(value).split(" ")[0])
def test_a_setting_that_is_or_holds_a_secret_is_not_shown(
    place: Place, tmp_path: Path, job: str, changes: dict[str, str]
) -> None:
    (tmp_path / "customers.csv").write_text(f"currency,base,valid_from,rate\nEUR,{kit.EMAIL},{kit.PHONE},{kit.TEXT}\n")
    (tmp_path / "process").write_text("[default]\ncredential_process = sh -c 'echo canary; echo canary >&2; exit 1'\n")
    places = {"customers": f"{tmp_path}/customers.csv", "process": f"{tmp_path}/process"}
    place.fails(job, **{name: value.format(**places) for name, value in changes.items()})


@pytest.mark.parametrize("job", ["load_duckdb", "verify", "page"])
@pytest.mark.parametrize("wrong", ["a file that is none", "a history that is no number"])
def test_an_analysts_file_that_is_broken_leaves_nothing_of_its_rows(
    place: Place, lake: dict[str, str], tmp_path: Path, job: str, wrong: str
) -> None:
    file = tmp_path / "analytics.duckdb"
    if wrong == "a file that is none":
        file.write_text(f"{kit.EMAIL} {kit.PHONE} {kit.TEXT}\n" * 400)
    else:
        file.write_bytes(Path(lake["DUCKDB_PATH"]).read_bytes())
        with duckdb.connect(str(file)) as db:
            db.execute(f"ALTER TABLE load_history ALTER manifest_version TYPE VARCHAR USING '{kit.EMAIL}'")
    place.fails(f"{job} --ds {DAY}", **lake | {"DUCKDB_PATH": str(file)})
