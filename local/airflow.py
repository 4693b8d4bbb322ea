"""`make airflow`: real Airflow on the local stack. API server, scheduler and DAG processor, metadata in PostgreSQL."""

import base64
import json
import os
import urllib.request
from pathlib import Path

from local import state as states
from local.accounts import airflow as database
from local.servers.airflow import processes
from local.servers.ports import HOST, choose
from local.stack import Stack
from local.state import State, write_private
from toolchain import places
from toolchain.report import run_logged, say, step

USER = "admin"
POOLS = places.ROOT / "conf" / "airflow_pools.json"
COMMANDS = Path(__file__).with_name("airflow_commands.py")
CONNECTIONS = {"daybook_spark": {"conn_type": "spark", "host": "local[*]"}}
START_SECONDS = 180


def up(stack: Stack, **changes: str) -> None:
    """Start what is not running, on servers that are up; print where it is and how to log in.

    Keyword arguments change its environment.
    """
    state = states.load(stack.home)
    if processes(stack.home)[0].pid() is None:
        state.ports |= choose(["airflow"], state.ports)
        states.save(stack.home, state)
    env = environment(stack) | changes
    with step("airflow's metadata, pools and connections"):
        _prepare(stack, state, env)
    with step("airflow is up"):
        for process in processes(stack.home):
            if process.pid() is None:
                process.start([_program(), process.name.removeprefix("airflow-")], env)
        for process in processes(stack.home):
            process.wait_until(lambda: _healthy(state), START_SECONDS)
    say(f"  Airflow       {address(state)}, user {USER}, password {state.secrets['airflow_admin']}")
    say("next: unpause daybook_daily there, which begins with last night; make down")


def address(state: State) -> str:
    """Where the UI and the API are."""
    return f"http://{HOST}:{state.ports['airflow']}"


def environment(stack: Stack) -> dict[str, str]:
    """All that Airflow's processes are told; secrets go through the environment, never an argument."""
    state, home = states.load(stack.home), stack.home / "airflow"
    etl, loader, key = stack.settings("etl"), stack.settings("loader"), state.secrets
    metadata = f"{database.NAME}:{key['airflow_database']}@{etl['PGHOST']}:{etl['PGPORT']}/{database.NAME}"
    return {
        **etl,
        # What load_duckdb is to use instead: its account reads gold and nothing else.
        **{f"DAYBOOK_LOADER_{name}": loader[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")},
        "PATH": f"{places.environment('airflow') / 'bin'}:{os.environ['PATH']}",
        "HOME": os.environ["HOME"],
        "DAYBOOK_DUCKDB_ENV": str(places.environment("duckdb")),
        "DAYBOOK_PAGE_ENV": str(places.environment("page")),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(places.ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        # A task that is marked failed hears of it at its next heartbeat, and has five seconds to end.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "2",
        "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(key["airflow_fernet"].encode()).decode(),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address(state)}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{metadata}",
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(state.ports["airflow"]),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": key["airflow_api"],
        "AIRFLOW__API_AUTH__JWT_SECRET": key["airflow_jwt"],
    }


def _prepare(stack: Stack, state: State, env: dict[str, str]) -> None:
    home, log = stack.home / "airflow", stack.home / "logs" / "airflow-setup.log"
    database.create(stack.settings("admin"), state.secrets["airflow_database"])
    write_private(home / "passwords.json", json.dumps({USER: state.secrets["airflow_admin"]}))
    connections = home / "connections.json"
    connections.write_text(json.dumps(CONNECTIONS))
    commands = (
        ("db", "migrate"),
        ("pools", "import", str(POOLS)),
        ("connections", "import", "--overwrite", str(connections)),
    )
    # -P: beside it lies a module of our own by the name of airflow
    program = [str(places.python("airflow")), "-P", str(COMMANDS), json.dumps(commands)]
    run_logged("airflow's metadata, pools and connections", program, log, env)


def _healthy(state: State) -> bool:
    """Whether the API answers, and says so of scheduler and DAG processor."""
    try:
        with urllib.request.urlopen(f"{address(state)}/api/v2/monitor/health", timeout=5) as reply:
            told = json.load(reply)
    except OSError:
        return False
    return all(told[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))


def _program() -> str:
    return str(places.environment("airflow") / "bin" / "airflow")
