"""A manifest names files below its layer's place, and is refused where it names any that are not its batch's own."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from daybook import settings
from daybook.contracts import POSTGRES_TABLES, SOURCE_TABLES
from daybook.errors import DataError
from daybook.lake import lineage, manifest
from daybook.lake.attempt import tidy
from daybook.lake.manifest import ABSENT, File, Manifest, TableEntry
from daybook.lake.paths import Batch, Lake
from tests.kit.warehouse import MemoryStore

DAY = date(2025, 3, 1)
LAKE = Lake(settings.lake({"DAYBOOK_SILVER": "s3a://lake/silver"}))
PURCHASES = next(table for table in SOURCE_TABLES if table.name == "user_purchases")
SILVER, BRONZE = LAKE.silver(PURCHASES, DAY), LAKE.bronze(POSTGRES_TABLES[0], DAY)
ORIGINAL = Batch("silver", "s3a://silver", "user_purchases", DAY)


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    return MemoryStore(tmp_path)


def made(batch: Batch, *names: str, rejected: tuple[str, ...] = (), table: str | None = None) -> Manifest:
    """A manifest of one table that names these files."""
    files, bad = (tuple(File(name, 1, 1) for name in some) for some in (names, rejected))
    entry = TableEntry(files, len(files), {}, {}, 0.1, bad)
    inputs = {"manifests": {"user_purchases/2025-03-01/_MANIFEST.json": '"1"'}}
    return Manifest(batch.layer, batch.name, str(batch.day), "a", 1, "2025-03-02T00:00:00+00:00",
                    {table or batch.name: entry}, inputs, True, "", {}, 0.1)  # fmt: skip


def as_format_3(stored: bytes, root: str) -> bytes:
    """The same as the release before wrote it: full names of files and inputs."""
    raw: dict[str, Any] = json.loads(stored)
    for entry in raw["tables"].values():
        for file in (*entry["files"], *entry["rejected_files"]):
            file["name"] = f"{root}/{file['name']}"
    raw["inputs"]["manifests"] = {f"s3a://bronze/{key}": tag for key, tag in raw["inputs"]["manifests"].items()}
    return json.dumps(raw | {"format": 3}).encode()


def test_names_are_stored_below_the_layers_place_and_read_in_full(store: MemoryStore) -> None:
    live, bad = SILVER.dataset("user_purchases").live_file("a", 0), SILVER.rejected("user_purchases").live_file("a", 0)
    store.put(SILVER.manifest, made(SILVER, live, rejected=(bad,)).to_json(SILVER.root))
    stored = json.loads(store.objects[SILVER.manifest])
    assert stored["format"] == 4
    assert [file["name"] for file in stored["tables"]["user_purchases"]["files"]] == [
        "user_purchases/2025-03-01/user_purchases.parquet/a-00000.zstd.parquet"
    ]
    assert "s3a://" not in store.objects[SILVER.manifest].decode()
    found = manifest.read(store, SILVER)
    assert found and found.manifest.all_files == [live, bad]


def test_a_manifest_that_is_copied_names_the_files_of_the_copy(store: MemoryStore) -> None:
    live = ORIGINAL.dataset("user_purchases").live_file("a", 0)
    store.put(SILVER.manifest, made(ORIGINAL, live).to_json(ORIGINAL.root))
    found = manifest.read(store, SILVER)
    assert found and found.manifest.all_files == [SILVER.dataset("user_purchases").live_file("a", 0)]


def test_a_manifest_of_the_release_before_has_the_same_lineage_and_files(store: MemoryStore) -> None:
    new = made(ORIGINAL, ORIGINAL.dataset("user_purchases").live_file("a", 0))
    store.put(ORIGINAL.manifest, as_format_3(new.to_json(ORIGINAL.root), ORIGINAL.root))
    found = manifest.read(store, ORIGINAL)
    assert found and found.manifest == new


def test_a_copied_manifest_of_the_release_before_is_refused_with_what_to_do(store: MemoryStore) -> None:
    live = ORIGINAL.dataset("user_purchases").live_file("a", 0)
    store.put(SILVER.manifest, as_format_3(made(ORIGINAL, live).to_json(ORIGINAL.root), ORIGINAL.root))
    with pytest.raises(DataError) as refused:
        manifest.read(store, SILVER)
    assert str(refused.value) == f"{SILVER.manifest}: names a file outside its table and day, {live}"
    assert refused.value.then == (
        "set DAYBOOK_SILVER back to the place of its files; or was the lake moved? "
        "docs/lake.md, “Moving a lake”, has the commands"
    )


@pytest.mark.parametrize(
    "name",
    [
        "users/2025-03-01/users.parquet/a",
        "user_purchases/2025-03-02/user_purchases.parquet/a",
        "_rejected/user_purchases/2025-03-02/user_purchases.parquet/a",
        "user_purchases/2025-03-01/../2025-03-02/user_purchases.parquet/a",
        "user_purchases/2025-03-01/_MANIFEST.json",
        "user_purchases/2025-03-01/",
        "../gold/user_purchases/2025-03-01/user_purchases.parquet/a",
        "s3a://lake/silver/user_purchases/2025-03-01/user_purchases.parquet/a",
        "test/user_purchases/2025-03-01/user_purchases.parquet/a",
        "",
    ],
)
@pytest.mark.parametrize("rejected", [False, True], ids=["live", "rejected"])
def test_a_file_outside_the_table_day_is_refused(store: MemoryStore, name: str, rejected: bool) -> None:
    new = made(SILVER, rejected=(f"{SILVER.root}/{name}",)) if rejected else made(SILVER, f"{SILVER.root}/{name}")
    store.put(SILVER.manifest, new.to_json(SILVER.root))
    with pytest.raises(DataError, match="names a file outside its table and day"):
        manifest.read(store, SILVER)


def test_the_batch_of_postgres_has_its_tables_and_none_of_cassandras(store: MemoryStore) -> None:
    for table in ("users", "user_purchases"):
        name = BRONZE.dataset(table).live_file("a", 0)
        assert BRONZE.owns(name) == (table == "users")
        store.put(BRONZE.manifest, made(BRONZE, name, table=table).to_json(BRONZE.root))
        if table == "users":
            assert manifest.read(store, BRONZE)
        else:
            with pytest.raises(DataError, match="outside its table and day"):
                manifest.read(store, BRONZE)


@pytest.mark.parametrize("other", [replace(SILVER, day=date(2025, 3, 2)), replace(SILVER, name="users"),
                                   Batch("gold", "s3a://gold", "user_purchases", DAY)], ids=str)  # fmt: skip
def test_the_manifest_of_another_batch_is_refused(store: MemoryStore, other: Batch) -> None:
    store.put(SILVER.manifest, made(other).to_json(other.root))
    with pytest.raises(DataError) as refused:
        manifest.read(store, SILVER)
    assert str(refused.value) == f"{SILVER.manifest}: the manifest of {other}, not of {SILVER}"


def test_what_is_not_the_batchs_own_is_never_deleted(store: MemoryStore) -> None:
    own, foreign = (batch.dataset("user_purchases").live_file("a", 0) for batch in (SILVER, ORIGINAL))
    store.objects |= {own: b"", foreign: b""}
    with pytest.raises(DataError, match=f"{foreign}: not a file of this table and day, so nothing was deleted"):
        tidy(store, SILVER.owns, lambda: [own, foreign])
    assert store.objects.keys() == {own, foreign}
    tidy(store, SILVER.owns, lambda: [own])
    assert store.objects.keys() == {foreign}


def test_names_of_old_and_new_lineage_are_equal() -> None:
    new = {"manifests": {"users/2025-03-01/_MANIFEST.json": ABSENT}, "meaning_version": 1}
    old = {"manifests": {"s3a://lake/deep/bronze/users/2025-03-01/_MANIFEST.json": ABSENT}, "meaning_version": 1}
    assert lineage.inputs(old) == lineage.inputs(new) == new
    key = "users/2025-03-01/_MANIFEST.json"
    assert lineage.origin({"inputs": {f"s3a://silver/{key}": old}, "own": 1}) == {"inputs": {key: new}, "own": 1}
    assert lineage.origin({"own_run": True}) == {"own_run": True}
