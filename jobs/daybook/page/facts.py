"""What a page says, as data: the page shows it, and `<day>.json` beside it holds the same for machines.

Whoever changes a name here changes that file: raise `FORMAT` unless something is only added.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Literal

FORMAT = 1
State = Literal["final", "provisional", "unknown", "red"]


@dataclass(frozen=True)
class Verdict:
    """May the day be used: `reasons` are at most three, the worst first; `next` is a command or what to wait for.

    `proof` says by what it stands; a day that is red has none.
    """

    state: State
    headline: str
    reasons: tuple[str, ...]
    next: str | None = None
    proof: str | None = None


@dataclass(frozen=True)
class Compared:
    """A value to compare with, and the change against it: a share, or percentage points / 100 for a share.

    `days` is how many days it is the median of. None: nothing to compare with, or no change of nothing.
    """

    value: float | None
    change: float | None
    days: int


@dataclass(frozen=True)
class Point:
    """A day of a line; `low` and `high` bound what its last four same weekdays had."""

    day: date
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Figure:
    """One of the day's numbers; `unit` is "", "h", "share" or a currency."""

    title: str
    unit: str
    explained: str
    value: float | None
    is_final: bool | None
    final_after: date | None
    yesterday: Compared
    usual: Compared
    history: tuple[Point, ...]


@dataclass(frozen=True)
class Restated:
    """A figure of a day that a load has changed."""

    day: date
    table: str
    figure: str
    before: float
    after: float
    causes: list[str]
    was_final: bool | None


@dataclass(frozen=True)
class Changes:
    """What the loads since `since` have changed: in final figures one by one, in provisional ones by number."""

    since: datetime | None = None
    final: tuple[Restated, ...] = ()
    more_final: int = 0
    provisional: int = 0


@dataclass(frozen=True)
class LedgerLine:
    """What became of a source table's rows; shares are of the rows read, `usual` the median of 28 days before.

    Without `silver` the table was refused, and feeds no figure.
    """

    source: int | None
    bronze: int | None
    silver: int | None
    rejected: int | None
    duplicates: int | None
    balances: bool
    share: float | None
    usual: float | None
    factor: float | None
    over_limit: bool
    shares: tuple[float | None, ...]


@dataclass(frozen=True)
class Reason:
    """Rows of a table that were rejected for one reason; `usual` is the median of 28 days before."""

    table: str
    reason: str
    rows: int
    usual: float | None
    factor: float | None
    is_new: bool
    command: str
    history: tuple[int | None, ...]


@dataclass(frozen=True)
class Cell:
    """The state of a day in one layer, as a word; `words` says more where there is more to say."""

    day: date
    state: Literal["final", "provisional", "unknown", "restated", "over", "missing", "before"]
    words: str


@dataclass(frozen=True)
class Freshness:
    """How old things were: instants in UTC; `rates` is the day from which the oldest rate in use is valid."""

    day_ended: datetime
    read_first: datetime | None = None
    read_last: datetime | None = None
    loaded: datetime | None = None
    oldest_rate: str | None = None
    rate_since: date | None = None
    rate_age_days: int | None = None


@dataclass(frozen=True)
class Made:
    """A batch of the day, as its manifest tells; `made_with` are its source's moment, its settings and its rates."""

    layer: str
    batch: str
    version: int
    published_at: datetime
    rows: int
    bytes: int
    seconds: float
    complete: bool
    code_version: str
    command: str
    made_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class NightCost:
    """The seconds of each job that ran on a date."""

    day: date
    seconds: dict[str, float]


@dataclass(frozen=True)
class Step:
    """A job's last run for the day; `usual` is the median of those before it. CPU and memory are the driver's."""

    seconds: float | None
    usual: float | None
    cpu_seconds: float | None
    peak_memory_bytes: int | None
    state: str
    started_at: datetime
    application_id: str | None


@dataclass(frozen=True)
class Layer:
    """What a layer holds of the day."""

    rows: int
    bytes: int


@dataclass(frozen=True)
class Price:
    """What the CPU seconds of the day's steps cost."""

    amount: float
    currency: str
    cpu_seconds: float
    per_cpu_hour: float


@dataclass(frozen=True)
class Cost:
    """The last 30 nights, oldest first, and the day's own steps and layers; their price, if there is one."""

    nights: tuple[NightCost, ...] = ()
    steps: dict[str, Step] = field(default_factory=dict)
    layers: dict[str, Layer] = field(default_factory=dict)
    price: Price | None = None


@dataclass(frozen=True)
class Facts:
    """All of a page. `days` is the last 30 days by layer; `warnings` are whole sentences, the worst first."""

    day: date
    verdict: Verdict
    made_at: datetime
    valid_until: datetime
    figures: dict[str, Figure] = field(default_factory=dict)
    changes: Changes = Changes()
    warnings: tuple[str, ...] = ()
    ledger: dict[str, LedgerLine] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    days: dict[str, tuple[Cell, ...]] = field(default_factory=dict)
    freshness: Freshness | None = None
    made: tuple[Made, ...] = ()
    cost: Cost = Cost()

    def to_json(self) -> str:
        """The facts as stored; what a reader asks first comes first."""
        return json.dumps({"format": FORMAT, **asdict(self)}, default=_text, indent=1, ensure_ascii=False)


def _text(value: object) -> str:
    if isinstance(value, date):  # an instant is one, too
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no fact")
