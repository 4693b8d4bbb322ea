"""Texts that break naive pipelines, said once for every test, and bronze as the guide to the lake says to read it."""

import csv
from itertools import product
from pathlib import Path
from typing import Any

GUIDE = Path(__file__).parents[2] / "docs" / "lake.md"

# Reads as rows of its own, as a file that a parser enters in the middle of a quoted field would show them.
LOOKS_LIKE_ROWS = 'id,first,second\n1,a,b\n"2","a""b",\n,,\n'

_ALONE: tuple[str, ...] = (
    # quotes and what CSV does with them
    '"', '""', '"""', '"a"', 'a"b', '"a', 'a"', '","', '"\n"', '\\"', '"' * 1_000, '"' * 1_001, "'", "''", "`", "“a”",
    # separators and line breaks
    "a,b", ",", ",,", ";", "a;b", "|", "\t", "a\tb", "\n", "\r", "\r\n", "\n\n", "a\nb", "a\rb", "a\r\nb", "a\n", "\na",
    "a,\nb\",\"c", LOOKS_LIKE_ROWS, "\u2028", "a\u2029b", "\u0085", "\v", "\f", "\u001c", "\u001e",
    # backslashes
    "\\", "\\\\", "\\n", "\\,", "a\\", "\\x00", "\\u0000",
    # blanks, and nothing at all
    "", " ", "   ", " a", "a ", "  a  ", "\ta\t", "\u00a0", "\u00a0a\u00a0", "\u3000a", "\u200b", " \" ", " \n ",
    # words that are taken for NULL, numbers, truths or times
    "\\N", "NULL", "null", "None", "NaN", "nil", "N/A", "-", "0", "007", "1e5", "true", "2025-03-01", "inf",
    # formulas, comments, markup, SQL
    "=1+1", "@SUM", "+1", "-1", "#comment", "--", "/* */", "<b>&amp;", "%s", "${x}", "{}", "'; DROP TABLE users; --",
    # scripts, marks and the edges of Unicode
    "é", "e\u0301", "Z\u0351\u036b\u0343", "مرحبا", "\u202eabc\u202c", "日本語", "ß", "ı", "İ", "ΐ", "😀",
    "👩\u200d👩\u200d👧", "🇫🇷", "\ufeff", "\ufeffbom", "a\ufeff", "\ue000", "\U0010fffd", "\ufffd", "\ufffe",
    "\uffff", "\U0010ffff",
    # control characters
    "\u0001", "\u0002", "\u0003", "\u0007", "\u001b[31m", "\u007f", "\u009f",
    # long
    "x" * 1_000_000,
)  # fmt: skip

# Each of these beside each other, the first of them in threes, at every place of a text.
_NASTIEST = ('"', ",", "\n", "\r", "\0", "\\", " ", "\t")
_SPECIAL = (
    *_NASTIEST, ";", "'", "|", "#", "\v", "\f", "\u0001", "\u0002", "\u0003", "\u001c", "\u007f", "\u0085", "\u00a0",
    "\u2028", "\ufeff", "i", "\u0307", "é", "😀",
)  # fmt: skip


def _crossed() -> list[str]:
    """Every special character alone, doubled, quoted, and beside the others: alone, first, in the middle and last."""
    together = [*_SPECIAL, *map("".join, product(_SPECIAL, repeat=2)), *map("".join, product(_NASTIEST, repeat=3))]
    quoted = [f'"{one}"' for one in _SPECIAL]
    placed = [f"{before}{text}{after}" for text in together + quoted for before in ("", "a") for after in ("", "b")]
    return list(dict.fromkeys((*_ALONE, *placed)))


HOSTILE = tuple(text for text in _crossed() if "\0" not in text)

# PostgreSQL's text cannot hold these, Cassandra's can.
WITH_NUL = tuple(text for text in ('a\0b,"c"\r\n', *_crossed()) if "\0" in text)


def read_as_documented(folder: Path) -> tuple[list[dict[str, str]], list[dict[str, str | None]]]:
    """The rows of the bronze files in a folder, by Python's `csv` and by DuckDB: the guide's own code is run."""
    code = GUIDE.read_text().partition("**Bronze CSV.**")[2].partition("```python\n")[2].partition("```")[0]
    found: dict[str, Any] = {"folder": folder}
    limit = csv.field_size_limit()
    exec(code, found)
    csv.field_size_limit(limit)  # the guide raises it for the whole process
    for file in found["files"]:
        file.close()
    table = found["table"]
    return found["rows"], [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]
