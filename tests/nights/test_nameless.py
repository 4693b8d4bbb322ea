"""An account that is a number without a name and has no home, as a container's often is: each job works."""

from tests.kit.harness import FIRST, Daybook, Ended
from tests.kit.sources import succeeds

NAMELESS = ["env", "-u", "HOME", "unshare", "-U", "--map-user=12345", "--map-group=12345"]


def test_an_account_without_a_name_extracts_and_makes_silver(daybook: Daybook) -> None:
    lake = daybook.own_lake("nameless")
    succeeds(daybook.submit("extract_postgres", "--ds", FIRST, under=NAMELESS, **lake))
    succeeds(daybook.submit("silver", "--ds", FIRST, "--table", "users", under=NAMELESS, **lake))


def test_an_account_without_a_name_reads_cassandra(daybook: Daybook) -> None:
    lake = daybook.own_lake("nameless")
    table = ("--table", "user_purchases")
    succeeds(daybook.submit("extract_cassandra", "--ds", FIRST, *table, under=NAMELESS, **lake))


def test_an_account_without_a_name_or_a_folder_for_temporary_files_loads_and_verifies(
    daybook: Daybook, three_days: dict[str, Ended]
) -> None:
    changes = {"DUCKDB_PATH": daybook.own_lake("nameless")["DUCKDB_PATH"], "TMPDIR": "/nonexistent"}
    succeeds(daybook.load("--rebuild", under=NAMELESS, **changes))
    succeeds(daybook.verify("--ds", FIRST, under=NAMELESS, **changes))
