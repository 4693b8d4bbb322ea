"""A job that must fail: what is run, and the last line it must end with, word for word."""

from dataclasses import dataclass

from tests.kit import errors as kit
from tests.kit.harness import Daybook, Ended

CANARY = "canary-7f3a"


@dataclass(frozen=True)
class Case:
    """What is run, with which settings changed, and the exit code, the message and the next step it must end with."""

    job: str
    changes: dict[str, str]
    code: int
    message: str
    then: str

    def __str__(self) -> str:
        settings = " ".join(f"{name}={value}" for name, value in self.changes.items())
        return f"{self.job} {settings}"


def check(daybook: Daybook, ended: Ended, case: Case, words: dict[str, str]) -> None:
    """The last line, word for word; no traceback, no secret."""
    expected = f"failed (exit {case.code}): {case.message} -- next: {case.then}".format(**words)
    assert (ended.code, ended.last_line) == (case.code, expected), ended.output
    assert "Traceback" not in ended.output, ended.output
    if case.message.startswith(("setting", "exchange rates")):
        assert "Spark UI" not in ended.output, "it was told only after Spark had started"
    kept = {v for a in ("etl", "loader", "admin") for n, v in daybook.stack.settings(a).items() if kit.is_secret(n)}
    # The key that was made up may only be named as an account, never as a secret.
    assert [secret for secret in {*kept, CANARY} if secret in ended.output] == []
