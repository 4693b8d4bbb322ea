"""A cluster's own defaults of Spark change no result, and rows that Spark passes over are missed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import pytest

from daybook.contracts import FIGURE_TABLES, SOURCE_TABLES
from daybook.lake import manifest
from daybook.lake.paths import Layer
from daybook.spark.result_settings import RESULT_SETTINGS
from tests.kit.harness import FIRST, Daybook, Driver
from tests.kit.published import changed
from tests.kit.sources import refused, succeeds

DAY = date.fromisoformat(FIRST)
ACTIVITY = "global_user_activity_per_day"
# Another legal value of each that is neither true nor false.
OTHERS = {
    "spark.sql.adaptive.optimizer.excludedRules": "org.apache.spark.sql.execution.adaptive.DynamicJoinSelection",
    "spark.sql.columnNameOfCorruptRecord": "user_id",
    "spark.sql.extensions": "com.datastax.spark.connector.CassandraSparkExtensions",
    "spark.sql.files.maxRecordsPerFile": "7",
    "spark.sql.legacy.timeParserPolicy": "LEGACY",
    "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
    "spark.sql.parquet.compression.codec": "gzip",
    "spark.sql.parquet.datetimeRebaseModeInRead": "LEGACY",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "LEGACY",
    "spark.sql.parquet.int96RebaseModeInRead": "LEGACY",
    "spark.sql.parquet.int96RebaseModeInWrite": "LEGACY",
    "spark.sql.parquet.outputTimestampType": "INT96",
    "spark.sql.session.timeZone": "America/St_Johns",
    "spark.sql.sources.useV1SourceList": "",
    "spark.sql.storeAssignmentPolicy": "LEGACY",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}
OPPOSITE = {"true": "false", "false": "true"}
DEFAULTS = {name: OTHERS.get(name) or OPPOSITE.get(value, "") for name, value in RESULT_SETTINGS.items()}


@dataclass(frozen=True)
class Lakes:
    """One bronze and what two drivers make of it: the usual one, and one of a cluster whose defaults are all others."""

    usual: dict[str, str]
    other: dict[str, str]
    others_driver: Driver


@pytest.fixture(scope="module")
def lakes(daybook: Daybook, driver: Driver) -> Iterator[Lakes]:
    usual = daybook.own_lake("usual_defaults")
    other = daybook.own_lake("other_defaults") | {"DAYBOOK_BRONZE": usual["DAYBOOK_BRONZE"]}
    for job in ("extract_postgres", "extract_cassandra", "silver", "gold"):
        succeeds(driver.run(job, "--ds", FIRST, **usual))
    conf = [word for name, value in DEFAULTS.items() for word in ("--conf", f"{name}={value}")]
    with replace(daybook, options=conf).driver() as up:
        for job in ("silver", "gold"):
            succeeds(up.run(job, "--ds", FIRST, **other))
        yield Lakes(usual, other, up)


def test_every_setting_that_changes_results_has_another_value_by_these_defaults() -> None:
    assert not {name for name, value in DEFAULTS.items() if value == RESULT_SETTINGS[name]}


def test_whatever_the_defaults_say_silver_and_gold_are_the_same_to_the_byte(daybook: Daybook, lakes: Lakes) -> None:
    silver, gold = {table.name for table in SOURCE_TABLES}, {table.name for table in FIGURE_TABLES}
    for table in sorted(silver | gold):
        layer: Layer = "silver" if table in silver else "gold"
        usual, other = (daybook.batch(layer, table, DAY, **own) for own in (lakes.usual, lakes.other))
        assert daybook.contents(usual) == daybook.contents(other), usual
        found = [manifest.read(daybook.store, batch) for batch in (usual, other)]
        ledgers = [live.manifest.tables[table].ledger for live in found if live]
        assert len(ledgers) == 2 and ledgers[0] == ledgers[1]


@pytest.mark.parametrize("table", ["user_session_events", "user_purchases"])
def test_a_rotted_file_ends_gold_though_the_defaults_say_to_pass_it_over(
    daybook: Daybook, lakes: Lakes, table: str
) -> None:
    live = manifest.read(daybook.store, daybook.batch("silver", table, DAY, **lakes.other))
    assert live
    name = live.manifest.tables[table].files[0].name
    before = daybook.stored(lakes.other["DAYBOOK_GOLD"])
    with changed(daybook, name, lambda body: body[:4] + bytes(len(body) // 2) + body[4 + len(body) // 2 :]):
        arguments = ("--ds", FIRST, "--table", ACTIVITY, "--force")
        ended = lakes.others_driver.run("gold", *arguments, **lakes.other)
    assert ended.code == 1 and ended.last_line.startswith("failed (exit 1): Spark: "), ended.output
    assert daybook.stored(lakes.other["DAYBOOK_GOLD"]) == before


@pytest.mark.parametrize(
    ("gold", "table"),
    [
        (ACTIVITY, "user_session_events"),
        (ACTIVITY, "user_purchases"),
        ("global_notif_impact_per_day", "notification_states"),
    ],
)
def test_gold_that_read_fewer_rows_than_silver_has_is_not_published(
    daybook: Daybook, driver: Driver, lakes: Lakes, gold: str, table: str
) -> None:
    """Also of a table of which no figure can be given again: events, and states."""
    batch = daybook.batch("silver", table, DAY, **lakes.usual)
    live = manifest.read(daybook.store, batch)
    assert live
    rows = live.manifest.tables[table].rows

    def promising_more(body: bytes) -> bytes:
        told = json.loads(body)
        told["tables"][table]["rows"] += 1
        return json.dumps(told).encode()

    before = daybook.stored(lakes.usual["DAYBOOK_GOLD"])
    with changed(daybook, batch.manifest, promising_more):
        ended = driver.run("gold", "--ds", FIRST, "--table", gold, **lakes.usual)
    refused(
        ended,
        3,
        f"gold {gold} {FIRST}: {rows:,} rows of silver {table} {FIRST} were read; the manifests promise {rows + 1:,}"
        f" -- next: spark-submit jobs/silver.py --ds {FIRST} --table {table} --force",
    )
    assert daybook.stored(lakes.usual["DAYBOOK_GOLD"]) == before
