"""Analysts while the warehouse is loaded: no query fails, and all that one opening shows is of one load."""

from datetime import date
from pathlib import Path

import duckdb

from daybook.contracts import FIGURE_TABLES
from tests.kit.harness import Daybook, Driver
from tests.kit.published import publish_rows
from tests.kit.readers import QUERIES, reader, whole

DAY = date(2025, 1, 5)
LOADS = 20
USERS = 500
# Every row of all tables bears the number of the load that brought it; it stands in each row's figures.
VALUES = {
    "uuid": "uuid()",
    "string": "'hello'",
    "date": f"'{DAY}'",
    "timestamp": f"'{DAY}'",
    "boolean": "true",
    "duration": "{load} * 1000000",
}


def publish_load(daybook: Daybook, root: str, load: int, folder: Path) -> None:
    """Publish the day of each gold table, every figure being the load's number."""
    for table in FIGURE_TABLES:
        columns = (
            f"({VALUES.get(c.type, '{load}').format(load=load)})::{c.type_in.parquet} AS {c.name}"
            for c in table.columns
        )
        query = f"SELECT {', '.join(columns)} FROM range({USERS})"
        publish_rows(daybook.store, daybook.batch("gold", table.name, DAY, DAYBOOK_GOLD=root), query, folder)


def test_readers_see_every_load_whole_and_are_never_turned_away(
    daybook: Daybook, loader: Driver, tmp_path: Path
) -> None:
    changes = daybook.own_lake("readers")
    root, path = changes["DAYBOOK_GOLD"], Path(changes["DUCKDB_PATH"])

    def load(number: int) -> None:
        publish_load(daybook, root, number, tmp_path)
        ended = loader.run("load_duckdb", "--ds", str(DAY), **changes)
        assert ended.code == 0, ended.output

    load(0)
    with duckdb.connect(str(path), read_only=True) as held, reader("python", path) as at_work:
        assert at_work.sees().answers == whole(0, USERS)
        for number in range(1, LOADS + 1):
            load(number)
            # Each answer comes once: a mixture, a step back or a failure would come between.
            assert at_work.sees().answers == whole(number, USERS)
        assert [held.execute(query).fetchone() for query in QUERIES] == whole(0, USERS), "until it connects again"
        assert at_work.looks() > 5 * LOADS, "it was at work all the time"
