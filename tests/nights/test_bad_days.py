"""Ten days of which one is bad, at either end or in the middle: each step makes the nine others, and says which."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest

from daybook.contracts import FEED_NO_FIGURE, GOLD_TABLES, SOURCE_TABLES
from daybook.contracts.activities import ACTIVITIES
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY
from daybook.contracts.group_messages import GROUP_MESSAGES
from daybook.contracts.model import SourceTable
from daybook.contracts.notification_states import NOTIFICATION_STATES
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.lake import manifest
from daybook.lake.paths import Batch, Layer
from local.accounts.postgres import ETL
from tests.kit import moved
from tests.kit.errors import put
from tests.kit.harness import Daybook, Driver, Ended
from tests.kit.own_sources import Sources, good_row, own_sources
from tests.kit.sources import refused, succeeds

DAYS = [date(2024, 8, 1) + timedelta(days=n) for n in range(10)]
RANGE = ("--from", str(DAYS[0]), "--to", str(DAYS[-1]))
# On these days purchases are in a currency of their own: rates without it refuse the table of just that day.
CURRENCY = {DAYS[0]: "USD", DAYS[4]: "GBP", DAYS[-1]: "JPY"}
ACTIVITY = GLOBAL_USER_ACTIVITY_PER_DAY.name
ALL = sorted(table.name for table in GOLD_TABLES)


@dataclass(frozen=True)
class Ten:
    """Bronze of ten days, and silver but for one table; and how the steps after it are run."""

    daybook: Daybook
    driver: Driver
    sources: Sources
    lake: Mapping[str, str]
    rates: Path

    def empty(self, name: str) -> dict[str, str]:
        """A lake and a file with nothing in them."""
        meaning = {"DAYBOOK_SUCCESS_STATES": "TEXT", "DAYBOOK_EXCHANGE_RATES": str(self.rates)}
        return self.daybook.own_lake(f"bad_days_{name}") | meaning

    def own(self, name: str, of: Mapping[str, str] | None = None) -> dict[str, str]:
        """A copy of that lake, or of another, with a file of its own."""
        own = self.empty(name)
        moved.copy(self.daybook, of or self.lake, own)
        return own

    def steps(self, own: Mapping[str, str], **more: str) -> list[Ended]:
        """Silver, gold and load of the range, each also after one that failed."""
        made = [self.driver.run(job, *RANGE, **{**own, **more}) for job in ("silver", "gold")]
        return [*made, self.daybook.load(*RANGE, **own)]

    def extract(self, own: Mapping[str, str], job: str, *arguments: str) -> Ended:
        return self.driver.run(job, *arguments, **own, **self.sources.settings)

    def batch(self, own: Mapping[str, str], table: str, day: date, layer: Layer = "bronze") -> Batch:
        return self.daybook.batch(layer, table, day, **{name: own[name] for name in moved.LAYERS})

    def extracted(self, own: Mapping[str, str], table: str) -> list[date]:
        """The days of which bronze has the table, but for those whose manifest cannot be understood."""
        found, _ = manifest.understood(self.daybook.store, [self.batch(own, table, day) for day in DAYS])
        return [batch.day for batch, live in found.items() if live]


@pytest.fixture(scope="module")
def ten(daybook: Daybook, driver: Driver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ten]:
    rates = tmp_path_factory.mktemp("rates") / "rates.csv"
    rates.write_text(_rates(CURRENCY.values()))
    with own_sources(daybook, "bad_days") as sources:
        for number, day in enumerate(DAYS, 1):
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            for table in SOURCE_TABLES:
                rows = [good_row(table, 100 * number + n, noon) for n in range(12)]
                bought = {"currency": CURRENCY.get(day, "EUR")} if table == USER_PURCHASES else {}
                sources.insert(table, [row | bought for row in rows])
        lake = daybook.own_lake("bad_days")
        for job in ("extract_postgres", "extract_cassandra"):
            succeeds(driver.run(job, *RANGE, **lake, **sources.settings))
        others = [part for table in SOURCE_TABLES if table != USER_PURCHASES for part in ("--table", table.name)]
        succeeds(driver.run("silver", *RANGE, *others, **lake))
        yield Ten(daybook, driver, sources, lake, rates)


def _rates(codes: Iterable[str]) -> str:
    lines = [f"{code},EUR,2024-08-01,2" for code in codes]
    return "\n".join(["currency,base,valid_from,rate", *lines, ""])


def held(own: Mapping[str, str]) -> dict[date, list[str]]:
    """The tables that the file has of each day."""
    with duckdb.connect(own["DUCKDB_PATH"], read_only=True) as db:
        tables = "list(table_name ORDER BY table_name)"
        return dict(db.execute(f"SELECT ds, {tables} FROM load_history WHERE is_current GROUP BY ds").fetchall())


def the_others_are_whole(ten: Ten, own: Mapping[str, str], bad: date, code: int = 1) -> None:
    """In the file and by their proof; the one that is bad is the only one that the range is red for."""
    assert held(own) == {day: ALL for day in DAYS if day != bad}
    verified = ten.daybook.verify(*RANGE, **own)
    assert verified.code == code, verified.output
    assert [line for line in verified.output.splitlines() if "is not as it should be" in line] == [
        line for line in verified.output.splitlines() if f"{bad} is not as it should be" in line
    ]
    assert verified.output.count(" agree") == 9


at_either_end_or_between = pytest.mark.parametrize("bad", CURRENCY, ids=["first", "middle", "last"])


@at_either_end_or_between
@pytest.mark.parametrize("kind", ["refused", "lost", "missing"])
def test_one_bad_day_keeps_no_other_from_being_made_loaded_and_verified(
    ten: Ten, kind: str, bad: date, tmp_path: Path
) -> None:
    own = ten.own(f"{kind}_{bad:%d}")
    rates = tmp_path / "rates.csv"
    lacking = CURRENCY[bad] if kind == "refused" else ""
    rates.write_text(_rates(code for code in CURRENCY.values() if code != lacking))
    bronze = ten.batch(own, USER_PURCHASES.name, bad)
    live = manifest.read(ten.daybook.store, bronze)
    assert live is not None
    gone = {"refused": [], "lost": live.manifest.all_files[:1], "missing": [bronze.manifest]}[kind]
    ten.daybook.store.delete(gone)
    silver, gold, loaded = ten.steps(own, DAYBOOK_EXCHANGE_RATES=str(rates))
    code, line = {
        "refused": (3, f"silver user_purchases {bad}: 12 of 12 rows rejected for want of a rate"),
        "lost": (
            3,
            f"restore it, or spark-submit jobs/extract_cassandra.py --ds {bad} --table user_purchases --refresh",
        ),
        "missing": (1, f"bronze user_purchases {bad}: not published yet -- next: spark-submit jobs/extract_cassandra"),
    }[kind]
    assert silver.code == code and line in silver.last_line, silver.output
    then = f"silver of user_purchases is not published; 2 more failed -- next: spark-submit jobs/silver.py --ds {bad}"
    assert gold.code == 1 and gold.last_line.endswith(f"gold {ACTIVITY} {bad}: {then}"), gold.output
    then = f"gold is not published: {ACTIVITY} {bad}"
    assert loaded.code == 1 and then in loaded.last_line, loaded.output
    assert loaded.last_line.endswith(f"next: spark-submit jobs/gold.py --ds {bad}")
    the_others_are_whole(ten, own, bad)


@at_either_end_or_between
def test_a_day_whose_manifests_cannot_be_understood_keeps_no_other_from_being_extracted_and_made(
    ten: Ten, bad: date
) -> None:
    own = ten.empty(f"not_understood_{bad:%d}")
    broken, later = ten.batch(own, ACTIVITIES.name, bad).manifest, ten.batch(own, USER_PURCHASES.name, bad).manifest
    put(ten.daybook, broken, b"<html>404</html>")
    put(ten.daybook, later, b'{"format": 5}')
    then = f"if nobody can restore it, delete it, then spark-submit jobs/extract_postgres.py --ds {bad}"
    refused(ten.extract(own, "extract_postgres", *RANGE), 3, f"{broken}: not a manifest -- next: {then}")
    assert ten.extracted(own, ACTIVITIES.name) == [day for day in DAYS if day != bad]
    then = "use the version of Daybook that wrote it, or a later one"
    ended = ten.extract(own, "extract_cassandra", *RANGE)
    refused(ended, 3, f"{later}: manifest format 5, this version reads 1 to 4 -- next: {then}")
    assert ten.extracted(own, USER_PURCHASES.name) == [day for day in DAYS if day != bad]
    assert "one by one" not in ended.output, "a scan for each day of what one scan reads"
    silver, gold, loaded = ten.steps(own)
    assert silver.code == gold.code == 3, (silver.output, gold.output)
    assert f"/{bad}/_MANIFEST.json: " in silver.last_line and "; 1 more failed -- next: " in silver.last_line
    assert f"/{bad}/_MANIFEST.json: " in gold.last_line and "; 3 more failed -- next: " in gold.last_line
    assert loaded.code == 1 and f"gold is not published: {ACTIVITY} {bad}" in loaded.last_line, loaded.output
    the_others_are_whole(ten, own, bad)


@contextmanager
def a_number_too_long(sources: Sources, day: date) -> Iterator[tuple[str, str]]:
    """A purchase of the day whose amount Spark cannot hold; what is said of it, and to do."""
    buyer, row = UUID(int=9999), good_row(USER_PURCHASES, 9999, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    sources.insert(USER_PURCHASES, [row | {"amount": Decimal(10**20)}])
    table = "bad_days.user_purchases"
    try:
        said = "holds a number too long for Spark: a decimal can have 20 digits before the point, a varint 38"
        query = f"SELECT * FROM {table} WHERE amount >= {10**20} ALLOW FILTERING, or amount <= -{10**20}"
        then = f"find its row ({query}) and correct it, then run the same command again"
        yield f"Cassandra table {table} {day} {said}", then
    finally:
        sources.session.execute(f"DELETE FROM {table} WHERE user_id = %s", [buyer])


@contextmanager
def a_view_that_fails(sources: Sources, day: date) -> Iterator[tuple[str, str]]:
    """States by a view whose expression does not take those of the day; what is said of it, and to do."""
    table = "bad_days.notification_states"
    status = f"CASE date(updated_at) WHEN '{day}' THEN (1 / (length(status) * 0))::text ELSE status END AS status"
    with sources.server.cursor() as run:
        run.execute(f"ALTER TABLE {table} RENAME TO stored")
        run.execute(
            f"CREATE VIEW {table} AS SELECT id, user_id, notification_id, {status}, updated_at FROM bad_days.stored"
        )
        run.execute(f"GRANT SELECT ON {table} TO {ETL}")
        try:
            view = "repair the view or function that bad_days's tables are made of (the server's log has its words)"
            said = f"PostgreSQL table {table} {day}: division by zero (SQLSTATE 22012)"
            yield said, f"{view}, then run the same command again"
        finally:
            run.execute(f"DROP VIEW {table}")
            run.execute("ALTER TABLE bad_days.stored RENAME TO notification_states")


@at_either_end_or_between
@pytest.mark.parametrize(
    ("fault", "job", "table"),
    [
        (a_number_too_long, ("extract_cassandra", "--table", USER_PURCHASES.name), USER_PURCHASES),
        (a_view_that_fails, ("extract_postgres",), NOTIFICATION_STATES),
    ],
)
def test_a_day_that_its_source_cannot_give_keeps_no_other_from_being_extracted(
    ten: Ten, fault: Any, job: tuple[str, ...], table: SourceTable, bad: date
) -> None:
    own = ten.empty(f"{fault.__name__}_{bad:%d}")
    with fault(ten.sources, bad) as (said, then):
        refused(ten.extract(own, job[0], *RANGE, *job[1:]), 3, f"{said} -- next: {then}")
    assert ten.extracted(own, table.name) == [day for day in DAYS if day != bad]
    assert ten.daybook.unnamed(own["DAYBOOK_BRONZE"]) == set()
    succeeds(ten.extract(own, job[0], *RANGE, *job[1:]))
    assert ten.extracted(own, table.name) == DAYS


@pytest.fixture(scope="module")
def made(ten: Ten) -> dict[str, str]:
    """Silver and gold of all ten days, too."""
    own = ten.own("made")
    for job in ("silver", "gold"):
        succeeds(ten.driver.run(job, *RANGE, **own))
    return own


@at_either_end_or_between
@pytest.mark.parametrize("kind", ["file", "manifest"])
def test_a_day_whose_gold_is_damaged_keeps_no_other_from_being_loaded_and_verified(
    ten: Ten, made: dict[str, str], kind: str, bad: date
) -> None:
    own = ten.own(f"gold_{kind}_{bad:%d}", made)
    gold = ten.batch(own, ACTIVITY, bad, "gold")
    live = manifest.read(ten.daybook.store, gold)
    assert live is not None
    if kind == "file":
        file = live.manifest.tables[ACTIVITY].files[0]
        ten.daybook.store.delete([file.name])
        line = f"{file.name} is missing; its manifest promises {file.bytes:,} bytes"
        then = f"restore it, or spark-submit jobs/gold.py --ds {bad} --table {ACTIVITY} --force"
    else:
        put(ten.daybook, gold.manifest, b"<html>404</html>")
        line = f"{gold.manifest}: not a manifest"
        then = f"if nobody can restore it, delete it, then spark-submit jobs/gold.py --ds {bad}"
    refused(ten.daybook.load(*RANGE, **own), 3, f"{line} -- next: {then}")
    the_others_are_whole(ten, own, bad, code=3)


def test_a_lost_file_of_silver_stops_the_days_that_read_it_and_no_other(ten: Ten) -> None:
    own, bad = ten.own("silver_lost"), DAYS[4]
    succeeds(ten.driver.run("silver", *RANGE, **own))
    silver = ten.batch(own, USER_PURCHASES.name, bad, "silver")
    live = manifest.read(ten.daybook.store, silver)
    assert live is not None
    ten.daybook.store.delete(live.manifest.all_files[:1])
    gold = ten.driver.run("gold", *RANGE, **own)
    then = f"spark-submit jobs/silver.py --ds {bad} --table user_purchases --force"
    assert gold.code == 3 and f"next: restore it, or {then}" in gold.last_line, gold.output
    loaded = ten.daybook.load(*RANGE, **own)
    assert loaded.code == 1, loaded.output
    assert held(own) == {day: ALL for day in DAYS if day not in (bad, bad + timedelta(days=1))}
    # The night after them does not read that file: what it cannot make again around it is a warning.
    after = ten.driver.run("gold", "--ds", str(bad + timedelta(days=2)), "--force", **own)
    succeeds(after)
    assert f"WARNING skipped {live.manifest.all_files[0]} is missing" in after.output
    assert f"next: restore it, or {then}" in after.output


@pytest.fixture(scope="module")
def without_activities(ten: Ten) -> dict[str, str]:
    """A lake whose days are made though silver refused the activities of one of them."""
    own = ten.own("no_activities")
    bad = DAYS[4]
    with ten.sources.server.cursor() as run:
        run.execute("UPDATE bad_days.activities SET scheduled_at = 'soon'")
    succeeds(ten.driver.run("extract_postgres", "--ds", str(bad), "--refresh", **own, **ten.sources.settings))
    return own


def test_a_refused_table_that_feeds_no_figure_stops_no_figure_and_is_told_everywhere(
    ten: Ten, without_activities: dict[str, str]
) -> None:
    own, bad = without_activities, DAYS[4]
    ended = ten.steps(own)
    for step in ended:
        succeeds(step)
    refused = f"silver activities {bad}: 120 of 120 rows rejected"
    assert f"WARNING skipped {refused}" in ended[0].output
    told = "activities: silver has none of the rows read (120); no figure needs them"
    assert f"WARNING {bad}  {told}" in ended[2].output
    assert held(own) == dict.fromkeys(DAYS, ALL)
    with duckdb.connect(own["DUCKDB_PATH"], read_only=True) as db:
        columns = "source_rows, bronze_rows, silver_rows, rejected_rows, duplicate_rows, is_complete"
        query = f"SELECT {columns} FROM source_ledger_per_day WHERE source_table = 'activities' AND date = ?"
        assert db.execute(query, [bad]).fetchall() == [(120, 120, None, None, None, True)]
        warned = "SELECT source_table, value FROM day_warnings WHERE limit_name = 'refused'"
        assert db.execute(warned).fetchall() == [("activities", 120)]
    verified = ten.daybook.verify(*RANGE, **own)
    succeeds(verified)
    changed = f"silver activities {bad}: bronze _postgres {bad} has changed since it was made; no figure of the day"
    assert changed in verified.output and verified.output.count(" agree") == 10
    page = ten.daybook.page(str(bad), **own)
    succeeds(page)
    assert told in page.output
    by_name = ten.driver.run("silver", "--ds", str(bad), "--table", ACTIVITIES.name, **own)
    assert by_name.code == 3 and refused in by_name.last_line, by_name.output
    assert ACTIVITIES.name in FEED_NO_FIGURE


def test_a_table_of_postgresql_is_read_again_alone_and_the_others_stay_as_they_were_read(
    ten: Ten, without_activities: dict[str, str]
) -> None:
    own, bad = without_activities, DAYS[4]
    batch = ten.batch(own, ACTIVITIES.name, bad)
    before = manifest.read(ten.daybook.store, batch)
    assert before is not None
    with ten.sources.server.cursor() as run:
        run.execute("UPDATE bad_days.activities SET scheduled_at = '2024-08-05T12:00:00Z'")
        run.execute("DELETE FROM bad_days.notification_states")
    again = ("--ds", str(bad), "--refresh", "--table", ACTIVITIES.name)
    read = ten.driver.run("extract_postgres", *again, **own, **ten.sources.settings)
    succeeds(read)
    [line] = [line for line in read.output.splitlines() if "read again" in line]
    assert f"activities {bad} read again: 120 rows before, 120 now" in line
    now = manifest.read(ten.daybook.store, batch)
    assert now is not None
    assert {name for name, entry in now.manifest.tables.items() if before.manifest.tables[name] != entry} == {
        ACTIVITIES.name
    }
    assert list(now.manifest.inputs["read_again"]) == [ACTIVITIES.name]
    assert now.manifest.inputs["snapshot"] == before.manifest.inputs["snapshot"]
    for step in (
        ten.driver.run("silver", "--ds", str(bad), **own),
        ten.driver.run("gold", "--ds", str(bad), **own),
        ten.daybook.load("--ds", str(bad), **own),
    ):
        succeeds(step)
    verified = ten.daybook.verify("--ds", str(bad), **own)
    succeeds(verified)
    assert "no figure of the day needs it" not in verified.output
    with duckdb.connect(own["DUCKDB_PATH"], read_only=True) as db:
        query = "SELECT source_table, silver_rows, read_at FROM source_ledger_per_day WHERE date = ?"
        told = {table: (rows, at) for table, rows, at in db.execute(query, [bad]).fetchall()}
    (activities, later), (states, earlier) = told["activities"], told["notification_states"]
    assert (activities, states) == (120, 12) and earlier < later


def test_no_table_is_read_alone_of_a_day_that_is_not_whole(ten: Ten) -> None:
    lake = ten.daybook.own_lake("bad_days_alone")
    again = ("--ds", str(DAYS[0]), "--refresh", "--table", ACTIVITIES.name)
    ended = ten.driver.run("extract_postgres", *again, **lake, **ten.sources.settings)
    then = f"spark-submit jobs/extract_postgres.py --ds {DAYS[0]}"
    assert ended.code == 1 and ended.last_line.endswith(f"once the day had ended -- next: {then}"), ended.output
    assert ten.daybook.stored(lake["DAYBOOK_BRONZE"]) == {}


def test_silver_whose_bronze_is_gone_stays_and_a_day_that_is_asked_for_anew_names_what_to_restore(ten: Ten) -> None:
    own, bad, night = ten.own("bronze_gone"), DAYS[7], DAYS[8]
    another = {**own, "DAYBOOK_ID_NAMESPACE": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}
    bronze = ten.batch(own, GROUP_MESSAGES.name, bad)
    stored = ten.daybook.store.get(bronze.manifest)
    assert stored is not None
    ten.daybook.store.delete([bronze.manifest])
    silver = ten.driver.run("silver", "--ds", str(night), **another)
    succeeds(silver)
    stays = f"silver group_messages {bad} stays as it was made, under another meaning, setting or rate"
    assert f"WARNING {stays}: its bronze is gone -- next: restore {bronze.manifest}" in silver.output
    gold = ten.driver.run("gold", "--ds", str(night), **another)
    succeeds(gold)
    reads = f"gold {ACTIVITY} {night} reads silver group_messages {bad} as it was made, under another meaning"
    assert f"WARNING {reads}" in gold.output
    succeeds(ten.driver.run("silver", "--ds", str(bad), "--table", USER_PURCHASES.name, **another))
    own_day = ten.driver.run("gold", "--ds", str(bad), "--table", ACTIVITY, **another)
    stale = f"gold {ACTIVITY} {bad}: silver group_messages {bad} was made under another meaning, setting or rate"
    assert own_day.code == 1 and stale in own_day.last_line, own_day.output
    by_name = ("--ds", str(bad), "--table", GROUP_MESSAGES.name)
    asked = ten.driver.run("silver", *by_name, **another)
    assert asked.code == 3 and f"next: restore {bronze.manifest} and its files" in asked.last_line, asked.output
    succeeds(ten.driver.run("silver", *by_name, **own))  # nothing has changed: what is there stays
    ten.daybook.store.put(bronze.manifest, stored.body)
    succeeds(ten.driver.run("silver", *by_name, **another))


def test_two_tables_that_are_read_again_at_the_same_time_are_both_read(ten: Ten) -> None:
    own, day = ten.own("two_tables"), DAYS[2]
    again = ("--ds", str(day), "--refresh", "--table")
    ten.driver.begin("extract_postgres", *again, "users", **own, **ten.sources.settings)
    other = ten.daybook.submit("extract_postgres", *again, "activities", **own, **ten.sources.settings)
    succeeds(ten.driver.end())
    succeeds(other)
    live = manifest.read(ten.daybook.store, ten.batch(own, ACTIVITIES.name, day))
    assert live is not None
    assert set(live.manifest.inputs["read_again"]) == {"users", "activities"}


def test_a_table_that_bronze_lacks_is_read_alone_by_the_line_of_silver(ten: Ten) -> None:
    own, day = ten.own("lacks_one"), DAYS[2]
    batch = ten.batch(own, ACTIVITIES.name, day)
    stored = ten.daybook.store.get(batch.manifest)
    assert stored is not None
    older = json.loads(stored.body)
    del older["tables"][ACTIVITIES.name]
    ten.daybook.store.put(batch.manifest, json.dumps(older).encode())
    asked = ("--ds", str(day), "--table", ACTIVITIES.name)
    silver = ten.batch(own, ACTIVITIES.name, day, "silver")
    ten.daybook.store.delete([silver.manifest])
    ended = ten.driver.run("silver", *asked, **own)
    then = f"spark-submit jobs/extract_postgres.py --ds {day} --table activities --refresh"
    assert ended.code == 1 and ended.last_line.endswith(f"has no activities -- next: {then}"), ended.output
    read = ten.driver.run("extract_postgres", *then.split()[2:], **own, **ten.sources.settings)
    succeeds(read)
    succeeds(ten.driver.run("silver", *asked, **own))
