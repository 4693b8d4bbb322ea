"""What a load is asked to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from daybook.contracts.gold_model import GoldTable
from daybook.lake.store import Store


@dataclass(frozen=True)
class LoadRequest:
    """Bring the warehouse of `tables` at `path` up to gold around `days`; or, to `rebuild`, make it from all of gold.

    Gold is at `root` in the `store`. `remember` are settings for the file to keep, beside those that it has. With
    `stop` a day out of the ordinary is not loaded, unless by a rebuild.
    """

    store: Store
    root: str
    path: Path
    tables: Sequence[GoldTable]
    days: Sequence[date]
    remember: Mapping[str, str] = field(default_factory=dict)
    stop: bool = False
    rebuild: bool = False
