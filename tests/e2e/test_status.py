"""Which lifecycle rules would take live files, and what `make status` warns of."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from daybook.errors import UsageError
from daybook.lake import lifecycle
from local import status
from local.accounts import objectstore
from tests.kit.harness import Daybook


@contextmanager
def rules(daybook: Daybook, bucket: str, *given: Any) -> Iterator[None]:
    """A bucket with these lifecycle rules until the block ends."""
    store = objectstore.connect(daybook.stack.settings("admin"))
    store.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [*given]})
    try:
        yield
    finally:
        store.delete_bucket_lifecycle(Bucket=bucket)


def warned(daybook: Daybook, **changes: str) -> list[str]:
    """The warnings for a lake that no other test is in."""
    return list(status.what_may_be_lost(daybook.stack.settings("etl") | daybook.own_lake("status") | changes))


def harmful(daybook: Daybook, account: str = "etl") -> list[str]:
    """The rules of the bronze bucket that would take files of this file's own lake, as an account reads them."""
    client = objectstore.connect(daybook.stack.settings(account))
    return lifecycle.told(client, daybook.own_lake("status")["DAYBOOK_BRONZE"])


def rule(name: str, prefix: str, **does: Any) -> dict[str, Any]:
    return {"ID": name, "Status": "Enabled", "Filter": {"Prefix": prefix}, **does}


def test_a_rule_that_would_delete_live_files_is_named_with_its_bucket_and_prefix(daybook: Daybook) -> None:
    expiry = rule("tidy", "test_status/users/", Expiration={"Days": 30})
    elsewhere = rule("other", "elsewhere/", Expiration={"Days": 1})
    old = rule("versions", "test_status/", NoncurrentVersionExpiration={"NoncurrentDays": 1})
    assert harmful(daybook) == []
    with rules(daybook, "bronze", expiry, elsewhere, old):
        assert harmful(daybook) == [
            "bucket bronze, rule 'tidy' (prefix 'test_status/users/') deletes live files after 30 days"
        ]


def test_rules_that_may_not_be_read_are_said_to_be_unknown(daybook: Daybook) -> None:
    with pytest.raises(UsageError) as refused:
        harmful(daybook, "loader")
    unknown = (
        "bucket bronze: its lifecycle rules are not known (AccessDenied; the right is s3:GetLifecycleConfiguration)"
    )
    assert str(refused.value) == unknown
    assert refused.value.then.startswith("grant this account s3:GetLifecycleConfiguration")


def test_a_warehouse_elsewhere_is_not_warned_of(daybook: Daybook) -> None:
    assert warned(daybook, DUCKDB_PATH="/srv/daybook/analytics.duckdb") == []


def test_a_warehouse_in_tmp_is_said_to_be_gone_after_the_next_start(daybook: Daybook) -> None:
    (line,) = warned(daybook, DUCKDB_PATH="/tmp/duckdb/analytics.duckdb")
    assert line.startswith("/tmp/duckdb/analytics.duckdb lies in /tmp, which most machines empty when they start")
    assert line.endswith("python jobs/load_duckdb.py --rebuild")
