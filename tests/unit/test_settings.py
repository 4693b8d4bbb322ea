"""Settings: a missing or malformed one is named in one line, and no default hides a mistake."""

import os
import pwd
import uuid
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from daybook import settings
from daybook.errors import UsageError
from daybook.process import runtime

POSTGRES = {"PGHOST": "h", "PGDATABASE": "d", "PGUSER": "u", "PGPASSWORD": "p"}
CASSANDRA = {
    "CASSANDRA_HOSTS": "h",
    "CASSANDRA_KEYSPACE": "k",
    "CASSANDRA_USERNAME": "u",
    "CASSANDRA_PASSWORD": "p",
}


def test_the_defaults_are_those_of_the_documentation() -> None:
    meaning = settings.meaning({})
    assert meaning.reporting_currency == "EUR"
    assert (meaning.max_gap, meaning.attribution) == (timedelta(hours=24), timedelta(hours=24))
    assert (meaning.amount_limit, meaning.rate_max_age_days) == (1_000_000, 45)
    assert meaning.success_states == ("CLICKED", "READ", "OPENED")
    assert meaning.id_namespace is None
    assert meaning.month_first is False
    assert meaning.exchange_rates.name == "exchange_rates.csv" and meaning.exchange_rates.exists()
    assert str(settings.duckdb_path({})) == "/tmp/duckdb/analytics.duckdb"
    assert settings.settle({}) == timedelta(minutes=10)
    assert settings.page_due({}) == timedelta(hours=26, minutes=10)
    assert settings.bounds({}) == settings.Bounds(days=31, bytes=512_000_000)
    assert settings.lake({}).bronze == "s3a://bronze"
    assert (settings.postgres(POSTGRES).schema, settings.postgres(POSTGRES).lock_wait_seconds) == ("public", 600)
    assert settings.cassandra(CASSANDRA).consistency == "LOCAL_QUORUM"


@pytest.mark.parametrize("name", POSTGRES)
def test_a_missing_postgres_setting_is_named(name: str) -> None:
    with pytest.raises(UsageError, match=f"setting {name} is missing"):
        settings.postgres({k: v for k, v in POSTGRES.items() if k != name})


@pytest.mark.parametrize("seconds", ["-1", "10 s", "86401"])
def test_a_wait_for_locked_tables_is_whole_seconds_of_a_day_at_most(seconds: str) -> None:
    with pytest.raises(UsageError, match=f"setting DAYBOOK_LOCK_WAIT_SECONDS='{seconds}' is not a whole number"):
        settings.postgres(POSTGRES | {"DAYBOOK_LOCK_WAIT_SECONDS": seconds})


@pytest.mark.parametrize("name", CASSANDRA)
def test_an_empty_cassandra_setting_counts_as_missing(name: str) -> None:
    with pytest.raises(UsageError, match=f"setting {name} is missing"):
        settings.cassandra(CASSANDRA | {name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DAYBOOK_REPORTING_CURRENCY", "euro"),
        ("DAYBOOK_MAX_GAP_HOURS", "25"),
        ("DAYBOOK_MAX_GAP_HOURS", "0"),
        ("DAYBOOK_MAX_GAP_MINUTES", "1441"),
        ("DAYBOOK_MAX_GAP_MINUTES", "0"),
        ("DAYBOOK_ATTRIBUTION_HOURS", "1.5"),
        ("DAYBOOK_ATTRIBUTION_HOURS", "٣"),
        ("DAYBOOK_ID_NAMESPACE", "my-namespace"),
        ("DAYBOOK_AMOUNT_LIMIT", "0"),
        ("DAYBOOK_AMOUNT_LIMIT", "1000000.5"),
        ("DAYBOOK_AMOUNT_LIMIT", "1000000000001"),
        ("DAYBOOK_RATE_MAX_AGE_DAYS", "-1"),
        ("DAYBOOK_RATE_MAX_AGE_DAYS", "36501"),
        ("DAYBOOK_DATE_ORDER", "month first"),
    ],
)
def test_a_malformed_setting_of_meaning_is_named_with_its_value(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"setting {name}='{value}'"):
        settings.meaning({name: value})


@pytest.mark.parametrize(
    ("told", "minutes"),
    [({"MINUTES": "30"}, 30), ({"HOURS": "2"}, 120), ({"HOURS": "2", "MINUTES": "1"}, 1), ({"MINUTES": "1440"}, 1440)],
)
def test_the_longest_gap_is_told_in_minutes_or_in_hours_and_minutes_win(told: dict[str, str], minutes: int) -> None:
    meaning = settings.meaning({f"DAYBOOK_MAX_GAP_{unit}": value for unit, value in told.items()})
    assert meaning.max_gap == timedelta(minutes=minutes)
    told_alike = {"DAYBOOK_MAX_GAP_HOURS": str(timedelta(minutes=minutes))}
    assert meaning.of(("DAYBOOK_MAX_GAP_HOURS",)) == told_alike, "the same length is the same setting, however told"


def test_a_length_of_gap_in_hours_is_judged_although_minutes_win() -> None:
    with pytest.raises(UsageError, match="DAYBOOK_MAX_GAP_HOURS='25'"):
        settings.meaning({"DAYBOOK_MAX_GAP_HOURS": "25", "DAYBOOK_MAX_GAP_MINUTES": "30"})


@pytest.mark.parametrize(("name", "value"), [("DAYBOOK_PASS_DAYS", "0"), ("DAYBOOK_PASS_MEGABYTES", "0.5")])
def test_a_pass_is_of_one_day_and_one_megabyte_at_least(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"setting {name}='{value}' is not a whole number from 1 to"):
        settings.bounds({name: value})


def test_a_price_of_cpu_is_a_number_and_a_currency_and_none_unless_set() -> None:
    assert settings.cpu_price({}) is None
    assert settings.cpu_price({"DAYBOOK_CPU_HOUR_PRICE": "0.048 USD"}) == settings.CpuPrice(0.048, "USD")


@pytest.mark.parametrize("value", ["0.05", "EUR", "0,05 EUR", "-1 EUR", "0.05 eur", "1e3 EUR", "٣ EUR"])
def test_a_price_of_another_form_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match=f"setting DAYBOOK_CPU_HOUR_PRICE='{value}' is not a price such as"):
        settings.cpu_price({"DAYBOOK_CPU_HOUR_PRICE": value})


@pytest.mark.parametrize("root", ["bronze", "s3://bronze", "s3a://", "s3a://b/../c d", "s3a://bronze/"])
def test_a_layer_that_is_no_s3a_place_is_refused(root: str) -> None:
    with pytest.raises(UsageError, match="DAYBOOK_BRONZE"):
        settings.lake({"DAYBOOK_BRONZE": root})


@pytest.mark.parametrize("bucket", ["my_lake", "my.lake.1", "my-lake-", "my..lake", "192.168.1.1"])
def test_a_bucket_whose_name_s3a_cannot_read_is_refused(bucket: str) -> None:
    with pytest.raises(UsageError, match=f"reads a bucket's name as that of a host, which {bucket} cannot be"):
        settings.lake({"DAYBOOK_GOLD": f"s3a://{bucket}/gold"})


@pytest.mark.parametrize("bucket", ["lake", "1lake", "my-lake", "my.lake", "my.1lake.eu-west"])
def test_any_other_bucket_is_taken(bucket: str) -> None:
    assert settings.lake({"DAYBOOK_GOLD": f"s3a://{bucket}"}).gold == f"s3a://{bucket}"


@pytest.mark.parametrize("host", ["/var/run/postgresql", "@socket", "one,two"])
def test_a_host_that_spark_could_not_reach_by_tcp_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match="setting PGHOST is not the name of one host") as refused:
        settings.postgres(POSTGRES | {"PGHOST": host})
    assert host not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "database", "url"),
    [
        ("h", "social", "jdbc:postgresql://h:5432/social"),
        ("::1", "a+b %c?d&e/f", "jdbc:postgresql://[::1]:5432/a%2Bb%20%25c%3Fd%26e%2Ff"),
    ],
)
def test_host_and_database_are_spelled_as_jdbc_reads_them(host: str, database: str, url: str) -> None:
    assert settings.postgres(POSTGRES | {"PGHOST": host, "PGDATABASE": database}).jdbc_url == url


@pytest.mark.parametrize(
    "endpoint", ["127.0.0.1:9000", "nonsense", "ftp://store", "http://", "http://store:port", "http://store/bucket"]
)
def test_an_endpoint_that_is_no_address_is_refused(endpoint: str) -> None:
    with pytest.raises(
        UsageError, match=r"AWS_ENDPOINT_URL_S3 is not http://host:port or https://host:port"
    ) as refused:
        settings.lake({"AWS_ENDPOINT_URL_S3": endpoint})
    assert endpoint == "http://" or endpoint not in str(refused.value), (
        "of a value that may be another setting's secret nothing is shown"
    )


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:9000", "https://s3.eu-west-1.amazonaws.com", "http://minio:9000/"]
)
def test_an_endpoint_is_taken_as_it_is_given(endpoint: str) -> None:
    assert settings.lake({"AWS_ENDPOINT_URL_S3": endpoint}).endpoint == endpoint


def test_a_certificate_file_that_is_not_there_is_named_before_anything_starts(tmp_path: Path) -> None:
    there = tmp_path / "root.crt"
    there.touch()
    verified = settings.postgres(POSTGRES | {"PGSSLROOTCERT": str(there), "PGSSLMODE": "verify-full"})
    assert (verified.sslmode, verified.sslrootcert) == ("verify-full", str(there))
    with pytest.raises(UsageError, match=r"setting PGSSLROOTCERT names no file"):
        settings.postgres(POSTGRES | {"PGSSLROOTCERT": "/no/root.crt"})
    with pytest.raises(UsageError, match=r"setting CASSANDRA_SSL_TRUSTSTORE names no file"):
        settings.cassandra(CASSANDRA | {"CASSANDRA_SSL_TRUSTSTORE": "/no/store.jks"})


@pytest.mark.parametrize(
    ("mode", "named", "in_home", "means"),
    [
        ("disable", True, True, ("disable", None)),
        ("prefer", True, False, ("prefer", None)),
        ("prefer", False, True, ("prefer", None)),
        ("require", False, False, ("require", None)),
        ("require", True, False, ("verify-ca", "named.crt")),
        ("require", False, True, ("verify-ca", ".postgresql/root.crt")),
        ("verify-ca", False, True, ("verify-ca", ".postgresql/root.crt")),
        ("verify-full", True, True, ("verify-full", "named.crt")),
    ],
)
def test_a_tls_mode_of_postgresql_means_the_same_to_both_clients_wherever_the_ca_lies(
    tmp_path: Path, mode: str, named: bool, in_home: bool, means: tuple[str, str | None]
) -> None:
    (tmp_path / "named.crt").touch()
    if in_home:
        (tmp_path / ".postgresql").mkdir()
        (tmp_path / ".postgresql" / "root.crt").touch()
    env = {"HOME": str(tmp_path), "PGSSLMODE": mode, "PGSSLROOTCERT": str(tmp_path / "named.crt") if named else ""}
    found = settings.postgres(POSTGRES | env)
    assert (found.sslmode, found.sslrootcert) == (means[0], means[1] and str(tmp_path / means[1]))


def test_without_a_home_the_ca_is_sought_in_the_accounts_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").touch()
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_dir=str(tmp_path)))
    found = settings.postgres(POSTGRES | {"PGSSLMODE": "require"})
    assert (found.sslmode, found.sslrootcert) == ("verify-ca", str(tmp_path / ".postgresql" / "root.crt"))


def test_a_home_that_may_not_be_looked_into_has_no_ca(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: object, **_: object) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "stat", refused)
    found = settings.postgres(POSTGRES | {"HOME": "/root", "PGSSLMODE": "require"})
    assert (found.sslmode, found.sslrootcert) == ("require", None)


def test_a_server_cannot_be_checked_without_the_ca_and_the_setting_that_names_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="setting PGSSLROOTCERT is missing: PGSSLMODE=verify-ca checks") as refused:
        settings.postgres(POSTGRES | {"HOME": str(tmp_path), "PGSSLMODE": "verify-ca"})
    assert refused.value.then == "name the CA that signed the server's certificate by PGSSLROOTCERT"


def test_a_word_that_is_none_of_those_allowed_is_refused_with_the_allowed_ones() -> None:
    with pytest.raises(UsageError, match="setting PGSSLMODE is none of disable, allow, prefer, require"):
        settings.postgres(POSTGRES | {"PGSSLMODE": "on"})
    with pytest.raises(UsageError, match="setting CASSANDRA_CONSISTENCY is none of LOCAL_ONE, ONE"):
        settings.cassandra(CASSANDRA | {"CASSANDRA_CONSISTENCY": "TWO"})


def test_a_layer_may_be_a_prefix_inside_a_bucket() -> None:
    assert settings.lake({"DAYBOOK_GOLD": "s3a://lake/daybook/gold"}).gold == "s3a://lake/daybook/gold"


@pytest.mark.parametrize(
    ("value", "part", "wrong"),
    [
        ("CLICKED;READ", "CLICKED;READ", "is not one state"),
        ('["CLICKED","READ"]', '["CLICKED"', "is not one state"),
        ("'CLICKED,READ'", "'CLICKED", "is not one state"),
        ("CLICKED|READ", "CLICKED|READ", "is not one state"),
        ("CLICKED,READ\nOPENED", "READ\nOPENED", "is not one state"),
        ("CLICKED  TWICE", "CLICKED  TWICE", "is not one state"),
        ("1,2", "1", "is not one state"),
        ("CLICKED,,READ", "", "is not one state"),
        ("CLICKED,READ,", "", "is not one state"),
        (" , ", "", "is not one state"),
        ("CLICKED,READ,clicked", "CLICKED", "stands there twice"),
    ],
)
def test_success_states_that_are_no_words_between_commas_are_refused(value: str, part: str, wrong: str) -> None:
    with pytest.raises(UsageError) as refused:
        settings.meaning({"DAYBOOK_SUCCESS_STATES": value})
    assert str(refused.value) == f"setting DAYBOOK_SUCCESS_STATES={value!r}: {part!r} {wrong}"
    assert refused.value.then == "write the states with commas between them: DAYBOOK_SUCCESS_STATES=CLICKED,READ"


@pytest.mark.parametrize(
    ("value", "states"),
    [
        ("clicked, Read ,\topened", ("CLICKED", "READ", "OPENED")),
        ("CLICKED_2,push-opened,v1.read,LINK OPENED", ("CLICKED_2", "PUSH-OPENED", "V1.READ", "LINK OPENED")),
        ("geöffnet,großgelesen", ("GEÖFFNET", "GROSSGELESEN")),
    ],
)
def test_success_states_are_read_as_silver_writes_states(value: str, states: tuple[str, ...]) -> None:
    assert settings.meaning({"DAYBOOK_SUCCESS_STATES": value}).success_states == states


def test_a_limit_may_be_as_large_as_the_largest_amount() -> None:
    meaning = settings.meaning({"DAYBOOK_AMOUNT_LIMIT": "1000000000000", "DAYBOOK_RATE_MAX_AGE_DAYS": "0"})
    assert (meaning.amount_limit, meaning.rate_max_age_days) == (10**12, 0)
    named = ("DAYBOOK_AMOUNT_LIMIT", "DAYBOOK_RATE_MAX_AGE_DAYS")
    assert meaning.of(named) == dict(zip(named, ("1000000000000", "0"), strict=True))


def test_only_the_settings_a_table_depends_on_enter_its_fingerprint() -> None:
    namespace = uuid.UUID(int=7)
    meaning = settings.meaning({"DAYBOOK_ID_NAMESPACE": str(namespace), "DAYBOOK_SUCCESS_STATES": "read, clicked"})
    assert meaning.of(("DAYBOOK_ID_NAMESPACE",)) == {"DAYBOOK_ID_NAMESPACE": str(namespace)}
    assert meaning.of(("DAYBOOK_SUCCESS_STATES",)) == {"DAYBOOK_SUCCESS_STATES": "CLICKED,READ"}


def test_a_setting_that_is_younger_than_a_lake_enters_its_fingerprint_only_where_it_is_not_the_default() -> None:
    named = ("DAYBOOK_AMOUNT_LIMIT", "DAYBOOK_DATE_ORDER")
    before = {"DAYBOOK_AMOUNT_LIMIT": "1000000"}
    assert settings.meaning({}).of(named) == before
    assert settings.meaning({"DAYBOOK_DATE_ORDER": "day_first"}).of(named) == before
    assert settings.meaning({"DAYBOOK_DATE_ORDER": "month_first"}).of(named) == {
        **before,
        "DAYBOOK_DATE_ORDER": "month_first",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_ENDPOINT_URL_S3", "http://key:canary@host:9000"),
        ("AWS_ENDPOINT_URL", "https://canary@host"),
        ("PGHOST", "postgresql://daybook:canary@host:5432/social"),
        ("PGHOST", "daybook:canary@host"),
        ("PGDATABASE", "host=h dbname=social user=u password=canary"),
        ("PGDATABASE", "postgresql://h/social?user=u&password=canary"),
        ("CASSANDRA_HOSTS", "one,daybook:canary@two"),
        ("DAYBOOK_BRONZE", "s3a://key:canary@bronze"),
        ("DAYBOOK_EVENT_LOG", "s3a://key:canary@logs/events"),
        ("DUCKDB_PATH", "https://u:canary@host/analytics.duckdb"),
    ],
)
def test_an_account_or_password_beside_an_address_ends_every_job_before_anything_opens_and_is_not_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    assert runtime.run(lambda: pytest.fail("the job had begun")) == 2
    line = f"setting {name} holds an account or a password beside an address; its value is not shown"
    assert f"failed (exit 2): {line} -- next: take it out" in (printed := capsys.readouterr().out)
    assert "canary" not in printed and value not in printed


def test_what_only_looks_like_an_account_is_taken() -> None:
    settings.refuse_accounts(
        {
            "PGUSER": "daybook@server", "PGPASSWORD": "a:b@c", "AWS_SECRET_ACCESS_KEY": "://a@", "PGHOST": "::1",
            "PGOPTIONS": "-c app.token=1", "DAYBOOK_SUCCESS_STATES": "CLICKED,READ", "DUCKDB_PATH": "/data/a@b/x.db",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://a:b@c/d", "CASSANDRA_HOSTS": "one:9042,two",
        }
    )  # fmt: skip


@pytest.mark.parametrize("name", ["PGPORT", "PGSSLMODE", "CASSANDRA_PORT", "CASSANDRA_CONSISTENCY", "PGSSLROOTCERT"])
def test_a_secret_in_the_place_of_a_setting_beside_it_is_not_shown(name: str) -> None:
    read = settings.postgres if name.startswith("PG") else settings.cassandra
    with pytest.raises(UsageError) as refused:
        read(POSTGRES | CASSANDRA | {name: "canary"})
    assert str(refused.value).startswith(f"setting {name} ") and "canary" not in str(refused.value)
