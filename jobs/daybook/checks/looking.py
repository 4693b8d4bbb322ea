"""Looking at many things beside one another: none costs more than a few seconds, whatever hangs."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from daybook.errors import DaybookError, RetryableError, StrangeError, told

SECONDS = 3.0


class Check(NamedTuple):
    """What is looked at, by its name, and the look: it says what it has found, or raises what is wrong."""

    name: str
    look: Callable[[], str]


@dataclass(frozen=True)
class Finding:
    """What a look has found: its words, and what is wrong, if anything is."""

    name: str
    words: str
    wrong: DaybookError | None = None

    @property
    def exit_code(self) -> int:
        """0 if all is right, 1 if it may pass, 2 if somebody has to correct something."""
        return 0 if self.wrong is None else min(self.wrong.exit_code, 2)

    def __str__(self) -> str:
        """The line that a person reads."""
        if self.wrong is None:
            return f"✓ {self.name}: {self.words}"
        return f"✕ {self.name}: {self.words} -- next: {self.wrong.then}"


def looked(checks: Sequence[Check], seconds: float = SECONDS) -> Iterator[Finding]:
    """The findings of all checks, in their order; one without an answer in time is left behind and told so."""
    found: dict[str, Finding] = {}
    threads = [threading.Thread(target=_look, args=(check, found), daemon=True) for check in checks]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    for check, thread in zip(checks, threads, strict=True):
        thread.join(max(0.0, deadline - time.monotonic()))
        yield found.get(check.name) or _without_answer(check, seconds)


def _look(check: Check, found: dict[str, Finding]) -> None:
    try:
        found[check.name] = Finding(check.name, check.look())
    except DaybookError as error:
        found[check.name] = Finding(check.name, str(error), error)
    except Exception as error:  # noqa: BLE001 -- a look that fails is a finding, and the others go on
        strange = StrangeError(f"the look itself failed ({told(error)})", then="see the server and the network")
        found[check.name] = Finding(check.name, str(strange), strange)


def _without_answer(check: Check, seconds: float) -> Finding:
    late = RetryableError(f"no answer in {seconds:.0f} s", then="see that the server is up, and what is between")
    return Finding(check.name, str(late), late)
