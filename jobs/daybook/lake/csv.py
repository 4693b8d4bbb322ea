"""The CSV dialect of bronze: one constant for writer and reader, chosen so that every text survives.

NULL is an empty unquoted field and the empty string is `""`, as in PostgreSQL's COPY. Spark reads both as
NULL unless told otherwise, hence the marker: it stands for "quoted and empty" between reader and restore.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

_EMPTY = "\u0002daybook:empty:5f0c3f6e-7a55-4f7e-9f5e-0d8b8d5a6c11\u0003"

_DIALECT = {
    "header": "true",
    "sep": ",",
    "quote": '"',
    "escape": '"',
    "nullValue": "",
    "ignoreLeadingWhiteSpace": "false",
    "ignoreTrailingWhiteSpace": "false",
    "lineSep": "\n",
    "encoding": "UTF-8",
}
# No Hadoop codec for zstd without a native library, and gzip costs more than reading from the source.
WRITE = _DIALECT | {"emptyValue": '""', "quoteAll": "false", "compression": "none"}
READ = _DIALECT | {"emptyValue": _EMPTY, "multiLine": "true", "enforceSchema": "false", "mode": "FAILFAST"}


def restored(name: str) -> Column:
    """A column as it was before it was written: the marker is the empty string again."""
    return F.when(F.col(name) == _EMPTY, F.lit("")).otherwise(F.col(name)).alias(name)
