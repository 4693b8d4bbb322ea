"""One setting as the environment gives it, judged by its form."""

import os
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from daybook.errors import UsageError
from daybook.log import FORMATS

# How the names of all settings begin.
_OURS = ("AWS_", "CASSANDRA_", "DAYBOOK_", "DUCKDB_", "PG")
# An account or a password beside an address, or in a URL or DSN.
_ACCOUNT = re.compile(
    r"://[^/\s]*@|[^\s/:@]+:[^\s/@]*@|(?:^|[\s?&;])(?:password|passwd|pwd|secret|token)\s*=", re.IGNORECASE
)
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


def without_empty(env: MutableMapping[str, str]) -> None:
    """Take away what is set and empty, as compose files and Kubernetes set it: empty means unset.

    For those of AWS's tools and libpq, which read the environment themselves and look for a profile named "".
    """
    for name in [name for name, value in env.items() if not value and name.startswith(_OURS)]:
        del env[name]


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
    value = path(env, "DAYBOOK_METRICS_FILE")
    if value and not value.absolute().parent.is_dir():
        raise UsageError(f"setting DAYBOOK_METRICS_FILE={str(value)!r}: its folder does not exist")
    return value.absolute() if value else None


def event_log(env: Mapping[str, str]) -> str | None:
    """Where Spark's event log is kept, if it is: a folder, or the address of one.

    Raises:
        UsageError: it lies in the home of nobody.
    """
    value = env.get("DAYBOOK_EVENT_LOG")
    return str(path(env, "DAYBOOK_EVENT_LOG")) if value and "://" not in value else value or None


def path(env: Mapping[str, str], name: str) -> Path | None:
    """The path `name`, if set; `~` is a home, as a shell reads it: in a file of settings, no shell has read it.

    Raises:
        UsageError: it begins with the home of nobody.
    """
    value = env.get(name)
    try:
        return Path(value).expanduser() if value else None
    except RuntimeError:
        raise UsageError(f"setting {name}={value!r}: there is no such home") from None


def file(env: Mapping[str, str], name: str) -> str | None:
    """The path `name`, if set.

    Raises:
        UsageError: nothing is there.
    """
    value = path(env, name)
    if value and not value.is_file():
        raise UsageError(f"{told(name, str(value))} names no file")
    return str(value) if value else None
