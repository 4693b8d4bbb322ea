"""What a publication does with a try that fails: one day stops alone, several are made one by one, or the run ends."""

import logging
from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from daybook.errors import DataError, DaybookError, DayError, RetryableError
from daybook.lake.attempt import Draft, DraftTable, Staged
from daybook.lake.manifest import File
from daybook.lake.objects import ConflictError, Stored
from daybook.lake.paths import Batch
from daybook.lake.publish import Outcomes, Publication, Published, Try
from daybook.lake.store import Store

DAYS = [Batch("gold", "s3a://gold", "table", date(2025, 3, 1) + timedelta(days=n)) for n in range(3)]


class Objects(Store):
    """The object store's calls that a publication makes, on a dictionary."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get(self, uri: str) -> Stored | None:
        body = self.objects.get(uri)
        return None if body is None else Stored(body, f"etag of {hash(body)}")

    def put_if_unchanged(self, uri: str, body: bytes, etag: str | None) -> None:
        now = self.get(uri)
        if (now.etag if now else None) != etag:
            raise ConflictError(uri)
        self.objects[uri] = body

    def copy(self, source: str, target: str) -> None:
        self.objects[target] = self.objects[source]

    def sizes(self, folder: str) -> dict[str, int]:
        return {name: len(body) for name, body in self.objects.items() if name.startswith(f"{folder}/")}

    def delete(self, uris: list[str]) -> None:
        for uri in uris:
            self.objects.pop(uri, None)


def drafted(store: Objects, attempt: Try, batch: Batch) -> Draft:
    """A draft of one file, which bears the day."""
    dataset = batch.dataset("table")
    name = f"{attempt.folder(dataset)}/part-0"
    store.objects[name] = str(batch.day).encode()
    return Draft({"table": DraftTable(Staged(dataset, dataset.base, (File(name, 10, 1),), 1, {}, 0.1), {})}, {}, {})


def published(store: Objects, batches: list[Batch], failing: Mapping[Batch, Exception]) -> tuple[Outcomes, list[int]]:
    """What became of the batches, and how many were in each try; a try with a failing one fails for it."""
    publication, sizes = Publication(store, batches), []
    for attempt in publication.tries():
        with attempt:
            sizes.append(len(attempt.lives))
            drafts = {batch: drafted(store, attempt, batch) for batch in attempt.lives}
            for batch in attempt.lives:
                if batch in failing:
                    raise failing[batch]
            attempt.propose(drafts)
    return publication.outcomes, sizes


@pytest.mark.parametrize("wrong", [DataError("odd"), DayError("too many deleted rows")])
def test_of_several_days_that_fail_together_each_is_made_by_itself_and_the_one_that_fails_stops_alone(
    wrong: DaybookError, caplog: pytest.LogCaptureFixture
) -> None:
    store = Objects()
    with caplog.at_level(logging.INFO, "daybook"):
        outcomes, sizes = published(store, DAYS, {DAYS[1]: wrong})
    assert sizes == [3, 1, 1, 1] and list(outcomes) == DAYS and outcomes[DAYS[1]] is wrong
    first, last = outcomes[DAYS[0]], outcomes[DAYS[2]]
    assert isinstance(first, Published) and isinstance(last, Published) and first.changed and last.changed
    assert [record.getMessage() for record in caplog.records] == [
        f"gold table 2025-03-01 and 2 more days are made one by one now: {wrong}"
    ]
    live = {name for each in (first, last) for name in (each.batch.manifest, *each.live.manifest.all_files)}
    assert store.objects.keys() == live, "no attempt leaves a file"


@pytest.mark.parametrize("wrong", [RetryableError("a server is away"), RuntimeError("nobody knows")])
def test_a_failure_that_is_not_of_one_day_ends_the_run_and_leaves_nothing(wrong: Exception) -> None:
    store = Objects()
    with pytest.raises(type(wrong), match=str(wrong)):
        published(store, DAYS[:1], {DAYS[0]: wrong})
    assert not store.objects


def test_a_failure_that_is_none_of_ours_is_not_tried_one_by_one() -> None:
    with pytest.raises(RuntimeError, match="nobody knows"):
        published(Objects(), DAYS, {DAYS[1]: RuntimeError("nobody knows")})


def test_days_that_fail_once_together_and_once_alone_are_told_by_what_stopped_them_last() -> None:
    store, asked = Objects(), []
    publication = Publication(store, DAYS[:2])
    for attempt in publication.tries():
        with attempt:
            asked.append(list(attempt.lives))
            if len(asked) == 1:
                attempt.propose({DAYS[0]: drafted(store, attempt, DAYS[0])})
                raise RetryableError("for a moment")
            attempt.propose({DAYS[1]: DataError("odd")} if DAYS[1] in attempt.lives else {DAYS[0]: None})
    one, other = publication.outcomes.values()
    assert asked == [DAYS[:2], [DAYS[0]], [DAYS[1]]]
    assert isinstance(one, Published) and not one.changed and one.live.manifest.version == 1
    assert str(other) == "odd"
