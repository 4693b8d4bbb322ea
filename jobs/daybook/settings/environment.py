"""One setting as the environment gives it, judged by its form."""

import os
import re
import stat
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from daybook.contracts.setting import Setting
from daybook.errors import UsageError
from daybook.settings.declared import DECLARED

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


def shown(name: str, value: str) -> str:
    """The value of a declared setting as a person may see it: no secret, and nothing that has an account in it."""
    return "********" if DECLARED[name].secret or _ACCOUNT.search(value) else value


def told(name: str, value: str) -> str:
    """A setting with its value, or by its name alone where the value may be a secret that belongs to another."""
    return f"setting {name}" if name.startswith(_BESIDE_SECRETS) else f"setting {name}={value!r}"


def optional(env: Mapping[str, str], name: str) -> str | None:
    """The setting `name` as text, else its default; None if it has neither. Empty means unset.

    Raises:
        UsageError: it has not the form that is declared.
    """
    setting = DECLARED[name]
    text = env.get(name) or setting.default
    if text is not None and not _fits(setting, text):
        wrong = "is none of" if setting.kind == "choice" else "is not"
        raise UsageError(f"{told(name, text)} {wrong} {setting.form}")
    return text


def text(env: Mapping[str, str], name: str) -> str:
    """The setting `name` as text; without a default it must be there.

    Raises:
        UsageError: it is missing or empty, or has not the form that is declared.
    """
    found = optional(env, name)
    if found is None:
        raise UsageError(f"setting {name} is missing", then=f"export {name}=… (local stack: `. .local/env`)")
    return found


def whole(env: Mapping[str, str], name: str) -> int:
    """The whole number `name`.

    Raises:
        UsageError: it is no such number as is declared.
    """
    return int(text(env, name))


def value(env: Mapping[str, str], name: str) -> object:
    """The setting `name` as what it says, by its kind; None if it has no value.

    Raises:
        UsageError: it has not the form that is declared.
    """
    return DECLARED[name].value(optional(env, name))


def _fits(setting: Setting, text: str) -> bool:
    """Whether a text has the form that is declared; where a path leads, and what words are, others judge."""
    if setting.kind in ("whole", "hours"):
        return bool(re.fullmatch(r"[0-9]{1,15}", text)) and setting.low <= int(text) <= setting.high
    if setting.choices:
        return text in setting.choices
    if setting.pattern:
        return bool(re.fullmatch(setting.pattern, text))
    try:
        setting.value(text)
    except ValueError:
        return False
    return True


def without_empty(env: MutableMapping[str, str]) -> None:
    """Take away what is set and empty, as compose files and Kubernetes set it: empty means unset.

    For those of AWS's tools and libpq, which read the environment themselves and look for a profile named "".
    """
    empty = [name for name, found in env.items() if not found and (name.startswith(_OURS) or name in DECLARED)]
    for name in empty:
        del env[name]


def path(env: Mapping[str, str], name: str) -> Path | None:
    """The path `name`, if set; `~` is a home, as a shell reads it: in a file of settings, no shell has read it.

    Raises:
        UsageError: it begins with the home of nobody.
    """
    found = optional(env, name)
    try:
        return Path(found).expanduser() if found else None
    except RuntimeError:
        raise UsageError(f"setting {name}={found!r}: there is no such home") from None


def check_private(name: str, path: str, *, roots_group: bool = False) -> None:
    """See that nobody else may read the file that a setting names; of root's own file its group may, if asked.

    Raises:
        UsageError: others may, and libpq then takes nothing from it.
    """
    found = os.stat(path)
    others = stat.S_IRWXO | stat.S_IWGRP | stat.S_IXGRP
    if not (roots_group and found.st_uid == 0):
        others |= stat.S_IRGRP
    if found.st_mode & others:
        raise UsageError(f"setting {name}: others may read the file", then=f'chmod 600 "${name}"')


def file(env: Mapping[str, str], name: str) -> str | None:
    """The path `name`, if set.

    Raises:
        UsageError: nothing is there.
    """
    found = path(env, name)
    if found and not found.is_file():
        raise UsageError(f"{told(name, str(found))} names no file")
    return str(found) if found else None
