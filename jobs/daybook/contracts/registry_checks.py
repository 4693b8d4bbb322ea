"""The contracts judged from outside, each by itself and then all together: a wrong one is refused at import."""

from collections import Counter
from collections.abc import Iterator, Sequence

from daybook.contracts.checks import Finding, refuse
from daybook.contracts.gold_checks import of_gold
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.contracts.source_checks import of_source


def check(sources: Sequence[SourceTable], gold: Sequence[GoldTable]) -> None:
    """See that each contract is right, and that the tables fit each other.

    Raises:
        ContractDeclarationError: a contract contradicts itself, two have one name, or a gold table reads one that is
            not there.
    """
    for source in sources:
        refuse(source.name, of_source(source))
    known, made = [table.name for table in sources], [table.name for table in gold]
    for table in gold:
        refuse(table.name, of_gold(table))
        refuse(table.name, _of_reads(table, set(known)))
    # a source's tables are not in the warehouse, where gold's have a view each
    for names in ([*known, *made], [*made, *(table.view for table in gold)]):
        for name, count in Counter(names).items():
            refuse(name, [Finding("name", "borne by two tables or views", "take another")] if count > 1 else ())


def _of_reads(table: GoldTable, known: set[str]) -> Iterator[Finding]:
    for name in sorted(table.reads.keys() - known):
        yield Finding("reads", f"there is no source table {name!r}", f"one of {sorted(known)}")
