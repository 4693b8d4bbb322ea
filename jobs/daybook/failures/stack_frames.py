"""Where a failure that nobody foresaw arose: classes and frames, in Python and in Java, without any message.

A message may quote a value, of a row or of a setting: whoever looks for a fault of ours is helped by the place.
"""

import traceback
from collections.abc import Iterator

from daybook.failures import causes

_DEEPEST = 20


def told(error: Exception) -> str:
    """The chain of exceptions, the outermost first, each with its frames."""
    return "\n".join([*_python(error), *_java(error)])


def _python(error: BaseException | None) -> Iterator[str]:
    for _ in range(_DEEPEST):
        if error is None:
            return
        yield type(error).__qualname__
        yield from (line.rstrip("\n") for line in traceback.format_tb(error.__traceback__))
        error = error.__cause__ or error.__context__


def _java(error: Exception) -> Iterator[str]:
    for cause in causes.of(error):
        yield cause.name
        yield from (f"  at {frame.toString()}" for frame in list(cause.java.getStackTrace())[:_DEEPEST])
