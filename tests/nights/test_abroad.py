"""No result depends on where a job runs: a day run by another locale, in another time zone, is the same to the byte."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from daybook.contracts import SOURCE_TABLES
from tests.kit.harness import Daybook, Driver
from tests.kit.own_sources import Sources, good_row, own_sources

MIDNIGHT = datetime(2025, 1, 30, tzinfo=UTC)
DAY = MIDNIGHT.date()
# Turkish has an upper case of its own, Arabic digits are no digits of ASCII, and midnight in Tokyo is 15:00.
LOCALE = {"user.language": "tr", "user.country": "TR", "user.extensions": "u-nu-arab"}
ZONE = "Asia/Tokyo"
TEXTS = ("click", "read", "open i", "terminé i", "ı", "İ", "j\u0307", "i\u0307\u0323", "ß", "ŉ", "12,5", "١٢")
# Of each text one row; their times lie on both sides of that place's midnight, and at the day's very ends.
TIMES = [timedelta(hours=2 * n, minutes=59, seconds=59, microseconds=999_000) for n in range(len(TEXTS))]
TIMES[0], TIMES[-1] = timedelta(), timedelta(hours=23, minutes=59, seconds=59, microseconds=999_000)


@pytest.fixture(scope="module")
def sources(daybook: Daybook) -> Iterator[Sources]:
    """Rows whose texts have another upper case, values other digits, and times another day, in that place."""
    with own_sources(daybook, "abroad") as ours:
        for table in SOURCE_TABLES:
            rows = [good_row(table, n, MIDNIGHT + time) for n, time in enumerate(TIMES)]
            texts = [column.name for column in table.columns if column.type == "string" and column.name != "currency"]
            for row, text in zip(rows, TEXTS, strict=True):
                row.update({name: f"{text}@b" if name == "email" else text for name in texts})
            ours.insert(table, rows)
        yield ours


@pytest.fixture(scope="module")
def at_home(daybook: Daybook, driver: Driver, sources: Sources) -> dict[str, object]:
    """The day by a driver whose locale and zone are this machine's."""
    return run_day(daybook, driver, sources, "home")


def run_day(daybook: Daybook, driver: Driver, sources: Sources, name: str) -> dict[str, object]:
    lake = daybook.own_lake(f"day_{name}")
    settings = lake | sources.settings | {"DAYBOOK_SUCCESS_STATES": "click,open i"}
    ended = driver.run("day", "--ds", str(DAY), **settings)
    assert ended.code == 0, ended.output
    return daybook.day(DAY, **lake)


@contextmanager
def postgres_in(daybook: Daybook, zone: str) -> Iterator[None]:
    """The role of the jobs prefers a time zone until the block ends."""

    def alter(words: str) -> None:
        with daybook.postgres("admin") as server, server.cursor() as cursor:
            cursor.execute(f"ALTER ROLE daybook_etl {words}")

    alter(f"SET timezone = '{zone}'")
    try:
        with daybook.postgres("etl") as server, server.cursor() as cursor:
            cursor.execute("SHOW timezone")
            assert cursor.fetchone() == (zone,)
        yield
    finally:
        alter("RESET timezone")


def test_a_day_run_elsewhere_is_the_same_to_the_byte(
    daybook: Daybook, sources: Sources, at_home: dict[str, object]
) -> None:
    told = " ".join(f"-D{name}={value}" for name, value in (LOCALE | {"user.timezone": ZONE}).items())
    session = ("--driver-java-options", told, "--conf", f"spark.sql.session.timeZone={ZONE}")
    with postgres_in(daybook, ZONE), replace(daybook, options=session).driver(TZ=ZONE) as abroad:
        assert run_day(daybook, abroad, sources, "abroad") == at_home
