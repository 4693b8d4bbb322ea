"""No text is changed on its way: from both sources through bronze, by any reader, to silver or its rejected rows.

Nor is the one text that gold has, up to the warehouse.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from daybook import settings
from daybook.contracts import SOURCE_TABLES
from daybook.contracts.model import Column, SourceTable
from daybook.contracts.user_notifications import USER_NOTIFICATIONS
from daybook.lake.manifest import File
from daybook.lake.paths import Lake
from local.demo.proof import Proof
from tests.kit.harness import SPARK_JOBS, Daybook, Driver
from tests.kit.hostile import HOSTILE, WITH_NUL, read_as_documented
from tests.kit.own_sources import Row, good_row, own_sources

NOON = datetime(2025, 1, 10, 12, tzinfo=UTC)
DAY = NOON.date()
WITH_TEXT = [table for table in SOURCE_TABLES if table.name != "groups_users_user"]
each_table = pytest.mark.parametrize("table", WITH_TEXT, ids=lambda table: table.name)

# Columns in which not every text is accepted: what is (… stands for a hostile text), and how it is known.
ACCEPTED = {"email": ("a@b", "…a@b…"), "currency": ("EUR",), "scheduled_at": ("2025-01-10",)}
IS_ACCEPTED: dict[str, Callable[[str], object]] = {
    "email": re.compile(r"[^@]+@[^@]+").fullmatch,
    "currency": {"EUR", "USD"}.__contains__,
    "scheduled_at": {"2025-01-10", "2025-03-01"}.__contains__,
}


def text_columns(table: SourceTable) -> list[Column]:
    """Those that are text at the source."""
    return [column for column in table.columns if column.type == "string" or column.name == "scheduled_at"]


def texts_for(table: SourceTable, column: Column) -> list[str | None]:
    """All that the source can hold: no NULL and no more than 64 kB in a key of Cassandra's."""
    texts = [*HOSTILE, *(WITH_NUL if table.source == "cassandra" else ())]
    return [text for text in texts if len(text) < 2**15] if column.name in table.key else [None, *texts]


def source_rows(table: SourceTable) -> list[Row]:
    """Rows that hold every text in every text column; those with a rule are first filled with what keeps it."""
    columns = text_columns(table)
    templates = next((ACCEPTED[c.name] for c in columns if c.name in ACCEPTED), ())
    rows: list[Row] = []
    for template in (*templates, "…"):
        for n in range(max(len(texts_for(table, column)) for column in columns)):
            row = good_row(table, len(rows), NOON)
            for shift, column in enumerate(columns):
                texts = texts_for(table, column)
                text = texts[(n + 10 * shift) % len(texts)]
                row[column.name] = in_template(template, text) if column.name in ACCEPTED else text
            rows.append(row)
    return rows


def in_template(template: str, text: str | None) -> str | None:
    return text if template == "…" else template.replace("…", text or "")


def cleaned(column: Column, text: str | None) -> str | None:
    """As the data dictionary says of the column."""
    if text is None or not column.trimmed:
        return text
    bare = text.strip(" \t\r\n\u00a0")
    return (bare.upper() if column.clean == "code" else bare) or None


def accepted(table: SourceTable, row: Row) -> bool:
    for column in text_columns(table):
        text = cleaned(column, row[column.name])
        if text is None and column.required:
            return False
        if text is not None and column.name in IS_ACCEPTED and not IS_ACCEPTED[column.name](text):
            return False
    return True


@pytest.fixture(scope="module")
def lake(daybook: Daybook, driver: Driver) -> Iterator[Proof]:
    """The hostile day, run up to the warehouse."""
    own_lake = daybook.own_lake("lossless")
    with own_sources(daybook, "lossless") as sources:
        for table in WITH_TEXT:
            sources.insert(table, source_rows(table))
        for job in SPARK_JOBS:
            ended = driver.run(job, "--ds", str(DAY), **own_lake, **sources.settings)
            assert ended.code == 0, ended.output
        ended = daybook.load("--ds", str(DAY), **own_lake)
        assert ended.code == 0, ended.output
        yield Proof(daybook.store, Lake(settings.lake(daybook.stack.settings("etl") | own_lake)), {})


def fetched(lake: Proof, files: tuple[File, ...], folder: Path) -> Path:
    folder.mkdir()
    for file in files:
        lake.store.download(file.name, str(folder / file.name.rpartition("/")[2]))
    return folder


def parquet(folder: Path) -> list[Row]:
    if not list(folder.glob("*.parquet")):
        return []
    table = duckdb.read_parquet(f"{folder}/*.parquet")
    return [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]


def damage(table: SourceTable, names: list[str], expected: Sequence[Row], found: Sequence[Row]) -> list[str]:
    """What differs in these columns, in short: a comparison of megabytes is not to be read."""
    number = next((name for name in ("id", "session_id") if name in table.key), table.key[-1])
    before, after = ({str(row[number]): row for row in rows} for rows in (expected, found))
    lines = [f"{len(expected)} rows became {len(found)}"] if len(expected) != len(found) else []
    lines += [f"row {key} is missing" for key in before.keys() - after.keys()]
    for key in before.keys() & after.keys():
        pairs = [(name, before[key][name], after[key][name]) for name in names]
        lines += [f"{name}: {str(old)[:40]!r} became {str(new)[:40]!r}" for name, old, new in pairs if old != new]
    return lines


@each_table
def test_bronze_holds_every_text_for_pythons_csv_and_for_duckdb(
    lake: Proof, table: SourceTable, tmp_path: Path
) -> None:
    files, names = lake.bronze(table, DAY).files, [column.name for column in text_columns(table)]
    by_python, by_duckdb = read_as_documented(fetched(lake, files, tmp_path / "bronze"))
    expected = source_rows(table)
    assert damage(table, names, expected, by_duckdb) == []
    shown = [{name: "" if value is None else value for name, value in row.items()} for row in expected]
    assert damage(table, names, shown, by_python) == []


@each_table
def test_silver_holds_every_text_as_it_was_or_cleaned_as_documented_or_rejected_as_it_was_read(
    lake: Proof, table: SourceTable, tmp_path: Path
) -> None:
    rows, entry = source_rows(table), lake.silver(table, DAY)
    clean = [row for row in rows if accepted(table, row)]
    refused = [row for row in rows if not accepted(table, row)]
    texts = [column for column in text_columns(table) if column.type == "string"]
    for column in texts:
        assert column.clean != "as_is" or {row[column.name] for row in clean} == set(texts_for(table, column))
    expected = [{**row, **{column.name: cleaned(column, row[column.name]) for column in texts}} for row in clean]
    found = parquet(fetched(lake, entry.files, tmp_path / "silver"))
    assert damage(table, [column.name for column in texts], expected, found) == []
    kept = parquet(fetched(lake, entry.rejected_files, tmp_path / "rejected"))
    assert damage(table, [column.name for column in text_columns(table)], refused, kept) == []


def test_the_warehouse_holds_the_text_of_every_notification(daybook: Daybook, lake: Proof) -> None:
    with duckdb.connect(daybook.own_lake("lossless")["DUCKDB_PATH"], read_only=True) as warehouse:
        found = warehouse.sql("SELECT content_notif FROM global_notif_impact_per_day").fetchall()
    assert {text for (text,) in found} == set(texts_for(USER_NOTIFICATIONS, USER_NOTIFICATIONS.column("content")))
    assert len(found) == lake.silver(USER_NOTIFICATIONS, DAY).rows
