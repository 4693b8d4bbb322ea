"""An account that is a number without a name and has no home, as a container's often is: each job works."""

from dataclasses import replace

import pytest

from tests.kit.harness import FIRST, Daybook, Ended
from tests.kit.sources import succeeds

NAMELESS = ["env", "-u", "HOME", "unshare", "-U", "--map-user=12345", "--map-group=12345"]


@pytest.fixture
def nameless(daybook: Daybook) -> Daybook:
    """Jobs run by that account."""
    return replace(daybook, under=NAMELESS)


def test_an_account_without_a_name_extracts_and_makes_silver(nameless: Daybook) -> None:
    lake = nameless.own_lake("nameless")
    succeeds(nameless.submit("extract_postgres", "--ds", FIRST, **lake))
    succeeds(nameless.submit("silver", "--ds", FIRST, "--table", "users", **lake))


def test_an_account_without_a_name_reads_cassandra(nameless: Daybook) -> None:
    lake = nameless.own_lake("nameless")
    table = ("--table", "user_purchases")
    succeeds(nameless.submit("extract_cassandra", "--ds", FIRST, *table, **lake))


def test_an_account_without_a_name_or_a_folder_for_temporary_files_loads_and_verifies(
    nameless: Daybook, three_days: dict[str, Ended]
) -> None:
    changes = {"DUCKDB_PATH": nameless.own_lake("nameless")["DUCKDB_PATH"], "TMPDIR": "/nonexistent"}
    succeeds(nameless.load("--rebuild", **changes))
    succeeds(nameless.verify("--ds", FIRST, **changes))
