"""After all that the other tests of this folder let Airflow do: no secret of the stack is anywhere."""

import pytest

from local import state
from tests.kit import inbox
from tests.kit.airflow import Airflow
from tests.kit.harness import Daybook
from tests.kit.nights import TASKS, Runs, nights
from tests.kit.processes import CommandLines

pytestmark = pytest.mark.timeout(3600)


def test_no_secret_is_in_a_log_a_command_line_or_what_airflow_remembers(
    daybook: Daybook, airflow: Airflow, command_lines: CommandLines, runs: Runs
) -> None:
    home = daybook.stack.home
    secrets = {**state.load(home).secrets, "the mail server's": inbox.PASSWORD}
    logs = list((home / "airflow" / "logs").rglob("*.log"))
    assert len(logs) >= len(TASKS) * len(runs)
    written = {str(path): path.read_text() for path in [*logs, *(home / "logs").glob("airflow-*.log")]}
    with daybook.postgres("admin") as server:
        written["the metadata"] = metadata(server.get_dsn_parameters(), secrets["postgres_admin"])
    assert "rendered_task_instance_fields" in written["the metadata"]
    written["command lines"] = "\n".join(command_lines.seen)
    assert f"jobs/silver.py --ds {nights()[0]}" in written["command lines"]
    assert [(place, name) for place, text in written.items() for name, value in secrets.items() if value in text] == []


def metadata(server: dict[str, str], password: str) -> str:
    """All rows of Airflow's database, as text."""
    import psycopg2

    texts = []
    with psycopg2.connect(host=server["host"], port=server["port"], user=server["user"], password=password,
                          dbname="airflow") as airflow, airflow.cursor() as run:  # fmt: skip
        run.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in run.fetchall():
            run.execute(f'SELECT t::text FROM "{table}" AS t')
            texts.append("\n".join([table, *(row for (row,) in run.fetchall())]))
    return "\n".join(texts)
