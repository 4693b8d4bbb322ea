"""No result depends on a locale: days run by Turkish, Lithuanian and Arabic JVMs are the same, to the byte."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from harness import Daybook, Driver
from own_sources import Sources, good_row, own_sources

from daybook.contracts import SOURCE_TABLES
from local.run import SPARK_JOBS

pytestmark = pytest.mark.e2e
NOON = datetime(2025, 1, 30, 12, tzinfo=UTC)
DAY = NOON.date()
# Turkish has an upper case of its own, Lithuanian another; Arabic digits are no digits of ASCII.
LOCALES = {
    "turkish": {"language": "tr", "country": "TR"},
    "lithuanian": {"language": "lt", "country": "LT"},
    "arabic": {"language": "ar", "country": "EG", "extensions": "u-nu-arab"},
}
TEXTS = ("click", "read", "open i", "terminé i", "ı", "İ", "j\u0307", "i\u0307\u0323", "ß", "ŉ", "12,5", "١٢")


@pytest.fixture(scope="module")
def sources(daybook: Daybook) -> Iterator[Sources]:
    """Rows whose texts have another upper case, and whose other values would have other digits, in those languages."""
    with own_sources(daybook, "locales") as ours:
        for table in SOURCE_TABLES:
            rows = [good_row(table, n, NOON) for n in range(len(TEXTS))]
            texts = [column.name for column in table.columns if column.type == "string" and column.name != "currency"]
            for row, text in zip(rows, TEXTS, strict=True):
                row.update({name: f"{text}@b" if name == "email" else text for name in texts})
            ours.insert(table, rows)
        yield ours


@pytest.fixture(scope="module")
def by_default(daybook: Daybook, driver: Driver, sources: Sources) -> dict[str, object]:
    """The day by a driver whose locale is this machine's."""
    return run_day(daybook, driver, sources, "default")


def run_day(daybook: Daybook, driver: Driver, sources: Sources, name: str) -> dict[str, object]:
    lake = daybook.own_lake(f"locale_{name}")
    settings = lake | sources.settings | {"DAYBOOK_SUCCESS_STATES": "click,open i"}
    for job in SPARK_JOBS:
        ended = driver.run(job, "--ds", str(DAY), **settings)
        assert ended.code == 0, ended.output
    return daybook.day(DAY, **lake)


@pytest.mark.parametrize("name", LOCALES)
def test_a_day_run_in_another_locale_is_the_same_to_the_byte(
    daybook: Daybook, sources: Sources, by_default: dict[str, object], name: str
) -> None:
    told = " ".join(f"-Duser.{part}={value}" for part, value in LOCALES[name].items())
    with daybook.driver("--driver-java-options", told) as abroad:
        assert run_day(daybook, abroad, sources, name) == by_default
