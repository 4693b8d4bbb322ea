"""What one busy user costs gold: the same rows as one user's and as many users', and far more of one user.

Computes both gold tables of one day from generated silver, in one local Spark session, and prints seconds (the best
of three); no server takes part. Gold's cost should follow the rows, not whose they are.

    make benchmark B=busy_user
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from pyspark.sql import DataFrame, SparkSession

from daybook.session import RESULT_SETTINGS
from daybook.transforms.notif_impact import notif_impact
from daybook.transforms.user_activity import user_activity
from daybook.transforms.visits import gaps, per_session

DAY = date(2025, 3, 1)
A_DAY = timedelta(days=1)
MIDNIGHT = f"TIMESTAMPTZ '{DAY} 00:00:00Z'"
RUNS = 3
RESOURCES = {
    "spark.driver.memory": "4g",
    "spark.sql.shuffle.partitions": "8",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@dataclass(frozen=True)
class Load:
    """So many rows of a day, spread evenly over users and their sessions."""

    name: str
    users: int
    sessions: int
    events: int
    notifications: int

    def write(self, folder: Path) -> None:
        """Write them as silver has them: visits of ten events, a minute apart; each notification is clicked."""
        spread = f"{MIDNIGHT} + to_microseconds(i * 86400000000 // %d)"
        user, session = f"md5((i % {self.users})::VARCHAR)::UUID::VARCHAR", f"i % {self.users * self.sessions}"
        kind = f"CASE WHEN i // {self.users * self.sessions} % 10 = 0 THEN 'START' ELSE 'PAGE' END"
        _copy(folder / "events.parquet", f"""
            SELECT {user} AS user_id, ({session})::VARCHAR AS session_id, {spread % self.events} AS event_time,
                   {kind} AS event_type FROM range({self.events}) AS r(i)""")  # fmt: skip
        _copy(folder / "notifications.parquet", f"""
            SELECT {user} AS user_id, i::VARCHAR AS notification_id, {spread % self.notifications} AS notification_time,
                   'a text of usual length ' || i AS content, 'CLICKED' AS state,
                   {spread % self.notifications} + INTERVAL 5 MINUTE AS modified_at
            FROM range({self.notifications}) AS r(i)""")  # fmt: skip
        _copy(folder / "states.parquet", f"""
            SELECT {user} AS user_id, i::VARCHAR AS notification_id, 'READ' AS status,
                   {spread % self.notifications} + INTERVAL 4 MINUTE AS updated_at
            FROM range({self.notifications // 2}) AS r(i)""")  # fmt: skip


LOADS = (
    Load("4,000 users", 4000, 1, 80_000, 8_000),
    Load("one user, one session", 1, 1, 80_000, 8_000),
    Load("one user, 800 sessions", 1, 800, 80_000, 8_000),
    Load("40,000 users", 40_000, 1, 1_000_000, 100_000),
    Load("one user, one session", 1, 1, 1_000_000, 100_000),
    Load("one user, 1,000 sessions", 1, 1000, 1_000_000, 100_000),
)


def main() -> None:
    """Print seconds for each load, and the factor against the same rows spread over many users."""
    print(f"{'':<28}{'events':>10}{'notifications':>15}{'activity':>11}{'impact':>10}{'factor':>9}")
    with _session() as spark, TemporaryDirectory() as folder:
        for number, load in enumerate(LOADS):
            place = Path(folder) / str(number)
            place.mkdir()
            load.write(place)
            seconds = [min(_timed(compute(spark, place)) for _ in range(RUNS)) for compute in (_activity, _impact)]
            if load.users > 1:
                even = sum(seconds)
            print(
                f"{load.name:<28}{load.events:>10,}{load.notifications:>15,}"
                f"{seconds[0]:>9.1f} s{seconds[1]:>8.1f} s{sum(seconds) / even:>9.2f}",
                flush=True,
            )


def _impact(spark: SparkSession, folder: Path) -> DataFrame:
    notifications, states, events = (_read(spark, folder, name) for name in ("notifications", "states", "events"))
    return notif_impact(notifications, states, gaps(events, A_DAY), [DAY], A_DAY, ("CLICKED", "READ"))


def _activity(spark: SparkSession, folder: Path) -> DataFrame:
    sessions = per_session(gaps(_read(spark, folder, "events"), A_DAY), [DAY])
    bought = "'' AS user_id, 1.00BD AS amount, 'EUR' AS currency, now() AS purchase_time"
    purchases = spark.sql(f"SELECT {bought} WHERE false")
    messages = purchases.withColumnRenamed("purchase_time", "created_at")
    return user_activity(sessions, messages, purchases, {DAY: {"EUR": Decimal(1)}})


def _timed(frame: DataFrame) -> float:
    started = time.monotonic()
    frame.write.format("noop").mode("overwrite").save()
    return time.monotonic() - started


def _read(spark: SparkSession, folder: Path, name: str) -> DataFrame:
    return spark.read.parquet(str(folder / f"{name}.parquet"))


def _copy(path: Path, query: str) -> None:
    duckdb.sql(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


@contextmanager
def _session() -> Iterator[SparkSession]:
    builder = SparkSession.builder.master("local[*]").appName("busy user")
    for key, value in {**RESULT_SETTINGS, **RESOURCES}.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    try:
        yield spark
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
