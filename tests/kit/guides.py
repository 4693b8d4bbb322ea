"""The code in the pages that people read, block by block: what stands there is run by a test."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
WAREHOUSE = "/tmp/duckdb/analytics.duckdb"  # as the pages name the file


@dataclass(frozen=True)
class Block:
    """A block of code: the page and line where it begins, the language it is said to be of, and the code.

    What is indented, or in a fence without a language, is of none: commands of a shell, pictures, outputs.
    """

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        """Where it stands."""
        return f"{self.page}:{self.line}"

    @property
    def command(self) -> list[str] | None:
        """The command of DuckDB's own program that it is, word by word."""
        text = self.text.replace("\\\n", " ").removeprefix("$ ")
        return shlex.split(text) if not self.language and text.startswith("duckdb ") else None


def read(text: str, page: str) -> Iterator[Block]:
    """The blocks of a page, in lists and quotes, too."""
    for token in MarkdownIt().parse(text):
        if token.type in ("fence", "code_block"):
            assert token.map
            yield Block(page, token.map[0] + 1, token.info.strip(), token.content)


def blocks(*languages: str) -> list[Block]:
    """The blocks of all pages; of these languages only, if any are named."""
    found = [block for path in PAGES for block in read(path.read_text(encoding="utf-8"), path.name)]
    return [block for block in found if not languages or block.language in languages]
