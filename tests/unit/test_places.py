"""Two settings never name one place, nor one inside the other: whatever a run may write lies apart."""

from pathlib import Path

import pytest

from daybook import settings
from daybook.errors import UsageError
from daybook.settings import beside

APART = "give each a place of its own, none inside another"


def refusal(env: dict[str, str]) -> str:
    with pytest.raises(UsageError) as refused:
        settings.lake(env)
    assert (refused.value.exit_code, refused.value.then) == (2, APART)
    return str(refused.value)


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"BRONZE": "s3a://lake", "SILVER": "s3a://lake", "GOLD": "s3a://lake"},
         "settings DAYBOOK_BRONZE='s3a://lake' and DAYBOOK_SILVER='s3a://lake': s3a://lake is the place of both"),
        ({"BRONZE": "s3a://lake/a", "GOLD": "s3a://lake/a"},
         "settings DAYBOOK_BRONZE='s3a://lake/a' and DAYBOOK_GOLD='s3a://lake/a': s3a://lake/a is the place of both"),
        ({"SILVER": "s3a://lake", "GOLD": "s3a://lake/gold"},
         "settings DAYBOOK_SILVER='s3a://lake' and DAYBOOK_GOLD='s3a://lake/gold': "
         "s3a://lake/gold lies in s3a://lake"),
        ({"BRONZE": "s3a://lake/a/b/c", "GOLD": "s3a://lake/a"},
         "settings DAYBOOK_BRONZE='s3a://lake/a/b/c' and DAYBOOK_GOLD='s3a://lake/a': "
         "s3a://lake/a/b/c lies in s3a://lake/a"),
        ({"GOLD": "s3a://bronze"},
         "settings DAYBOOK_BRONZE='s3a://bronze' and DAYBOOK_GOLD='s3a://bronze': "
         "s3a://bronze is the place of both"),
        ({"EVENT_LOG": "s3a://gold//events/"},
         "settings DAYBOOK_GOLD='s3a://gold' and DAYBOOK_EVENT_LOG='s3a://gold//events/': "
         "s3a://gold/events lies in s3a://gold"),
        ({"GOLD": "s3a://logs/x", "EVENT_LOG": "s3a://logs/"},
         "settings DAYBOOK_GOLD='s3a://logs/x' and DAYBOOK_EVENT_LOG='s3a://logs/': "
         "s3a://logs/x lies in s3a://logs"),
    ],
)  # fmt: skip
def test_places_of_the_store_that_are_one_or_one_in_the_other_are_refused(env: dict[str, str], told: str) -> None:
    assert refusal({f"DAYBOOK_{name}": value for name, value in env.items()}) == told


def test_places_that_only_begin_alike_are_taken() -> None:
    places = {"BRONZE": "s3a://lake/x", "SILVER": "s3a://lake/xy", "GOLD": "s3a://lake2", "EVENT_LOG": "s3a://lake/z"}
    assert settings.lake({f"DAYBOOK_{name}": value for name, value in places.items()}).silver == "s3a://lake/xy"


@pytest.mark.parametrize("root", ["s3a://lake/../gold", "s3a://lake/x/..", "s3a://lake/./x"])
def test_a_place_that_walks_up_is_refused(root: str) -> None:
    with pytest.raises(UsageError, match="is not s3a://bucket or s3a://bucket/prefix"):
        settings.lake({"DAYBOOK_SILVER": root})
    assert settings.lake({"DAYBOOK_SILVER": "s3a://lake/..x/y.."}).silver == "s3a://lake/..x/y.."


@pytest.mark.parametrize(
    ("setting", "value", "shared"),
    [
        ("DAYBOOK_METRICS_FILE", "{home}/a.duckdb", "{home}/a.duckdb is the place of both"),
        ("DAYBOOK_METRICS_FILE", "{home}/a.duckdb.lock", "{home}/a.duckdb.lock is the place of both"),
        ("DAYBOOK_METRICS_FILE", "{home}/a.duckdb.wal", "{home}/a.duckdb.wal is the place of both"),
        ("DAYBOOK_METRICS_FILE", "{home}/daybook/night.prom", "{home}/daybook/night.prom lies in {home}/daybook"),
        ("DAYBOOK_METRICS_FILE", "{link}/a.duckdb", "{home}/a.duckdb is the place of both"),
        ("DAYBOOK_EVENT_LOG", "{home}", "{home}/a.duckdb lies in {home}"),
        ("DAYBOOK_EVENT_LOG", "{home}/", "{home}/a.duckdb lies in {home}"),
        ("DAYBOOK_EVENT_LOG", "file://{home}/daybook", "{home}/daybook is the place of both"),
        ("DAYBOOK_EVENT_LOG", "{home}/daybook/days", "{home}/daybook/days lies in {home}/daybook"),
        ("DAYBOOK_EVENT_LOG", "{home}/a.duckdb.loading", "{home}/a.duckdb.loading is the place of both"),
        ("DAYBOOK_EVENT_LOG", "{link}", "{home}/a.duckdb lies in {home}"),
    ],
)
def test_places_of_the_machine_that_are_one_or_one_in_the_other_are_refused(
    tmp_path: Path, setting: str, value: str, shared: str
) -> None:
    home, link = tmp_path / "home", tmp_path / "link"
    (home / "daybook").mkdir(parents=True)
    link.symlink_to(home)
    value = value.format(home=home, link=link)
    line = refusal({"DUCKDB_PATH": str(home / "a.duckdb"), setting: value})
    assert f"{setting}={value!r}" in line and f"DUCKDB_PATH={str(home / 'a.duckdb')!r}" in line
    assert line.endswith(": " + shared.format(home=home))


def test_a_warehouse_that_bears_the_name_of_its_pages_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is the folder of its own pages"):
        settings.lake({"DUCKDB_PATH": str(tmp_path / "daybook")})


@pytest.mark.parametrize(
    "setting",
    ["DAYBOOK_EXCHANGE_RATES", "PGSSLROOTCERT", "CASSANDRA_SSL_TRUSTSTORE", "AWS_SHARED_CREDENTIALS_FILE"],
)
def test_a_file_that_is_read_is_not_one_that_is_written(tmp_path: Path, setting: str) -> None:
    file = str(tmp_path / "file")
    line = refusal({setting: file, "DAYBOOK_METRICS_FILE": file})
    assert line == f"settings {setting}={file!r} and DAYBOOK_METRICS_FILE={file!r}: {file} is the place of both"


def test_places_beside_each_other_are_taken(tmp_path: Path) -> None:
    beside_it = {
        "DUCKDB_PATH": str(tmp_path / "a.duckdb"),
        "DAYBOOK_METRICS_FILE": str(tmp_path / "a.prom"),
        "DAYBOOK_EVENT_LOG": str(tmp_path / "events"),
        "DAYBOOK_EXCHANGE_RATES": str(tmp_path / "rates.csv"),
    }
    assert settings.lake(beside_it).gold == "s3a://gold"
    assert settings.lake({"DAYBOOK_EVENT_LOG": "hdfs://name/events"}).gold == "s3a://gold"


def test_what_loads_write_is_known_where_settings_are_judged(tmp_path: Path) -> None:
    link = tmp_path / "link.duckdb"
    link.symlink_to(tmp_path / "there" / "a.duckdb")
    assert {str(place.relative_to(tmp_path)) for place in beside.of_loads(link)} >= {
        "there/daybook", "there/a.duckdb", "there/a.duckdb.lock", "there/a.duckdb.loading", "there/a.duckdb.wal",
    }  # fmt: skip
