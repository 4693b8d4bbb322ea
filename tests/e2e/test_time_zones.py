"""No result depends on a time zone: a day run with everything set to Tokyo's is the same, to the byte."""

from collections.abc import Iterator
from datetime import date

import pytest
from harness import Daybook, Driver

from local.proof import Proof
from local.run import SPARK_JOBS

pytestmark = pytest.mark.e2e
TOKYO = "Asia/Tokyo"
DAY = date(2025, 3, 3)  # the last day: its gold reads the day before, and what comes after is nowhere
DAYS = ("--from", "2025-03-02", "--to", str(DAY))


@pytest.fixture(scope="module")
def tokyo(daybook: Daybook, proof: Proof) -> Iterator[Driver]:
    """A driver whose operating system, JVM and Spark session are told to be in Tokyo, and PostgreSQL with them."""
    with daybook.postgres("admin") as server, server.cursor() as cursor:
        cursor.execute(f"ALTER ROLE daybook_etl SET timezone = '{TOKYO}'")
    session = ("--driver-java-options", f"-Duser.timezone={TOKYO}", "--conf", f"spark.sql.session.timeZone={TOKYO}")
    try:
        with daybook.driver(*session, TZ=TOKYO) as driver:
            yield driver
    finally:
        with daybook.postgres("admin") as server, server.cursor() as cursor:
            cursor.execute("ALTER ROLE daybook_etl RESET timezone")


def test_a_day_run_in_tokyo_is_the_same_to_the_byte(daybook: Daybook, tokyo: Driver) -> None:
    with daybook.postgres("etl") as server, server.cursor() as cursor:
        cursor.execute("SHOW timezone")
        assert cursor.fetchone() == (TOKYO,)
    own = daybook.own_lake("tokyo")
    for job in SPARK_JOBS:
        ended = tokyo.run(job, *DAYS, **own)
        assert ended.code == 0, ended.output
    assert daybook.day(DAY, **own) == daybook.day(DAY)
