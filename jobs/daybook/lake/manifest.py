"""`_MANIFEST.json`: which files of a batch are live, and the proof that they are right."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from daybook.errors import DataError
from daybook.lake import lineage
from daybook.lake.paths import Batch
from daybook.lake.store import Store

_LOOKS_AT_ONCE = 8
FORMAT = 4
# Format 1 is the same but for the meaning of what it describes: silver and gold of those days are made again.
# Format 2 lacks gold's `origin`. Up to format 3 files and inputs have full names.
_READABLE = (1, 2, 3, FORMAT)
MOVING = "docs/lake.md, “Moving a lake”, has the commands"
OWN_RUN = "own_run"  # in gold's `origin`: whether a run for its very day made it, or one before it
ABSENT = "absent"  # stands for the ETag of an input that was not there


@dataclass(frozen=True)
class File:
    """One live file: its full name, its bytes, and its rows where its format tells."""

    name: str
    bytes: int
    rows: int | None = None


@dataclass(frozen=True)
class TableEntry:
    """One table of a batch.

    `ledger` holds the counts that add up, `schema` maps column to type, `seconds` is what writing it took.
    """

    files: tuple[File, ...]
    rows: int
    schema: dict[str, str]
    ledger: dict[str, Any]
    seconds: float
    rejected_files: tuple[File, ...] = ()

    @property
    def bytes(self) -> int:
        """Bytes of the live files."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True)
class Manifest:
    """The manifest of one batch. `version` counts its publications; `inputs` is the lineage.

    `origin` says of gold what its inputs were made from in their turn, and by which kind of run; the lineage goes by
    `inputs` alone.
    """

    layer: str
    batch: str
    ds: str
    attempt: str
    version: int
    published_at: str
    tables: dict[str, TableEntry]
    inputs: dict[str, Any]
    complete: bool
    code_version: str
    versions: dict[str, str]
    seconds: float
    origin: dict[str, Any] = field(default_factory=dict)
    format: int = field(default=FORMAT)

    @property
    def has_ledgers(self) -> bool:
        """Whether a run for this very day made gold of it since there are ledgers: then they are there, too."""
        return bool(self.origin.get(OWN_RUN))

    @property
    def all_files(self) -> list[str]:
        """Every file the manifest names."""
        return [f.name for t in self.tables.values() for f in (*t.files, *t.rejected_files)]

    @property
    def own_files(self) -> list[str]:
        """Those that its attempt wrote: what it kept of another is not its to take away."""
        return [name for name in self.all_files if self.attempt in name]

    def to_json(self, root: str) -> bytes:
        """The manifest as stored: its files by their names below the layer's place, `root`."""
        raw = asdict(self)
        for entry in raw["tables"].values():
            for file in (*entry["files"], *entry["rejected_files"]):
                file["name"] = file["name"].removeprefix(f"{root}/")
        return json.dumps(raw, indent=1, sort_keys=True).encode()


@dataclass(frozen=True)
class Live:
    """A manifest as found in the store, with the ETag that names exactly this state."""

    manifest: Manifest
    etag: str


def read(store: Store, batch: Batch) -> Live | None:
    """The live manifest of a batch, or None when the batch was never published.

    Raises:
        DataError: the manifest cannot be understood by this version, or is not this batch's, or names files that are
            not.
    """
    stored = store.get(batch.manifest)
    return None if stored is None else Live(_parse(stored.body, batch), stored.etag)


def read_all(store: Store, batches: Sequence[Batch]) -> dict[Batch, Live | None]:
    """The live manifests of the batches, several read at once.

    Raises:
        DataError: one of them cannot be understood by this version.
    """
    found, unread = understood(store, batches)
    for error in unread.values():
        raise error
    return found


def understood(store: Store, batches: Sequence[Batch]) -> tuple[dict[Batch, Live | None], dict[Batch, DataError]]:
    """The live manifests of the batches, several read at once; and why those of the others cannot be understood."""

    def look(batch: Batch) -> Live | DataError | None:
        try:
            return read(store, batch)
        except DataError as error:
            return error

    with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
        looked = dict(zip(batches, pool.map(look, batches), strict=True))
    unread = {batch: each for batch, each in looked.items() if isinstance(each, DataError)}
    return {batch: each for batch, each in looked.items() if not isinstance(each, DataError)}, unread


def _parse(body: bytes, batch: Batch) -> Manifest:
    try:
        raw = json.loads(body)
        written = raw.pop("format")
        if written not in _READABLE:
            then = "use the version of Daybook that wrote it, or a later one"
            reads = f"{_READABLE[0]} to {FORMAT}"
            raise DataError(f"{batch.manifest}: manifest format {written}, this version reads {reads}", then)
        place = f"{batch.root}/" if written == FORMAT else ""
        tables = {name: _entry(entry, place) for name, entry in raw.pop("tables").items()}
        inputs, origin = lineage.inputs(raw.pop("inputs")), lineage.origin(raw.pop("origin", {}))
        found = Manifest(tables=tables, inputs=inputs, origin=origin, **raw)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        then = f"if nobody can restore it, delete it, then {batch.command}"
        raise DataError(f"{batch.manifest}: not a manifest", then) from error
    _check_place(found, batch)
    return found


def _entry(raw: dict[str, Any], place: str) -> TableEntry:
    """An entry whose files have full names: `place` is what is left out of them."""
    files, rejected = (
        tuple(File(**{**f, "name": f"{place}{f['name']}"}) for f in raw.pop(part))
        for part in ("files", "rejected_files")
    )
    return TableEntry(files=files, rejected_files=rejected, **raw)


def _check_place(found: Manifest, batch: Batch) -> None:
    """Refuse a manifest that lies in another place than it was written for: a run would delete others' files."""
    setting = f"DAYBOOK_{batch.layer.upper()}"
    is_of = f"{found.layer} {found.batch} {found.ds}"
    if is_of != str(batch):
        then = f"set {setting} to the place of {batch.layer}; if it is, restore it, or delete it and {batch.command}"
        raise DataError(f"{batch.manifest}: the manifest of {is_of}, not of {batch}", then)
    foreign = next((name for name in found.all_files if not batch.owns(name)), None)
    if foreign:
        then = f"set {setting} back to the place of its files; or was the lake moved? {MOVING}"
        raise DataError(f"{batch.manifest}: names a file outside its table and day, {foreign}", then)


def days_of(store: Store, root: str, table: str) -> list[date]:
    """The days for which a table has a manifest, in order."""
    names = (name for name in store.sizes(f"{root}/{table}") if name.endswith("/_MANIFEST.json"))
    return sorted(date.fromisoformat(name.split("/")[-2]) for name in names)
