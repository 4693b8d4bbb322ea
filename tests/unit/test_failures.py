"""Each table of failures gives a next step that can help: another try only where it may pass."""

import pytest

from daybook.errors import RetryableError
from daybook.failures import cassandra, folders, postgres, spark, store
from daybook.failures.causes import Cause

AGAIN = "run the same command again"
STEPS = [
    *((f"PostgreSQL {state or 'unknown'}", *meaning) for state, meaning in postgres.STATES.items()),
    *((f"store {code}", *meaning) for code, meaning in store.CODES.items()),
    *((name, kind, then) for name, kind, _, then in cassandra.CLASSES),
    *((name, kind, then or kind.then) for name, kind, _, then in spark.CLASSES),
]


@pytest.mark.parametrize(("what", "kind", "then"), STEPS, ids=lambda value: value if isinstance(value, str) else "")
def test_only_what_may_pass_is_simply_run_again(what: str, kind: type, then: str) -> None:
    assert AGAIN in then or not issubclass(kind, RetryableError), "says how to continue"
    assert not then.startswith(AGAIN) or issubclass(kind, RetryableError), "nothing would have changed"


def test_the_longest_prefix_of_a_code_counts_and_an_unknown_one_may_pass() -> None:
    assert postgres.of_data("42P01", "s") == (
        f"repair the view or function that s's tables are made of (the server's log has its words), then {AGAIN}"
    )
    assert postgres.of_data("42501", "s") is None
    assert postgres.of_data("ZZ000", "s") is None


@pytest.mark.parametrize("name", ["org.postgresql.util.PSQLException", "java.net.ConnectException"])
def test_what_no_folder_is_to_blame_for_is_left_to_others(name: str) -> None:
    outer, inner = (
        Cause(None, (each,), "No space left on device") for each in ("org.apache.spark.SparkException", name)
    )
    assert folders.explained([outer, inner]) is None
