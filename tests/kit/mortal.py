"""A job that does what it is told until something ends it; submitted by `test_jvm_dies.py`.

Once Spark is up it prints which processes it and its JVM are.
"""

import contextlib
import os
import sys
import time

from daybook.errors import DataError
from daybook.log import log
from daybook.process.runtime import run
from daybook.spark.session import session

TOO_MUCH = "max(repeat('x', 1500000000 + CAST(id AS INT)))"


def main() -> None:
    word = sys.argv[1]
    with session("mortal", "tests") as opened:
        spark = opened()
        log.info("python %d of jvm %d", os.getpid(), os.getppid())
        if word == "fail":
            raise DataError("told to")
        if word == "allocate":
            # The task's failure may be known here before the JVM ends: this job must not be the first to tell it.
            with contextlib.suppress(Exception):
                spark.range(1).selectExpr(TOO_MUCH).show()
        if word != "end":
            time.sleep(600)


if __name__ == "__main__":
    sys.exit(run(main))
