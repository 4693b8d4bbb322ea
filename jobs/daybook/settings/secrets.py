"""Secrets that a file holds, as Docker and Kubernetes mount them: `<NAME>_FILE` beside every secret `<NAME>`."""

from collections.abc import Iterator, MutableMapping

from daybook.errors import UsageError
from daybook.settings.declared import DECLARED
from daybook.settings.environment import file

SUFFIX = "_FILE"


def take_from_files(env: MutableMapping[str, str]) -> None:
    """Put each secret that a file holds into the environment, without the line break at its end.

    Raises:
        UsageError: a secret is given twice, or its file is not there, or cannot be read, or holds no single line.
    """
    if env.get(f"AWS_SESSION_TOKEN{SUFFIX}") and env.get("AWS_SECRET_ACCESS_KEY"):
        # Java's client would find the two in its environment, and no token.
        line = f"setting AWS_SESSION_TOKEN{SUFFIX} belongs to a key that is not in a file"
        raise UsageError(line, then=f"give the key by AWS_SECRET_ACCESS_KEY{SUFFIX}, or the token by AWS_SESSION_TOKEN")
    for name in _secrets():
        path = file(env, name + SUFFIX)
        if not path:
            continue
        if env.get(name):
            raise UsageError(f"settings {name} and {name}{SUFFIX} are both there", then=f"unset one of the two: {name}")
        env[name] = _held(name, path)


def _secrets() -> Iterator[str]:
    return (setting.name for setting in DECLARED.values() if setting.secret and setting.name + SUFFIX in DECLARED)


def _held(name: str, path: str) -> str:
    """What the file holds; an error says nothing of it."""
    then = f"write the secret alone into the file that {name}{SUFFIX} names, readable for this account"
    try:
        with open(path, encoding="utf-8", newline="") as found:
            held = found.read().removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise UsageError(f"setting {name}{SUFFIX}: the file cannot be read ({error.strerror})", then=then) from None
    except UnicodeDecodeError:
        raise UsageError(f"setting {name}{SUFFIX}: the file is no text in UTF-8", then=then) from None
    if not held or set(held) & set("\r\n\0"):
        what = "several lines" if held else "nothing"
        raise UsageError(f"setting {name}{SUFFIX}: the file holds {what}", then=then)
    return held
