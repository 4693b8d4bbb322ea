"""What is unusual, as the file's `day_warnings` says; a file of an older Daybook judges nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from daybook.page.formatting import short
from daybook.page.warehouse import Warehouse, shown_days
from daybook.warehouse.day_warnings import VIEW

_WORST_FIRST = (
    "refused", "rows", "rejected", "date_order", "repeated", "reason", "settings", "states", "alike_states", "rates",
)  # fmt: skip


@dataclass(frozen=True)
class Warned:
    """A limit that a day went over: of a table, perhaps for one reason of rejection."""

    day: date
    limit: str
    table: str | None
    reason: str | None
    value: float | None
    usual: float | None
    sentence: str

    @property
    def rank(self) -> tuple[int, float, str]:
        """The worst is the least: by limit, then by how far it is from what is usual."""
        limit = _WORST_FIRST.index(self.limit) if self.limit in _WORST_FIRST else len(_WORST_FIRST)
        factor = self.value / self.usual if self.value and self.usual else float("inf")
        return limit, -max(factor, 1 / factor), self.sentence


class Limits:
    """The warnings of the days that a page shows."""

    def __init__(self, warnings: Sequence[Warned] = ()) -> None:
        """Take them in any order."""
        self._warnings = sorted(warnings, key=lambda warning: warning.rank)

    def sentences(self, day: date) -> tuple[str, ...]:
        """Those of a day, the worst first."""
        return tuple(short(warning.sentence) for warning in self._warnings if warning.day == day)

    def is_over(self, day: date, table: str) -> bool:
        """Whether a table went over one on the day."""
        return any((warning.day, warning.table) == (day, table) for warning in self._warnings)

    def is_new(self, day: date, table: str, reason: str) -> bool:
        """Whether the reason had not been seen before."""
        known = ((w.day, w.limit, w.table, w.reason) for w in self._warnings)
        return (day, "reason", table, reason) in known


def judged(warehouse: Warehouse, day: date) -> Limits:
    """What the file warns of in the days up to this one."""
    if not warehouse.has(VIEW.name):
        return Limits()
    columns = "date, limit_name, source_table, reason, value::DOUBLE, usual::DOUBLE, warning"
    query = f"SELECT {columns} FROM {VIEW.name} WHERE date BETWEEN ? AND ?"
    return Limits([Warned(*row) for row in warehouse.rows(query, [shown_days(day)[0], day])])
