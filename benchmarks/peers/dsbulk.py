"""Cassandra → CSV in the object store by DSBulk: a process for each table-day, whose files are uploaded after it.

Reads    the tables that extract_cassandra reads, its columns and days
Writes   a CSV per table-day and thread of DSBulk's: the same texts, NULL empty
"""

import json
import subprocess
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.peers import arguments
from benchmarks.peers.driver_cassandra import bounds_of
from benchmarks.peers.lake import Lake
from daybook import settings
from daybook.contracts import CASSANDRA_TABLES
from daybook.contracts.model import SourceTable
from toolchain import jars, setup

_RUNNER = "com.datastax.oss.dsbulk.runner.DataStaxBulkLoader"
# DSBulk's configuration takes them from the environment: no secret is in an argument or a file.
_LOGIN = """
datastax-java-driver.advanced.auth-provider {
  class = PlainTextAuthProvider
  username = ${CASSANDRA_USERNAME}
  password = ${CASSANDRA_PASSWORD}
}
"""


def main() -> None:
    """Unload each table-day into a folder, and upload what is there then."""
    asked = arguments.parse(__doc__, "dsbulk")
    lake = Lake(asked.into)
    for table in CASSANDRA_TABLES:
        for day in asked.days:
            with TemporaryDirectory() as folder:
                for file in _unloaded(table, day, Path(folder)):
                    lake.put("bronze", table.name, day, file)


def _unloaded(table: SourceTable, day: date, folder: Path) -> list[Path]:
    source, rows, conf = settings.cassandra(), folder / "rows", folder / "dsbulk.conf"
    options = {
        "datastax-java-driver.basic.contact-points": [f"{host}:{source.port}" for host in source.hosts.split(",")],
        "datastax-java-driver.basic.load-balancing-policy.local-datacenter": source.local_dc,
        "datastax-java-driver.basic.request.consistency": source.consistency,
        "dsbulk.schema.keyspace": source.keyspace,
        "dsbulk.schema.query": _query(table, day),
        "dsbulk.connector.csv.url": str(rows),
        "dsbulk.connector.csv.escape": '"',
        "dsbulk.codec.timestamp": "uuuu-MM-dd'T'HH:mm:ss.SSSSSSX",
        "dsbulk.log.directory": str(folder / "logs"),
    }
    conf.write_text("\n".join(f"{name} = {json.dumps(value)}" for name, value in options.items()) + _LOGIN)
    java = Path(setup.load().java_home) / "bin" / "java"
    subprocess.run([java, "-cp", f"{jars.cached('dsbulk')}/*", _RUNNER, "unload", "-f", conf], check=True)
    return sorted(rows.glob("*.csv"))


def _query(table: SourceTable, day: date) -> str:
    """The day by a filter, as Daybook and cassandra-driver read it; DSBulk puts its token ranges in."""
    assert table.window, "a Cassandra table is read by day"
    key, time = table.columns[0].name, table.window.column
    first, end = bounds_of(table, day, day)
    return (
        f"SELECT {', '.join(table.column_names)} FROM {table.name} WHERE token({key}) > :start AND token({key}) <= :end"
        f" AND {time} >= '{first.isoformat()}' AND {time} < '{end.isoformat()}' ALLOW FILTERING"
    )


if __name__ == "__main__":
    main()
