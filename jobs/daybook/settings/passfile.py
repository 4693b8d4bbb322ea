r"""PGPASSFILE, as libpq reads it: `host:port:database:user:password`, `*` for any, `\` before a colon or itself.

Both of PostgreSQL's clients are told the password that stands there: each would read the file in a way of its own.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from daybook.errors import UsageError
from daybook.settings.environment import check_private, file

_FIELD = re.compile(r"((?:\\.|[^:\\]|\\$)*)(:|$)")


def password(env: Mapping[str, str], host: str, port: int, database: str, user: str) -> str | None:
    """The password of the first line that fits; None if no file is named.

    Raises:
        UsageError: there is PGPASSWORD, too; or others may read the file, which libpq then ignores; or no line fits.
    """
    named = file(env, "PGPASSFILE")
    if not named:
        return None
    if env.get("PGPASSWORD"):
        line = "settings PGPASSWORD and PGPASSFILE are both there"
        raise UsageError(line, then="unset one of the two: PGPASSWORD (or PGPASSWORD_FILE)")
    check_private("PGPASSFILE", named)
    for line in _lines(Path(named)):
        *sought, found = _fields(line)
        wanted = (host, str(port), database, user)
        if all(each in ("*", want) for each, want in zip(sought, wanted, strict=True)):
            return found
    raise UsageError(
        "setting PGPASSFILE: no line of the file fits PGHOST, PGPORT, PGDATABASE and PGUSER",
        then="add a line host:port:database:user:password, or correct these settings",
    )


def _lines(path: Path) -> list[str]:
    """The lines with five fields that are no comment."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        why = type(error).__name__
        raise UsageError(
            f"setting PGPASSFILE: the file cannot be read ({why})", then="let this account read it"
        ) from None
    return [line for line in lines if not line.startswith("#") and len(_fields(line)) == 5]


def _fields(line: str) -> list[str]:
    """The fields, without the backslashes that guard a colon or a backslash; five at most."""
    fields: list[str] = []
    at = 0
    while len(fields) < 5 and (found := _FIELD.match(line, at)):
        fields.append(re.sub(r"\\(.)", r"\1", found[1]))
        at = found.end()
        if not found[2]:
            break
    return fields
