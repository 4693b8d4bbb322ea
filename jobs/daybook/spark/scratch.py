"""The folders that Java, Spark and S3A write into on their way: tried before a session opens.

One that cannot be used ends Spark with a code of its own, or a task deep inside with an error that names no folder.
"""

import errno
import mmap
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from daybook.errors import DaybookError, RetryableError, UsageError

_A_TRY = bytes(1_000_000)  # Java unpacks libraries of that size
FULL = (errno.ENOSPC, errno.EDQUOT)
BUFFER = "spark.hadoop.fs.s3a.buffer.dir"


@dataclass(frozen=True)
class Use:
    """Folders for one purpose, of which one has to do, and the setting that names others."""

    paths: Sequence[str]
    setting: str
    runs_code: bool = False

    def problem(self) -> DaybookError | None:
        """What is wrong with the first of them, if none can be used."""
        found = [self._problem(path) for path in self.paths]
        return found[0] if found and all(found) else None

    def full(self, path: str) -> DaybookError:
        """That a folder has no room: some may be made, or be there again by itself."""
        then = f"make room in it, or set {self.setting} to another folder, then run the same command again"
        return RetryableError(f"folder {path}: {os.strerror(errno.ENOSPC)}", then=then)

    def _problem(self, path: str) -> DaybookError | None:
        try:
            os.makedirs(path, exist_ok=True)
            try_out(path, runs_code=self.runs_code)
        except OSError as error:
            if error.errno in FULL:
                return self.full(path)
            then = f"mend it, or set {self.setting} to another folder, then run the same command again"
            return UsageError(f"folder {path}: {error.strerror}", then=then)
        return None


def try_out(path: str, *, runs_code: bool = False) -> None:
    """Write something into a folder that leaves no trace, and load it as code where that is asked.

    Raises:
        OSError: what a file would meet there.
    """
    with tempfile.TemporaryFile(dir=path) as file:
        file.write(_A_TRY)
        file.flush()
        if runs_code:
            _load(file)


def check(jvm: Any) -> None:  # noqa: ANN401 -- py4j has no types
    """Try the folders that a session in this JVM will use.

    Raises:
        UsageError: one is not there and cannot be made, not to be written to, or mounted noexec.
        RetryableError: one has no room left.
    """
    if found := problem(jvm):
        raise found


def problem(jvm: Any) -> DaybookError | None:  # noqa: ANN401 -- py4j has no types
    """What is wrong with the first of those folders that cannot be used."""
    return next(filter(None, (use.problem() for use in uses(jvm))), None)


def uses(jvm: Any) -> list[Use]:  # noqa: ANN401 -- py4j has no types
    """Who of this JVM writes where."""
    conf = jvm.org.apache.spark.SparkConf()
    hadoop = jvm.org.apache.spark.deploy.SparkHadoopUtil.get().newConfiguration(conf)
    java = jvm.java.lang.System.getProperty("java.io.tmpdir")
    spark = list(jvm.org.apache.spark.util.Utils.getConfiguredLocalDirs(conf))
    s3a = list(hadoop.getTrimmedStrings("fs.s3a.buffer.dir"))
    on_disk = hadoop.get("fs.s3a.fast.upload.buffer") == "disk"
    return [
        Use(spark, "SPARK_LOCAL_DIRS"),  # most is written here: the first to be named where several share a disk
        Use([java], "-Djava.io.tmpdir (in SPARK_SUBMIT_OPTS)", runs_code=True),
        *([Use(s3a, BUFFER)] if on_disk else []),
    ]


def _load(file: IO[bytes]) -> None:
    """Do as Java does with its libraries (zstd, netty), which it unpacks and loads."""
    try:
        mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_EXEC).close()
    except PermissionError as error:
        raise PermissionError(error.errno, "mounted noexec, and Java loads libraries from it") from error
