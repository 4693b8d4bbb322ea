"""What is unusual and no error: rows as long as memory allows, a taken UI, a database whose name is no word."""

import re
import socket
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import date

import psycopg2

from local.accounts import postgres
from tests.kit.harness import Daybook, Driver
from tests.kit.pairs import live
from tests.kit.sources import DAY, POSTGRES_SCRIPT, postgres_schema, succeeds

LONG_ROWS, A_MEGABYTE = 600, 1_000_000
FILL = f"""
    INSERT INTO activities (id, description)
    SELECT gen_random_uuid(), repeat('x', {A_MEGABYTE}) FROM generate_series(1, {LONG_ROWS})"""
UI_PORTS = range(4040, 4060)  # more than Spark itself would try


def test_long_rows_are_read_some_at_a_time_in_little_memory(daybook: Daybook) -> None:
    lake = daybook.own_lake("long_rows")
    with (
        postgres_schema(daybook, "long_rows", f"{POSTGRES_SCRIPT}; {FILL}") as schema,
        replace(daybook, options=["--driver-memory", "512m"]).driver() as small,
    ):
        succeeds(small.run("extract_postgres", "--ds", DAY, **lake, **schema))
    found = live(daybook, lake["DAYBOOK_BRONZE"], date.fromisoformat(DAY)).manifest.tables["activities"]
    assert found.rows == LONG_ROWS
    assert sum(file.bytes for file in found.files) > LONG_ROWS * A_MEGABYTE


def test_taken_ports_of_the_ui_end_no_job(daybook: Daybook, driver: Driver) -> None:
    with ExitStack() as taken:
        for port in UI_PORTS:
            held = taken.enter_context(socket.socket())
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):  # somebody else has it
                held.bind(("", port))
                held.listen()
        ended = driver.run("extract_postgres", "--ds", DAY, **daybook.own_lake("taken_ports"))
    succeeds(ended)
    found = re.search(r"Spark UI: http://\S+:(\d+)$", ended.output, re.MULTILINE)
    assert found and int(found[1]) > UI_PORTS[-1]


def test_a_database_may_have_any_name(daybook: Daybook, driver: Driver) -> None:
    name, admin = "a+b %c?d&e", daybook.stack.settings("admin")
    with closing(daybook.postgres("admin")) as server, server.cursor() as run:
        server.autocommit = True
        run.execute(f'CREATE DATABASE "{name}"')
        try:
            with psycopg2.connect(
                host=admin["PGHOST"], port=admin["PGPORT"], dbname=name, user=admin["PGUSER"],
                password=admin["PGPASSWORD"],
            ) as inside, inside.cursor() as fill:  # fmt: skip
                fill.execute(POSTGRES_SCRIPT)
                fill.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {postgres.ETL}")
            inside.close()
            succeeds(driver.run("extract_postgres", "--ds", DAY, **daybook.own_lake("any_name"), PGDATABASE=name))
        finally:
            run.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
