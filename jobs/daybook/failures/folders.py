"""Whether a folder is to blame for a failure inside Spark: by the class of the exception, and by trying the folders."""

import os
from collections.abc import Sequence
from typing import Any

from daybook.errors import DaybookError
from daybook.failures import words
from daybook.failures.causes import Cause
from daybook.spark import scratch

_NO_ROOM_FOR_A_BLOCK = "org.apache.hadoop.util.DiskChecker$DiskErrorException"  # S3A looks before it writes
# Java's exceptions that a folder may be to blame for.
_BLAMED = (
    "java.io.IOException",
    "java.io.FileNotFoundException",
    "java.nio.file.FileSystemException",
    "java.nio.file.AccessDeniedException",
    "java.nio.file.NoSuchFileException",
    "java.lang.UnsatisfiedLinkError",
    "java.lang.NoClassDefFoundError",
    "java.lang.ExceptionInInitializerError",
    _NO_ROOM_FOR_A_BLOCK,
)


def explained(found: Sequence[Cause]) -> DaybookError | None:
    """What is wrong with a folder, if that is why Java failed; `found` are the causes, outermost first.

    Java gives no code: the folders are tried again. What a failed task wrote is gone by then, and room is back.
    """
    classes = {cause.classes[0] for cause in found}
    if classes.isdisjoint(_BLAMED):
        return None
    from pyspark import SparkContext  # the loader has none

    jvm: Any = SparkContext._jvm
    if problem := scratch.problem(jvm):
        return problem
    uses = scratch.uses(jvm)
    if _NO_ROOM_FOR_A_BLOCK in classes:
        uses = [use for use in uses if use.setting == scratch.BUFFER] or uses
    elif not any(words.NO_ROOM in cause.message for cause in found):
        return None
    if not jvm.org.apache.spark.SparkConf().get("spark.master", "local").startswith("local"):
        return uses[0].full("of an executor")
    folders = [(use, path) for use in uses for path in use.paths if os.path.isdir(path)]
    use, path = min(folders, key=lambda each: _room(each[1]))
    return use.full(path)


def _room(path: str) -> int:
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize
