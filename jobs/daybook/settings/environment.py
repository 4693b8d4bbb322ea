"""One setting as the environment gives it, judged by its form."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from daybook.errors import UsageError
from daybook.log import FORMATS

# An account or a password beside an address, or in a URL or DSN.
_ACCOUNT = re.compile(
    r"://[^/\s]*@|[^\s/:@]+:[^\s/@]*@|(?:^|[\s?&;])(?:password|passwd|pwd|secret|token)\s*=", re.IGNORECASE
)
_OURS = ("PG", "CASSANDRA_", "AWS_", "DAYBOOK_", "DUCKDB_")
_SECRETS = ("PASSWORD", "SECRET", "TOKEN")
# Beside these stand secrets, and whoever confuses two settings would have one printed.
_BESIDE_SECRETS = ("PG", "CASSANDRA_", "AWS_")


def refuse_accounts(env: Mapping[str, str] = os.environ) -> None:
    """See that no setting that may be printed has an account or a password in it: settings of their own hold those.

    Raises:
        UsageError: one has; its value is not shown.
    """
    for name, value in sorted(env.items()):
        if name.startswith(_OURS) and not any(word in name for word in _SECRETS) and _ACCOUNT.search(value):
            line = f"setting {name} holds an account or a password beside an address; its value is not shown"
            raise UsageError(line, then="take it out: accounts and passwords have settings of their own (README)")


def told(name: str, value: str) -> str:
    """A setting with its value, or by its name alone where the value may be a secret that belongs to another."""
    return f"setting {name}" if name.startswith(_BESIDE_SECRETS) else f"setting {name}={value!r}"


def text(env: Mapping[str, str], name: str, default: str | None = None) -> str:
    """The setting `name`; without a default it must be there.

    Raises:
        UsageError: it is missing or empty.
    """
    value = env.get(name) or default
    if value is None:
        raise UsageError(f"setting {name} is missing", then=f"export {name}=… (local stack: `. .local/env`)")
    return value


def whole(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """The whole number `name`, between `low` and `high`.

    Raises:
        UsageError: it is no such number.
    """
    value = text(env, name, str(default))
    if not re.fullmatch(r"[0-9]{1,15}", value) or not low <= int(value) <= high:
        raise UsageError(f"{told(name, value)} is not a whole number from {low} to {high}")
    return int(value)


def one_of(env: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    """The setting `name`, one of the words `allowed`.

    Raises:
        UsageError: it is another word.
    """
    value = text(env, name, default)
    if value not in allowed:
        raise UsageError(f"{told(name, value)} is none of {', '.join(allowed)}")
    return value


def log_form(env: Mapping[str, str] = os.environ) -> str:
    """How the log is written: as text, or as JSON.

    Raises:
        UsageError: it is neither.
    """
    return one_of(env, "DAYBOOK_LOG", "text", FORMATS)


def metrics_file(env: Mapping[str, str] = os.environ) -> Path | None:
    """The file for Prometheus, if there shall be one.

    Raises:
        UsageError: its folder does not exist.
    """
    value = env.get("DAYBOOK_METRICS_FILE") or None
    if value and not Path(value).absolute().parent.is_dir():
        raise UsageError(f"setting DAYBOOK_METRICS_FILE={value!r}: its folder does not exist")
    return Path(value).absolute() if value else None


def file(env: Mapping[str, str], name: str) -> str | None:
    """The path `name`, if set.

    Raises:
        UsageError: nothing is there.
    """
    value = env.get(name) or None
    if value and not Path(value).is_file():
        raise UsageError(f"{told(name, value)} names no file")
    return value
