"""Views that fail over a row of canaries, and where a canary may be seen: `test_canaries.py` looks for them everywhere.

An e-mail, a telephone number, a text and an amount that nobody else has; no figure of a run has such digits.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import event_log
from local.accounts import postgres
from tests.kit.errors import is_secret
from tests.kit.harness import Daybook, Ended

EMAIL, PHONE, TEXT, AMOUNT = (
    "canary.ann@example.org",
    "+49 30 9753197531",
    "canary sings at night",
    "97531975319753197531",
)
_ROW = f"(VALUES ('{EMAIL}', '{PHONE}', '{TEXT}', '{AMOUNT}')) AS person (email, phone, words, amount)"
_SEEN = re.compile("canary|9753197531")

# In each schema `users` is a view over the one row; `created_at` is made by the first expression, `email`, whose length
# the server counts before any row is read, by the second, and `out` is a function with this body.
VIEWS: Mapping[str, tuple[str, str, str | None]] = {
    "a text that is no time": ("email::timestamptz", "email", None),
    "a text that is no number": ("now()", "(phone::int)::text", None),
    "a number that is too large": ("now()", "(amount::int)::text", None),
    "a text that is no json": ("now()", "(words::json)::text", None),
    "a function that raises": ("now()", "{0}.out(email)", "RAISE EXCEPTION 'no: %', told"),
    "a function that raises in Spark's session": ("{0}.out(email)::timestamptz", "email", "RAISE 'no: %', told"),
    "raised as a time-out": ("now()", "{0}.out(phone)", "RAISE 'no: %', told USING ERRCODE = '57014'"),
    "raised as a lost line": ("{0}.out(email)::timestamptz", "email", "RAISE 'no: %', told USING ERRCODE = '08006'"),
    "raised as a key": ("now()", "{0}.out(email)", "RAISE 'no' USING ERRCODE = '23505', DETAIL = told, HINT = told"),
    "raised by a code of its own": ("now()", "{0}.out(email)", "RAISE 'no: %', told USING ERRCODE = 'ANN42'"),
    "a query made of a value": ("now()", "{0}.out(words)", "EXECUTE 'SELECT ' || told"),
}


def schema(way: str) -> str:
    """The schema in which PostgreSQL fails that way."""
    return f"canaries_{[*VIEWS].index(way)}"


@contextmanager
def views(daybook: Daybook) -> Iterator[None]:
    """All of those schemas, until the block ends."""
    with closing(daybook.postgres("admin")) as server, server.cursor() as run:
        server.autocommit = True
        try:
            for way, (created_at, email, body) in VIEWS.items():
                name = schema(way)
                run.execute(f"CREATE SCHEMA {name}; GRANT USAGE ON SCHEMA {name} TO {postgres.ETL}")
                if body:
                    head = f"CREATE FUNCTION {name}.out(told text) RETURNS text STABLE LANGUAGE plpgsql"
                    run.execute(f"{head} AS $$BEGIN {body}; RETURN told; END$$")
                for table in postgres.READABLE:
                    of = f"public.{table} LIMIT 1"
                    columns = ", ".join(postgres.READABLE[table])
                    if table == "users":
                        of = _ROW
                        columns = (
                            f"gen_random_uuid() AS id, words AS first_name, phone AS last_name, {email} AS email, "
                        )
                        columns += f"{created_at} AS created_at, now() AS updated_at"
                    run.execute(f"CREATE VIEW {name}.{table} AS SELECT {columns.format(name)} FROM {of}")
                run.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO {postgres.ETL}")
            yield
        finally:
            for way in VIEWS:
                run.execute(f"DROP SCHEMA IF EXISTS {schema(way)} CASCADE")


@dataclass(frozen=True)
class Left:
    """What people read of a run: all it printed, event logs, every object of JSON in its lake, and the days' pages."""

    ended: Ended
    texts: Mapping[str, str] = field(default_factory=dict)

    def told(self, secrets: set[str]) -> list[str]:
        """Where a canary or a secret is."""
        every = {"output": self.ended.output, **self.texts}
        return [place for place, text in every.items() if _SEEN.search(text) or any(s in text for s in secrets)]


def left(daybook: Daybook, ended: Ended, lake: Mapping[str, str], events: Path) -> Left:
    """Read it."""
    logs = {log.name: "\n".join(event_log.lines(log)) for log in events.iterdir() if log.name.endswith(".zstd")}
    unread = [log.name for log in events.iterdir() if log.name not in logs]
    assert unread == [], "an event log that did not end"
    names = {name for layer in ("BRONZE", "SILVER", "GOLD") for name in daybook.stored(lake[f"DAYBOOK_{layer}"])}
    objects = {name: daybook.store.get(name) for name in names if name.endswith(".json")}
    told = {name: found.body.decode() for name, found in objects.items() if found}
    beside = (Path(lake["DUCKDB_PATH"]).parent / "daybook").rglob("*.*")  # pages, and records of runs without a lake
    return Left(ended, logs | told | {str(path): path.read_text() for path in beside if path.is_file()})


def secrets(env: Mapping[str, str]) -> set[str]:
    """The secrets of an environment."""
    return {value for name, value in env.items() if value and is_secret(name)}
