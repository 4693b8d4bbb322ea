"""A process that stays, a Spark driver mostly: it runs job files one after the other, as told through a socket.

Starting a JVM takes longer than most jobs of a test, and only drivers that are up already can begin at the same
moment. Each order has a `number` and names the job's `file`, `arguments` and changes to the `environment`; each answer
bears that number, the `code` and all that was printed. Started by `Daybook.driver` and `Daybook.loader`.
"""

import contextlib
import ctypes
import io
import os
import runpy
import signal
import sys
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Run a job file as `spark-submit` would: as the main module, its folder first on the path."""
    path, before, printed = Path(order["file"]), dict(os.environ), io.StringIO()
    sys.argv = [path.name, *order["arguments"]]
    os.environ.update(order["environment"])
    code: object = 0
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            runpy.run_path(str(path), run_name="__main__")
    except SystemExit as end:
        code = end.code
    finally:
        os.environ.clear()
        os.environ.update(before)
        close_file_systems()
    return {"number": order["number"], "code": code, "output": printed.getvalue()}


def close_file_systems() -> None:
    """Let the next job open the store anew: what stays open in the JVM bears the name of the run that opened it."""
    pyspark = sys.modules.get("pyspark")  # a loader's process has none
    if pyspark and pyspark.SparkContext._jvm:
        pyspark.SparkContext._jvm.org.apache.hadoop.fs.FileSystem.closeAll()


def join_jvm() -> None:
    """Join Spark's JVM once for all jobs, so that none of them forks a watcher.

    A fork clears the threads of its copy, whose connections to the JVM are shut down by that, the threads' own, too.
    """
    from pyspark import SparkContext

    # As the jobs do, but of no release's code: a driver may be that of an earlier one.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    SparkContext._ensure_initialized()
    del os.environ["PYSPARK_GATEWAY_PORT"]


def serve(address: str) -> None:
    """Answer orders until the other side hangs up."""
    with Client(address) as caller, contextlib.suppress(EOFError):
        while True:
            caller.send(run(caller.recv()))


if __name__ == "__main__":
    jobs, socket = sys.argv[1:]
    sys.path.insert(0, jobs)
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        join_jvm()
    serve(socket)
