"""Looking who waits because PostgreSQL's tables are held, and giving everything up for who waits too long."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg2
from psycopg2.extensions import connection as Connection

from daybook.errors import DaybookError, RetryableError
from daybook.failures import causes, postgres
from daybook.settings import Postgres
from daybook.sources import postgres_locks
from daybook.sources.postgres_acquire import WHEN_DONE, waiting_for
from daybook.sources.postgres_sql import PATIENCE_SECONDS

_LOOK_EVERY_SECONDS = 2.0


@dataclass
class Watch:
    """What looks after the session that holds the tables, by that session itself.

    `stop` ends what else of the run may still read; `ended` says why all was given up.
    """

    settings: Postgres
    connection: Connection
    stop: Callable[[], object]
    ended: DaybookError | None = None
    _done: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look who waits as long as the block lasts; when it was ended for that, say so instead."""
        watcher = threading.Thread(target=self._watch, daemon=True)
        watcher.start()
        try:
            yield
        except Exception as error:
            if self.ended is None and _waited_in_vain(error):
                self._give_way(next(iter(waiting_for(self.connection).values()), "another session's lock"))
            if self.ended:
                raise self.ended from None
            raise
        finally:
            self._done.set()
            watcher.join()

    def lost(self) -> DaybookError:
        """Why the session is gone: because everything was given up, or nobody here knows.

        What the client says of it depends on which thread has asked first.
        """
        return self.ended or RetryableError(f"{self.settings.where}: the session that held the tables is gone")

    def _watch(self) -> None:
        since: dict[int, float] = {}
        while not self._done.wait(_LOOK_EVERY_SECONDS):
            try:
                waiting = waiting_for(self.connection)
            except psycopg2.Error:
                self._end(self.lost())
                return
            now = time.monotonic()
            since = {pid: since.get(pid, now) for pid in waiting}
            for pid, begun in since.items():
                if now - begun >= PATIENCE_SECONDS:
                    self._give_way(waiting[pid])
                    return

    def _give_way(self, who: str) -> None:
        self._end(RetryableError(f"{self.settings.where}: gave way to {who}", then=WHEN_DONE))

    def _end(self, reason: DaybookError) -> None:
        """End all sessions of the run at once. The reason is known before the others learn of it."""
        self.ended = self.ended or reason
        with suppress(psycopg2.Error), self.connection.cursor() as cursor:
            cursor.execute(postgres_locks.END_OURS)
        self.connection.close()
        self.stop()


def _waited_in_vain(error: Exception) -> bool:
    """Whether it is a time-out of one of our sessions, which waited for a lock behind somebody."""
    code = error.pgcode if isinstance(error, psycopg2.Error) else postgres.sqlstate(causes.of(error))
    return code == postgres.NO_LOCK
