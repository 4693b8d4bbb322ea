"""What jobs ask the store to delete, as the store tells it: their own attempts and dead files, and nothing else.

The same is asked at the end of the whole run (`kit/fixtures.py`).
"""

from datetime import date

import pytest

from daybook.lake.agent import agent
from daybook.lake.store import Store
from tests.kit.deletes import Deletes
from tests.kit.harness import FIRST, Daybook, Driver

CLIENTS = ("Boto3", "Hadoop")


@pytest.fixture
def own(daybook: Daybook, request: pytest.FixtureRequest) -> dict[str, str]:
    return daybook.own_lake(request.node.name[5:25])


def test_every_delete_of_a_job_bears_its_name_by_both_clients_and_is_its_own(
    daybook: Daybook, driver: Driver, deletes: Deletes, own: dict[str, str]
) -> None:
    ran = {"extract_postgres": "--refresh", "extract_cassandra": "--refresh", "silver": "--force", "gold": "--force"}
    for job, again in ran.items():
        for arguments in ((), (again,)):
            ended = driver.run(job, "--ds", FIRST, *arguments, **own)
            assert ended.code == 0, ended.output
    deletes.settle(daybook.lake.endpoint, "gold")
    for job in ran:
        layer = "bronze" if job.startswith("extract") else job
        place = own[f"DAYBOOK_{layer.upper()}"]
        of_job = [delete for delete in deletes.of(job) if place in delete.agent]
        clients = {client for client in CLIENTS for delete in of_job if client in delete.agent}
        assert clients == {*CLIENTS}, job
        dead = [delete.name for delete in of_job if "/_attempts/" not in delete.name]
        assert dead and all(name.startswith(f"{place}/") for name in dead), f"{job} took away what it replaced"
    assert deletes.foreign() == []


def test_a_job_that_deleted_what_is_not_its_own_would_be_found(
    daybook: Daybook, deletes: Deletes, own: dict[str, str]
) -> None:
    name = f"{daybook.lake.silver}/users/1999-01-01/users.parquet/none"
    as_job = agent("silver", [date.fromisoformat(FIRST)], [own["DAYBOOK_SILVER"]])
    Store(daybook.lake.endpoint, as_job).delete([name])
    deletes.settle(daybook.lake.endpoint, "gold")
    [found] = deletes.foreign()
    assert found.endswith(f"{as_job}: {name}")
    deletes.found[:] = [delete for delete in deletes.found if delete.name != name]


def test_jobs_that_only_read_the_store_ask_for_no_delete(
    daybook: Daybook, driver: Driver, deletes: Deletes, own: dict[str, str]
) -> None:
    assert driver.run("day", "--ds", FIRST, **own).code == 0
    assert daybook.load("--ds", FIRST, **own).code == 0
    assert daybook.verify("--ds", FIRST, **own).code == 0
    assert daybook.page(FIRST, **own).code == 0
    assert daybook.by_duckdb("rejected", "--ds", FIRST, "--table", "users", **own).code == 0
    deletes.settle(daybook.lake.endpoint, "gold")
    assert deletes.of("load_duckdb", "verify", "page", "rejected") == []
