"""A run by hand over a day that is published: it processes the day before, and what is unchanged stays."""

from datetime import UTC, datetime, time

import pytest

from tests.kit.airflow import Airflow
from tests.kit.nights import Runs, nights

pytestmark = pytest.mark.timeout(3600)


def test_a_run_by_hand_processes_the_day_before_and_leaves_alone_what_is_unchanged(
    airflow: Airflow, runs: Runs
) -> None:
    run = airflow.trigger(datetime.combine(nights()[1], time(10), UTC).isoformat())
    airflow.ended(run)
    assert airflow.tasks(run)["silver"]["rendered_fields"]["days"] == [str(nights()[0])] * 2
    assert "0 tables published" in airflow.log(run, "gold", 1)
    assert f"verified {nights()[0]}" in airflow.log(run, "verify", 1)
