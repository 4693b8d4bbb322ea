"""Command lines: strict days, the same options under the same names in every job."""

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import NoReturn, TypeVar

from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.days import FIRST, LAST, through, today

Table = TypeVar("Table", SourceTable, GoldTable)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


class _Once(argparse.Action):
    """An option that is given once: of two days, neither is silently the right one."""

    def __call__(
        self, _: argparse.ArgumentParser, options: argparse.Namespace, value: object, __: str | None = None
    ) -> None:
        if getattr(options, self.dest) is not None:
            raise argparse.ArgumentError(self, "given more than once")
        setattr(options, self.dest, value)


def program(doc: str | None) -> argparse.ArgumentParser:
    """A parser without options yet; `doc` is the job's docstring and becomes its help."""
    return _Parser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)


def parser(doc: str | None) -> argparse.ArgumentParser:
    """A parser that knows the options for one day or a range of days."""
    result = program(doc)
    once = partial(result.add_argument, action=_Once, type=day, metavar="YYYY-MM-DD")
    once("--ds", help="the UTC day to process")
    once("--from", dest="first", help="first day of a range")
    once("--to", dest="last", help="last day of a range, inclusive")
    result.add_argument("--allow-incomplete", action="store_true", help="accept a day that has not ended yet")
    return result


def add_day(target: argparse.ArgumentParser) -> None:
    """Add `--ds`, which must be given."""
    target.add_argument("--ds", action=_Once, type=day, metavar="YYYY-MM-DD", required=True, help="the UTC day")


def add_table(target: argparse.ArgumentParser, tables: Sequence[SourceTable]) -> None:
    """Add `--table`, which must be given: one of `tables`."""
    asked = f"one of {_names(tables)}"
    target.add_argument("--table", action=_Once, type=_known(tables), metavar="TABLE", required=True, help=asked)


def add_tables(target: argparse.ArgumentParser, tables: Sequence[SourceTable | GoldTable]) -> None:
    """Add `--table`, which may be repeated; the default is all of `tables`."""
    asked = f"only this table of {_names(tables)}; may be repeated"
    target.add_argument("--table", action="append", type=_known(tables), metavar="TABLE", help=asked)


def _names(tables: Sequence[SourceTable | GoldTable]) -> str:
    return ", ".join(table.name for table in tables)


def _known(tables: Sequence[SourceTable | GoldTable]) -> Callable[[str], str]:
    def known(text: str) -> str:
        if text not in [table.name for table in tables]:
            raise argparse.ArgumentTypeError(f"{text!r} is none of {_names(tables)}")
        return text

    return known


def chosen(names: list[str] | None, tables: Sequence[Table]) -> list[Table]:
    """The tables asked for, in contract order."""
    return [table for table in tables if names is None or table.name in names]


def day(text: str) -> date:
    """A day in the one form that names the same folder every time: `YYYY-MM-DD`, ASCII digits, a real date.

    Raises:
        argparse.ArgumentTypeError: it is anything else.
    """
    try:
        found = date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        found = None
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day of the form YYYY-MM-DD")
    if not FIRST <= found <= LAST:
        raise argparse.ArgumentTypeError(f"{text!r} lies outside the years {FIRST.year} to {LAST.year}")
    return found


def hours(text: str) -> int:
    """A number of hours that no run takes: a day at least.

    Raises:
        argparse.ArgumentTypeError: it is anything else.
    """
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) < 24:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of hours from 24 on")
    return int(text)


def days(target: argparse.ArgumentParser, options: argparse.Namespace) -> list[date]:
    """The days asked for, in order; anything unclear ends the program with exit code 2."""
    if options.ds and (options.first or options.last):
        target.error("--ds and --from/--to exclude each other")
    if bool(options.first) != bool(options.last):
        target.error("--from and --to go together")
    if not options.ds and not options.first:
        target.error("which day? --ds YYYY-MM-DD, or --from A --to B")
    first, last = options.ds or options.first, options.ds or options.last
    if last < first:
        target.error(f"--from {first} is after --to {last}")
    if last >= today() and not options.allow_incomplete:
        target.error(f"{last} has not ended yet (UTC); --allow-incomplete takes it as it is")
    return through(first, last)


def span(chosen_days: Sequence[date]) -> str:
    """The days as a person names them: one day, or first to last."""
    first, last = chosen_days[0], chosen_days[-1]
    return str(first) if first == last else f"{first} to {last}"
