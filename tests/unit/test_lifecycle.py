"""Which lifecycle rules would take live files away; `tests/e2e/test_status.py` asks a real store."""

from datetime import UTC, datetime
from typing import Any

import pytest

from daybook.lake.lifecycle import harms

AFTER = {"Expiration": {"Days": 30}}
ALL: dict[str, Any] = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (ALL | AFTER, "'old' (prefix '') deletes live files after 30 days"),
        (ALL | {"Expiration": {"Days": 1}}, "'old' (prefix '') deletes live files after 1 day"),
        (
            ALL | {"Expiration": {"Date": datetime(2025, 3, 1, tzinfo=UTC)}},
            "'old' (prefix '') deletes live files on 2025-03-01",
        ),
        ({"Status": "Enabled", "Prefix": ""} | AFTER, "'without an id' (prefix '') deletes live files after 30 days"),
        (
            ALL | {"Filter": {"And": {"Prefix": "lake/users/", "ObjectSizeGreaterThan": 9}}} | AFTER,
            "'old' (prefix 'lake/users/') deletes live files after 30 days",
        ),
        (ALL | {"Filter": {"Prefix": "la"}} | AFTER, "'old' (prefix 'la') deletes live files after 30 days"),
        (
            ALL
            | {"Transitions": [{"Days": 9, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}]},
            "'old' (prefix '') moves live files to GLACIER after 90 days: no job can read them",
        ),
    ],
)
def test_a_rule_that_takes_live_files_away_is_told(rule: dict[str, Any], said: str) -> None:
    assert list(harms(rule, "lake/")) == [said]


@pytest.mark.parametrize(
    "rule",
    [
        ALL | AFTER | {"Status": "Disabled"},
        ALL | AFTER | {"Filter": {"Prefix": "other/"}},
        ALL | AFTER | {"Filter": {"Prefix": "lake/_runs/"}},
        ALL | AFTER | {"Filter": {"Tag": {"Key": "kind", "Value": "scratch"}}},
        ALL | AFTER | {"Filter": {"And": {"Prefix": "", "Tags": [{"Key": "kind", "Value": "scratch"}]}}},
        ALL | {"Expiration": {"ExpiredObjectDeleteMarker": True}},
        ALL | {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
        ALL | {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
        ALL | {"Transitions": [{"Days": 1, "StorageClass": "GLACIER_IR"}]},
    ],
)
def test_a_rule_that_leaves_live_files_alone_is_not(rule: dict[str, Any]) -> None:
    assert list(harms(rule, "lake/")) == []
