"""What lies in the lake and is named by no manifest: what runs that crashed have left."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.errors import RetryableError
from daybook.lake import manifest
from daybook.lake.objects import Found
from daybook.lake.paths import FORMATS, Layer, batch_of
from daybook.lake.store import Store
from daybook.settings import LakePlaces

_TABLES = "|".join([*(table.name for table in SOURCE_TABLES), *(table.name for table in GOLD_TABLES)])
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
# What Daybook writes beside its manifests: live files, those of rejected rows, folders of attempts.
_OURS = re.compile(rf"(_rejected/)?({_TABLES})/{_DAY}/(_attempts|({_TABLES})\.(csv|parquet))/.+")


def leftovers(store: Store, places: LakePlaces, limit: timedelta) -> dict[str, int]:
    """The objects that no manifest of their layer names and that are older than the limit, with their bytes.

    What there is is listed first, the manifests are read after it: what becomes live meanwhile is spared. Ages are
    reckoned by the store's own clock.

    Raises:
        RetryableError: a manifest that was listed is gone: somebody is at work there.
        DataError: a manifest cannot be understood, and so names nobody knows what.
    """
    found: dict[str, int] = {}
    for layer in FORMATS:
        root = getattr(places, layer)
        listed = store.listed(root)
        manifests = [name for name in listed.objects if name.endswith("/_MANIFEST.json")]
        named = {name for place in manifests for name in _named(store, layer, place)}
        found |= unnamed(listed.objects, root, named, listed.at - limit)
    return found


def unnamed(objects: Mapping[str, Found], root: str, named: Iterable[str], before: datetime) -> dict[str, int]:
    """Of the objects below a layer's root those of Daybook's own kind, not named, and last written before a moment."""
    spared = set(named)
    return {
        name: object_.bytes
        for name, object_ in objects.items()
        if name not in spared and object_.written < before and _OURS.fullmatch(name.removeprefix(f"{root}/"))
    }


def by_table_day(found: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """The objects by the folder of their table-day, in order."""
    folders: dict[str, dict[str, int]] = defaultdict(dict)
    for name, count in sorted(found.items()):
        folder = re.match(rf".*?/{_DAY}(?=/)", name)
        folders[folder.group() if folder else name][name] = count
    return folders


def _named(store: Store, layer: Layer, place: str) -> list[str]:
    batch = batch_of(layer, place)
    live = manifest.read(store, batch)
    if live is None:
        raise RetryableError(f"{batch}: its manifest went while it was looked at", then="run it when no job runs")
    return list(live.manifest.all_files)
