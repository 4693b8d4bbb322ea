"""What the Spark tests share: one local session, tiny frames made of rows, and gold computed from them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

if TYPE_CHECKING:  # tests/unit needs no Spark, and is collected where there is none
    from pyspark.sql import DataFrame, Row, SparkSession

    from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable

LOCAL_COMMITTER = "org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol"

Rows: TypeAlias = Sequence[Mapping[str, Any]]
Silver: TypeAlias = Mapping[str, Rows]
MakeFrame: TypeAlias = "Callable[[Rows, str], DataFrame]"
GoldOf: TypeAlias = "Callable[..., dict[str, list[Row]]]"


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """One local session for all tests, with the settings that change results as the jobs have them."""
    from pyspark.sql import SparkSession

    from daybook.session import RESULT_SETTINGS

    resources = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        # These tests write local files; the committer of the jobs knows object stores only.
        "spark.sql.sources.commitProtocolClass": LOCAL_COMMITTER,
        # Most of a test's time goes into compiling what runs once.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    }
    builder = SparkSession.builder.master("local[2]").appName("daybook tests")
    for key, value in {**RESULT_SETTINGS, **resources}.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def make_frame(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> MakeFrame:
    """Make a frame of rows, each a mapping from column to text, number or None, and of a schema in DDL.

    It goes through a file: a frame of Python objects would start Python workers, and a literal one would be
    computed while planning.
    """
    folder = tmp_path_factory.mktemp("frames")
    numbers = itertools.count()

    def frame(rows: Rows, schema: str) -> DataFrame:
        path = folder / f"{next(numbers)}.json"
        path.write_text("".join(json.dumps(dict(row)) + "\n" for row in rows), encoding="utf-8")
        return spark.read.schema(schema).option("mode", "FAILFAST").json(str(path))

    return frame


@pytest.fixture(scope="session")
def gold_of(make_frame: MakeFrame) -> GoldOf:
    """Compute both gold tables, or those named, of some days from silver rows.

    The rows say in `ds` which day's silver holds them. Each day is computed as in a run of its own: from the silver
    days that the contract reads, no others.
    """
    from pyspark.sql import DataFrame

    from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
    from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY as IMPACT
    from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY as ACTIVITY
    from daybook.transforms import notif_impact, user_activity, visits

    tables = {t.name: t for t in SOURCE_TABLES}
    read_by_gold = {name for gold in GOLD_TABLES for name in gold.reads}
    a_day, success_states = timedelta(days=1), ("CLICKED", "READ", "OPENED")

    def compute(
        silver: Silver, days: Sequence[date], rates: Mapping[str, Decimal], named: Sequence[str] | None = None
    ) -> dict[str, list[Row]]:
        frames = {name: make_frame(silver.get(name, ()), _ddl(tables[name])) for name in read_by_gold}

        def read(gold: GoldTable, name: str, day: date) -> DataFrame:
            wanted = [(day + offset * a_day).isoformat() for offset in gold.reads[name]]
            return frames[name].where(frames[name]["ds"].isin(wanted)).drop("ds")

        def activity_of(day: date) -> DataFrame:
            gaps = visits.gaps(read(ACTIVITY, "user_session_events", day), a_day)
            messages, purchases = (read(ACTIVITY, name, day) for name in ("group_messages", "user_purchases"))
            return user_activity.user_activity(visits.per_session(gaps, day), messages, purchases, rates, day)

        def impact_of(day: date) -> DataFrame:
            notifications, states, events = (
                read(IMPACT, name, day) for name in ("user_notifications", "notification_states", "user_session_events")
            )
            gaps = visits.gaps(events, a_day)
            return notif_impact.notif_impact(notifications, states, gaps, day, a_day, success_states)

        # The days of a table in one action: planning and starting a job takes longer than computing it.
        return {
            gold.name: reduce(DataFrame.union, (_checked(gold, one_day(day)) for day in days)).collect()
            for gold, one_day in ((ACTIVITY, activity_of), (IMPACT, impact_of))
            if named is None or gold.name in named
        }

    return compute


def _ddl(table: SourceTable) -> str:
    types = (f"{c.name} {'string' if c.type == 'uuid' else c.type}" for c in table.columns)
    return ", ".join([*types, "ds string"])


def _checked(contract: GoldTable, frame: DataFrame) -> DataFrame:
    spelled = {"uuid": "string", "duration": "interval day to second", "float": "double"}
    expected = [(c.name, spelled.get(c.type, c.type)) for c in contract.columns]
    assert frame.dtypes == expected, "columns, their order and types are the contract's"
    return frame
