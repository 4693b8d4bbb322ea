"""One stack: three servers with their data, logs, ports and passwords under one folder."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import settings
from local import state as states
from local.servers import airflow, cassandra, minio, ports, postgres, seaweedfs
from local.servers.process import Process
from toolchain import places, setup, stores
from toolchain.report import LocalError, say, step

STORES = {"minio": minio, "seaweedfs": seaweedfs}
SERVERS = {"postgres": postgres, "cassandra": cassandra, **STORES}


@dataclass(frozen=True)
class Bring:
    """How one server comes up: start it, know that it is ready, make its accounts."""

    process: Process
    seconds: float
    start: Callable[[], None]
    ready: Callable[[], bool]
    create: Callable[[], None]


@dataclass(frozen=True)
class Stack:
    """The servers whose state is in `home`; two stacks with different homes do not touch each other."""

    home: Path

    def up(self) -> None:
        """Start what is not running, side by side, and write the settings files."""
        tools = setup.load()
        self._claim()
        with self._lock():
            state = self._ports()
            self._end_other_stores(state)
            with ThreadPoolExecutor() as pool:
                list(pool.map(_bring_up, self._plan(tools, state)))
            (self.home / "spark-events").mkdir(exist_ok=True)
            self.write_settings()

    def write_settings(self) -> None:
        """Write each account's file of settings, which shells and jobs read."""
        for account, name in settings.FILES.items():
            settings.write(self.home / name, self.settings(account))

    def down(self) -> None:
        """End what `up` started, side by side; the data stays."""
        if not self.home.exists():
            return
        if not self._is_ours():
            raise LocalError(f"{self.home} is not a stack's folder; nothing was ended or removed")
        with self._lock():
            for process in airflow.processes(self.home):
                if process.pid_file.exists():
                    _take_down(process)
            with ThreadPoolExecutor() as pool:
                list(pool.map(_take_down, self.processes()))

    def clean(self) -> None:
        """End the servers and remove all that the stack keeps."""
        self.down()
        for folder in (postgres.folder(self.home).parent, self.home):
            shutil.rmtree(folder, ignore_errors=True)

    def settings(self, account: str) -> dict[str, str]:
        """Return the environment variables of `etl`, `loader` or `admin`."""
        state = states.load(self.home)
        if not state.ports:
            raise LocalError(f"no server was ever started in {self.home}; run: make up")
        return settings.of(account, self.home, setup.load().java_home, state)

    def processes(self) -> list[Process]:
        """Return the servers' processes, running or not."""
        store = states.load(self.home).store
        known = {name: server.process(self.home) for name, server in SERVERS.items()}
        # the store before it, too, where it was never ended
        return [each for name, each in known.items() if name not in STORES or name == store or each.pid_file.exists()]

    def user(self, name: str, password: str, rights: dict[str, Any]) -> None:
        """Make or change a user of the object store, with a policy as S3 writes it."""
        from local.accounts import objectstore

        objectstore.user_of(states.load(self.home).store, self.home, self.settings("admin"))(name, password, rights)

    def _plan(self, tools: setup.Toolchain, state: states.State) -> list[Bring]:
        # the drivers are only in the dev environment; down and clean must work without them
        from local.accounts import cassandra as cql
        from local.accounts import objectstore as store
        from local.accounts import postgres as pg

        admin, key, home = self.settings("admin"), state.secrets, self.home
        return [
            Bring(
                postgres.process(home),
                postgres.START_SECONDS,
                lambda: postgres.start(home, Path(tools.postgres_bin), state),
                lambda: pg.ready(admin),
                lambda: pg.create(admin, key["postgres_etl"]),
            ),
            Bring(
                cassandra.process(home),
                cassandra.START_SECONDS,
                lambda: cassandra.start(home, Path(tools.java_home), Path(tools.cassandra_jars), state),
                lambda: cql.ready(admin),
                lambda: cql.create(admin, key["cassandra_etl"]),
            ),
            Bring(
                STORES[state.store].process(home),
                STORES[state.store].START_SECONDS,
                lambda: STORES[state.store].start(home, stores.program(state.store), state),
                lambda: store.ready(admin),
                lambda: store.create(admin, self.user, key["store_etl"], key["store_loader"]),
            ),
        ]

    def _ports(self) -> states.State:
        """Return the state with the store that is wanted, and a free port for each server that is not running."""
        state = states.load(self.home)
        state.store = stores.chosen(self.home)
        wanted = [postgres, cassandra, STORES[state.store]]
        resting = [server for server in wanted if server.process(self.home).pid() is None]
        state.ports |= ports.choose([name for s in resting for name in s.PORT_NAMES], state.ports)
        states.save(self.home, state)
        return state

    def _end_other_stores(self, state: states.State) -> None:
        """End the store that the stack had before; its data stay."""
        for name, store in STORES.items():
            if name != state.store and store.process(self.home).pid():
                _take_down(store.process(self.home))

    def _claim(self) -> None:
        """Refuse a folder that holds something else: `clean` removes the whole folder."""
        if self.home.exists() and any(self.home.iterdir()) and not self._is_ours():
            raise LocalError(f"{self.home} is neither empty nor a stack's; name another by DAYBOOK_LOCAL")
        self.home.mkdir(parents=True, exist_ok=True)

    def _is_ours(self) -> bool:
        return self.home == places.CHECKOUT_STATE or (self.home / "state.json").exists()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Let one command at a time change the stack."""
        with (self.home / "stack.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _bring_up(server: Bring) -> None:
    """Bring one server up; a running one is only checked, its missing accounts made."""
    running = server.process.pid() is not None
    with step(f"{server.process.name} {'was already up' if running else 'is up'}"):
        if not running:
            server.start()
        server.process.wait_until(server.ready, server.seconds)
        try:
            server.create()
        except Exception as problem:  # any driver's error: which server, and where to look
            raise server.process.failure(f"refused its accounts or tables ({problem})") from problem


def _take_down(process: Process) -> None:
    if process.pid() is None:
        say(f"  {process.name} was not running")
        return
    with step(f"{process.name} has ended"):
        process.stop()
