"""A job for tests: it lists the lake's gold by both clients of the store, boto3 and S3A, in a real session."""

import sys
from datetime import date

from daybook.context import context
from daybook.process import runtime
from daybook.spark.progress import java


def main() -> None:
    """Ask boto3, then S3A."""
    with context("silver", [date(2025, 1, 1)]) as ctx:
        root = ctx.lake.places.gold
        ctx.store.sizes(root)
        path = java(ctx.spark).org.apache.hadoop.fs.Path(f"{root}/")
        path.getFileSystem(ctx.spark.sparkContext._jsc.hadoopConfiguration()).listStatus(path)


if __name__ == "__main__":
    sys.exit(runtime.run(main))
