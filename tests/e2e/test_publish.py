"""The publication protocol on a real object store: who comes second sees it, and only named files stay."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from daybook.errors import DataError, DaybookError, RetryableError
from daybook.lake import live_files, manifest
from daybook.lake.attempt import Attempt, Draft, DraftTable, Staged
from daybook.lake.manifest import File, Live
from daybook.lake.objects import ConflictError, UnknownOutcomeError
from daybook.lake.paths import Batch
from daybook.lake.publish import Proposal, Published
from daybook.lake.store import Store
from tests.kit.harness import Daybook
from tests.kit.published import published, published_together
from tests.kit.store_proxy import way

DAY = date(2025, 1, 1)
Make = Callable[[Attempt, Live | None], Draft]


@pytest.fixture
def batch(daybook: Daybook, request: pytest.FixtureRequest) -> Batch:
    return Batch("gold", f"{daybook.lake.gold}/{request.node.name}", "table", DAY)


@pytest.fixture
def store(daybook: Daybook) -> Store:
    return daybook.store


def drafts(store: Store, batch: Batch, text: str) -> Make:
    """A draft of one file with this text."""

    def make(attempt: Attempt, live: Live | None) -> Draft:
        dataset = batch.dataset(batch.name)
        name = f"{attempt.folder(dataset)}/part-0"
        store.put_if_unchanged(name, text.encode(), None)
        staged = Staged(dataset, dataset.base, (File(name, len(text), 1),), 1, {"a": "string"}, 0.1)
        return Draft({"table": DraftTable(staged, {"rows": 1})}, {"text": text}, {})

    return make


def content(store: Store, batch: Batch) -> str:
    live = manifest.read(store, batch)
    assert live
    [name] = live_files.files_of(store, batch, live, "table")
    stored = store.get(name)
    assert stored
    return stored.body.decode()


def objects(store: Store, batch: Batch) -> set[str]:
    return set(store.sizes(batch.root))


def only_what_is_named(store: Store, batch: Batch) -> bool:
    live = manifest.read(store, batch)
    assert live
    return objects(store, batch) == {batch.manifest, *live.manifest.all_files}


def test_a_batch_is_published_and_replaced_and_nothing_else_stays(store: Store, batch: Batch) -> None:
    first = published(store, batch, drafts(store, batch, "one"))
    assert (first.changed, first.replaced, first.live.manifest.version) == (True, None, 1)
    assert content(store, batch) == "one"
    second = published(store, batch, drafts(store, batch, "two"))
    assert (second.changed, second.replaced, second.live.manifest.version) == (True, first.live, 2)
    assert content(store, batch) == "two"
    assert only_what_is_named(store, batch)


def test_no_draft_leaves_the_batch_alone(store: Store, batch: Batch) -> None:
    first = published(store, batch, drafts(store, batch, "one"))
    again = published(store, batch, lambda attempt, live: None)
    assert not again.changed and again.live == again.replaced == first.live


@pytest.mark.parametrize("already_there", [False, True], ids=["first", "replacement"])
def test_a_run_that_lost_the_race_starts_again_from_what_is_live(
    store: Store, batch: Batch, already_there: bool
) -> None:
    if already_there:
        published(store, batch, drafts(store, batch, "zero"))
    seen: list[int | None] = []

    def slow(attempt: Attempt, live: Live | None) -> Draft | None:
        seen.append(live.manifest.version if live else None)
        draft = drafts(store, batch, "slow")(attempt, live)
        if len(seen) == 1:
            published(store, batch, drafts(store, batch, "fast"))
        return draft

    outcome = published(store, batch, slow)
    before = 1 if already_there else None
    assert outcome.changed and seen == [before, (before or 0) + 1]
    assert content(store, batch) == "slow" and outcome.live.manifest.version == (before or 0) + 2
    assert only_what_is_named(store, batch)


class Overtaken(Store):
    """A store in which another run publishes right after the first conditional write, whose reply may be lost."""

    def __init__(self, endpoint: str | None, other: Callable[[], object], reply_lost: bool) -> None:
        super().__init__(endpoint, "tests")
        self._other, self._reply_lost, self._first = other, reply_lost, True

    def put_if_unchanged(self, uri: str, body: bytes, etag: str | None) -> None:
        super().put_if_unchanged(uri, body, etag)
        if self._first:
            self._first = False
            self._other()
            if self._reply_lost:
                raise UnknownOutcomeError("the connection broke")


@pytest.mark.parametrize("reply_lost", [False, True], ids=["known", "reply_lost"])
def test_a_run_that_is_overtaken_right_after_it_published_leaves_nothing_behind(
    daybook: Daybook, store: Store, batch: Batch, reply_lost: bool
) -> None:
    published(store, batch, drafts(store, batch, "zero"))
    overtaken = Overtaken(
        daybook.lake.endpoint, lambda: published(store, batch, drafts(store, batch, "fast")), reply_lost
    )
    seen: list[int | None] = []

    def once(attempt: Attempt, live: Live | None) -> Draft | None:
        seen.append(live.manifest.version if live else None)
        return drafts(store, batch, "slow")(attempt, live) if len(seen) == 1 else None

    outcome = published(overtaken, batch, once)
    assert outcome.changed != reply_lost and seen == [1, 3][: 1 + reply_lost]
    assert content(store, batch) == "fast" and outcome.live.manifest.version == 3
    assert only_what_is_named(store, batch)


def test_after_three_lost_races_the_other_runs_result_stays(store: Store, batch: Batch) -> None:
    def beaten(attempt: Attempt, live: Live | None) -> Draft | None:
        draft = drafts(store, batch, "beaten")(attempt, live)
        published(store, batch, drafts(store, batch, "winner"))
        return draft

    with pytest.raises(RetryableError, match="lost the race to another run 3 times"):
        published(store, batch, beaten)
    assert content(store, batch) == "winner" and only_what_is_named(store, batch)


def test_a_failed_attempt_leaves_nothing_behind(store: Store, batch: Batch) -> None:
    published(store, batch, drafts(store, batch, "good"))
    before = objects(store, batch)

    def failing(attempt: Attempt, live: Live | None) -> Draft | None:
        drafts(store, batch, "bad")(attempt, live)
        raise RuntimeError("while writing")

    with pytest.raises(RuntimeError, match="while writing"):
        published(store, batch, failing)
    assert objects(store, batch) == before and content(store, batch) == "good"


def test_a_copy_that_fails_leaves_nothing_under_a_live_name(store: Store, batch: Batch) -> None:
    published(store, batch, drafts(store, batch, "good"))
    before = objects(store, batch)

    def half_gone(attempt: Attempt, live: Live | None) -> Draft:
        draft = drafts(store, batch, "bad")(attempt, live)
        staged = draft.tables["table"].staged
        gone = replace(staged, files=(*staged.files, File(f"{staged.folder}/gone", 1, 1)))
        return replace(draft, tables={"table": DraftTable(gone, {})})

    with pytest.raises(RetryableError, match="404"):
        published(store, batch, half_gone)
    assert objects(store, batch) == before and content(store, batch) == "good"


ROOM = "make room in the store, then run the same command again"
BUSY = "see that the store is up and not overloaded, then run the same command again"
GRANT = "see that the bucket is there, and grant it (README, “Your own databases”)"


@pytest.mark.parametrize("already_there", [False, True], ids=["first", "replacement"])
@pytest.mark.parametrize(
    ("answer", "told", "then", "tries"),
    [
        ("503 SlowDown", "SlowDown", BUSY, 3),
        ("507 XMinioStorageFull", "XMinioStorageFull", ROOM, 1),
        ("507", "507", ROOM, 1),
        ("400 XMinioAdminBucketQuotaExceeded", "XMinioAdminBucketQuotaExceeded", ROOM, 1),
        ("403 AccessDenied", "AccessDenied", GRANT, 1),
        ("409 ConditionalRequestConflict", "ConditionalRequestConflict", "run the same command again", 3),
    ],
)
def test_a_manifest_that_the_store_refuses_is_told_as_that_and_nothing_is_left_under_a_live_name(
    daybook: Daybook, store: Store, batch: Batch, answer: str, told: str, then: str, tries: int, already_there: bool
) -> None:
    if already_there:
        published(store, batch, drafts(store, batch, "good"))
    before = objects(store, batch)
    with way(daybook.lake.endpoint, answer) as refusing, pytest.raises(DaybookError) as refused:
        there = Store(refusing.address, "tests")
        published(there, batch, drafts(there, batch, "new"))
    assert str(refused.value) == f"object store {refusing.address}: {batch.manifest}: {told}"
    assert refused.value.then == then and refusing.asked == tries
    assert objects(store, batch) == before
    assert published(store, batch, drafts(store, batch, "again")).changed, "the store takes it by now"


@pytest.mark.parametrize("answer", ["503", "500 InternalError", "502", "504", "hang up"])
def test_a_manifest_that_may_yet_be_written_leaves_the_files_it_would_name_and_no_other_run_is_blamed(
    daybook: Daybook, store: Store, batch: Batch, answer: str
) -> None:
    published(store, batch, drafts(store, batch, "good"))
    before = objects(store, batch)
    with way(daybook.lake.endpoint, answer) as silent, pytest.raises(RetryableError) as failed:
        there = Store(silent.address, "tests")
        published(there, batch, drafts(there, batch, "new"))
    said = "not reached (it hung up)" if answer == "hang up" else answer.split(" ")[-1]
    line = f"object store {silent.address}: {said}; {batch.manifest} may yet have been written"
    assert (str(failed.value), failed.value.then, silent.asked) == (line, BUSY, 3)
    [left] = objects(store, batch) - before
    assert batch.dataset(batch.name).folder in left, "one try's file: a manifest that comes late names it"


@pytest.mark.parametrize(
    "answers",
    [
        ("take and hang up", "pass"),
        ("take and hang up", "503 SlowDown"),
        ("503 SlowDown", "pass"),
        ("503", "pass"),
        ("409 ConditionalRequestConflict", "pass"),
    ],
    ids=str,
)
def test_a_manifest_that_was_written_in_the_end_is_published_once(
    daybook: Daybook, store: Store, batch: Batch, answers: tuple[str, ...]
) -> None:
    published(store, batch, drafts(store, batch, "good"))
    with way(daybook.lake.endpoint, *answers) as slow:
        there = Store(slow.address, "tests")
        outcome = published(there, batch, drafts(there, batch, "new"))
    assert outcome.changed and outcome.live.manifest.version == 2
    assert content(store, batch) == "new" and only_what_is_named(store, batch)


def test_the_store_refuses_a_write_made_for_another_state(store: Store, batch: Batch) -> None:
    store.put_if_unchanged(batch.manifest, b"{}", None)
    with pytest.raises(ConflictError):
        store.put_if_unchanged(batch.manifest, b"{1}", None)
    with pytest.raises(ConflictError):
        store.put_if_unchanged(batch.manifest, b"{1}", '"0123456789abcdef0123456789abcdef"')
    with pytest.raises(ConflictError):
        store.put_if_unchanged(batch.manifest + ".none", b"{1}", '"0123456789abcdef0123456789abcdef"')


def test_a_file_that_changed_since_its_manifest_is_noticed(store: Store, batch: Batch) -> None:
    old = published(store, batch, drafts(store, batch, "four")).live
    live = published(store, batch, drafts(store, batch, "five")).live
    with pytest.raises(RetryableError, match="was replaced while reading"):
        live_files.files_of(store, batch, old, "table")
    store.delete(live.manifest.all_files)
    with pytest.raises(DataError, match="is missing; its manifest promises 4 bytes"):
        live_files.files_of(store, batch, live, "table")


def three(batch: Batch) -> list[Batch]:
    """Three days of a table."""
    return [replace(batch, day=DAY + timedelta(days=n)) for n in range(3)]


def unnamed(store: Store, batches: list[Batch]) -> set[str]:
    """What is there beside the manifests and what they name."""
    found = objects(store, batches[0]) - {batch.manifest for batch in batches}
    lives = [manifest.read(store, batch) for batch in batches]
    return found - {name for live in lives if live for name in live.manifest.all_files}


def test_a_day_that_lost_the_race_is_made_again_without_its_neighbours(store: Store, batch: Batch) -> None:
    days = three(batch)
    asked: list[list[int | None]] = []

    def make(attempt: Attempt, lives: Mapping[Batch, Live | None]) -> dict[Batch, Proposal]:
        asked.append([live.manifest.version if live else None for live in lives.values()])
        made = {of: drafts(store, of, "slow")(attempt, live) for of, live in lives.items()}
        if len(asked) == 1:
            published(store, days[1], drafts(store, days[1], "fast"))
        return dict(made)

    outcomes = published_together(store, days, make).values()
    assert asked == [[None, None, None], [1]]
    versions = [each.live.manifest.version for each in outcomes if isinstance(each, Published)]
    assert versions == [1, 2, 1] and [content(store, of) for of in days] == ["slow"] * 3
    assert not unnamed(store, days)


def test_what_stops_a_day_stops_that_day_alone(store: Store, batch: Batch) -> None:
    days, wrong = three(batch), DataError("does not add up")

    def make(attempt: Attempt, lives: Mapping[Batch, Live | None]) -> dict[Batch, Proposal]:
        made: dict[Batch, Proposal] = {of: drafts(store, of, "new")(attempt, lives[of]) for of in days}
        return made | {days[1]: wrong}

    first, second, third = published_together(store, days, make).values()
    assert second is wrong and manifest.read(store, days[1]) is None
    assert all(isinstance(each, Published) and each.changed for each in (first, third))
    assert not unnamed(store, days)


def test_a_run_that_ends_between_two_days_leaves_each_old_or_new(daybook: Daybook, store: Store, batch: Batch) -> None:
    days = three(batch)
    for of in days:
        published(store, of, drafts(store, of, "old"))

    def make(attempt: Attempt, lives: Mapping[Batch, Live | None]) -> dict[Batch, Proposal]:
        return {of: drafts(store, of, "new")(attempt, live) for of, live in lives.items()}

    def ends() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        published_together(Overtaken(daybook.lake.endpoint, ends, reply_lost=False), days, make)
    assert [content(store, of) for of in days] == ["new", "old", "old"]
    assert not [name for name in unnamed(store, days) if str(DAY) not in name]


def test_a_table_that_was_kept_stays_though_somebody_deletes_the_manifest_meanwhile(
    daybook: Daybook, store: Store, request: pytest.FixtureRequest
) -> None:
    batch = Batch("bronze", f"{daybook.lake.bronze}/{request.node.name}", "_postgres", DAY)

    def of(table: str, attempt: Attempt) -> DraftTable:
        dataset = batch.dataset(table)
        name = f"{attempt.folder(dataset)}/part-0"
        store.put_if_unchanged(name, table.encode(), None)
        staged = Staged(dataset, dataset.base, (File(name, len(table), 1),), 1, {"a": "string"}, 0.1)
        return DraftTable(staged, {"rows": 1})

    def whole(attempt: Attempt, _: Live | None) -> Draft:
        return Draft({name: of(name, attempt) for name in ("users", "groups")}, {}, {})

    def alone(attempt: Attempt, live: Live | None) -> Draft:
        if live is None:
            raise DataError("nothing to keep")
        store.delete([batch.manifest])
        kept = {"users": live.manifest.tables["users"]}
        return Draft({"groups": of("groups", attempt)}, {}, {}, kept=kept)

    first = published(store, batch, whole).live
    with pytest.raises(DataError, match="nothing to keep"):
        published(store, batch, alone)
    assert objects(store, batch) == set(first.manifest.all_files)
    store.put(batch.manifest, first.manifest.to_json(batch.root))
    now = published(
        store, batch, lambda attempt, live: replace(alone_again(live), tables={"groups": of("groups", attempt)})
    ).live
    assert now.manifest.tables["users"] == first.manifest.tables["users"]
    assert now.manifest.tables["groups"] != first.manifest.tables["groups"]
    assert objects(store, batch) == {batch.manifest, *now.manifest.all_files}


def alone_again(live: Live | None) -> Draft:
    assert live
    return Draft({}, {}, {}, kept={"users": live.manifest.tables["users"]})
