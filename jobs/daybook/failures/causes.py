"""The chain of Java's causes behind a failure inside Spark."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from daybook.errors import first_line

_DEEPEST = 20
# A driver of Cassandra's that has tried several nodes keeps what each of them said beside the chain.
_TRIED_SEVERAL = "com.datastax.oss.driver.api.core.AllNodesFailedException"
# The class; the server's severity; what only the client's developers can use.
_NOISE = re.compile(r"^([\w$]+\.)+[\w$]+: |^(FATAL|ERROR): +| \((showing first|Service: |Connection refused\)).*")


@dataclass(frozen=True)
class Cause:
    """One exception of the chain: itself, its class and what that extends, its message."""

    java: Any
    classes: tuple[str, ...]
    message: str

    def is_a(self, *names: str) -> bool:
        """Whether its class, or one that it extends, begins with one of the names."""
        return any(name.startswith(names) for name in self.classes)

    @property
    def reason(self) -> str:
        """The message's first line without what says nothing to its reader; the class where it has none."""
        line = first_line(self.message) if self.message.strip() else self.name
        while (less := _NOISE.sub("", line)) != line and less:
            line = less
        return line

    @property
    def name(self) -> str:
        """What it is, without a word that may quote a value: Spark's name of the error, or the class."""
        named = re.match(r"\[[A-Z0-9_.]+\]", self.message) if self.classes[0].startswith("org.apache.spark.") else None
        return named[0] if named else self.classes[0].rpartition(".")[2]


def of(error: Exception) -> list[Cause]:
    """All causes, the outermost first; none if it is no failure of Java's."""
    # py4j's own errors keep it under the one name, pyspark's under the other
    java = getattr(error, "java_exception", getattr(error, "_origin", None))
    return [] if java is None else list(_below(java))


def last(causes: Sequence[Cause], *names: str) -> Cause | None:
    """The innermost that is one of the classes."""
    return next((cause for cause in reversed(causes) if cause.is_a(*names)), None)


def _below(java: Any) -> Iterator[Cause]:  # noqa: ANN401 -- py4j has no types
    for _ in range(_DEEPEST):
        if java is None:
            return
        classes = tuple(_classes(java.getClass()))
        yield Cause(java, classes, java.getMessage() or "")
        if _TRIED_SEVERAL in classes:
            for answers in java.getAllErrors().values():
                for answer in answers:
                    yield from _below(answer)
        java = java.getCause()


def _classes(java_class: Any) -> Iterator[str]:  # noqa: ANN401 -- py4j has no types
    while java_class is not None:
        yield java_class.getName()
        java_class = java_class.getSuperclass()
