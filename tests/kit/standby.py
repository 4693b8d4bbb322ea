"""A streaming standby of the stack's PostgreSQL, on loopback: a second server that replays what the first commits."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from local.accounts import postgres as accounts
from local.servers import ports, postgres
from local.servers.process import Process
from tests.kit.harness import Daybook, until
from toolchain import setup
from toolchain.report import run_logged

_NAME = "standby"


@dataclass(frozen=True)
class Standby:
    """The two servers; `settings` make a job read the standby."""

    settings: dict[str, str]
    primary: Any
    replica: Any

    def ask(self, query: str) -> Any:
        """What the standby answers."""
        self.replica.execute(query)
        return self.replica.fetchone()[0]

    def pause(self) -> datetime:
        """Let it stop replaying, and say which commit it has replayed last."""
        self.replica.execute("SELECT pg_wal_replay_pause()")
        until(lambda: self.ask("SELECT pg_get_wal_replay_pause_state()") == "paused", "replay is paused")
        return self.replayed_until

    def resume(self) -> None:
        """Let it replay again, and wait until it has all that the primary has committed."""
        self.replica.execute("SELECT pg_wal_replay_resume()")
        self.catch_up()

    def catch_up(self) -> None:
        """Wait until it has all that the primary has committed."""
        self.primary.execute("SELECT pg_current_wal_insert_lsn()::text")
        [lsn] = self.primary.fetchone()
        until(lambda: self.ask(f"SELECT pg_last_wal_replay_lsn() >= '{lsn}'"), "the standby has caught up")

    @property
    def replayed_until(self) -> datetime:
        """The time of the last commit that it has replayed."""
        at: datetime = self.ask("SELECT pg_last_xact_replay_timestamp()")
        return at


@contextmanager
def standby(daybook: Daybook, **options: str) -> Iterator[Standby]:
    """A standby with these settings of its own, until the block ends. Its primary commits what the test commits."""
    process = Process(_NAME, daybook.stack.home, stop_signal=signal.SIGINT)
    port = ports.choose([_NAME], {})[_NAME]
    there = daybook.stack.settings("admin") | {"PGPORT": str(port)}
    with closing(daybook.postgres("admin")) as primary, primary.cursor() as on_primary:
        primary.autocommit = True
        data = _folder(daybook)
        try:
            _idle(on_primary, "SET autovacuum = off")
            _start(daybook, process, data, port, options)
            process.wait_until(lambda: accounts.ready(there), postgres.START_SECONDS)
            with closing(accounts.connect(there)) as replica, replica.cursor() as on_replica:
                replica.autocommit = True
                yield Standby({"PGPORT": str(port)}, on_primary, on_replica)
        finally:
            process.stop()
            shutil.rmtree(data)
            _idle(on_primary, "RESET autovacuum")


def _idle(primary: Any, change: str) -> None:
    """Autovacuum commits now and then."""
    primary.execute(f"ALTER SYSTEM {change}")
    primary.execute("SELECT pg_reload_conf()")


def _folder(daybook: Daybook) -> Path:
    """Where its cluster will be: a folder of the server's user, beside the primary's."""
    data = postgres.folder(daybook.stack.home) / _NAME
    data.mkdir(mode=0o700)
    if user := postgres.identity().get("user"):
        shutil.chown(data, user)
    return data


def _start(daybook: Daybook, process: Process, data: Path, port: int, options: dict[str, str]) -> None:
    programs = postgres._runnable(Path(setup.load().postgres_bin), data.parent)
    admin = daybook.stack.settings("admin")
    source = ["-h", admin["PGHOST"], "-p", admin["PGPORT"], "-U", admin["PGUSER"]]
    copy = [str(programs / "pg_basebackup"), "-D", str(data), *source, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
    log, password = process.log.with_name("pg_basebackup.log"), {"PGPASSWORD": admin["PGPASSWORD"]}
    run_logged("copying PostgreSQL's cluster", copy, log, env=password, identity=postgres.identity())
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.writelines(f"{name} = '{value}'\n" for name, value in options.items())
    command = [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
    for option in (f"listen_addresses={ports.HOST}", "unix_socket_directories=", *postgres.OPTIONS):
        command += ["-c", option]
    process.start(command, {"TZ": "UTC"}, postgres.identity())
