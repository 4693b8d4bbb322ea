"""The CSV dialect of bronze: one for writer and reader, chosen so that every text survives.

NULL is an empty unquoted field and the empty string is `""`, as in PostgreSQL's COPY. Spark reads both as
NULL unless told otherwise, hence a mark: it stands for "quoted and empty" between reader and restore.
"""

import uuid

from pyspark.sql import Column
from pyspark.sql import functions as F

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
# A file is read by one task, because a text may hold line breaks: a large table is cut at so many rows, whoever wrote
# it. Spark has no cut by bytes; rows of up to 320 bytes make no file beyond 128 MB.
ROWS_PER_FILE = 400_000
# No Hadoop codec for zstd without a native library, and gzip costs more than reading from the source.
WRITE = _DIALECT | {
    "emptyValue": '""',
    "quoteAll": "false",
    "compression": "none",
    "maxRecordsPerFile": str(ROWS_PER_FILE),
}


def new_mark() -> str:
    """A mark for one reading: never the same twice, so that no text of a source can be taken for it."""
    return f"\u0002{uuid.uuid4()}\u0003"


def reading(mark: str) -> dict[str, str]:
    """The reader's options; a text that is quoted and empty comes as the mark.

    Inside quotes the parser stops at what may escape the escape. By default that is NUL, which is to mean "nothing",
    but it stops there all the same and drops it. The quote in its place leaves it quotes alone to stop at.
    """
    quoted = {"emptyValue": mark, "multiLine": "true", "charToEscapeQuoteEscaping": _DIALECT["quote"]}
    return _DIALECT | quoted | {"enforceSchema": "false", "mode": "FAILFAST"}


def restored(name: str, mark: str) -> Column:
    """A column as it was before it was written: the mark is the empty string again."""
    return F.when(F.col(name) == mark, F.lit("")).otherwise(F.col(name)).alias(name)
