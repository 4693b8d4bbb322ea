"""### Daybook, every night.

The run of the night after day D (UTC) processes day D. For another look at a day, trigger the DAG with the parameter
`ds`; for a range of days, with `ds` and `to`, both included. Every task may be cleared, retried or run again at any time: what is done and unchanged is left alone, and
nothing is published half. Each failure ends with one line in the task's log: what, where, and the command that
continues (from the checkout, with the settings exported; or clear the task).

| task | makes | who needs it | failure costs | continue with |
|---|---|---|---|---|
| extract_postgres | bronze of the PostgreSQL tables, one snapshot | silver | a late day; after a week the source may have lost states of notifications | `spark-submit jobs/extract_postgres.py --ds D` |
| extract_cassandra | bronze of the Cassandra tables | silver | a late day; rows with a time to live may be gone | `spark-submit jobs/extract_cassandra.py --ds D` |
| silver | clean rows, and rejected rows with reasons | gold | a late day, no data | `spark-submit jobs/silver.py --ds D` |
| gold | what each user did, what each notification achieved | the loader | a late day, no data | `spark-submit jobs/gold.py --ds D` |
| load_duckdb | the analysts' file | analysts | they see the day before, whole | `python jobs/load_duckdb.py --ds D` |
| verify | nothing: walks the day's chain of proof | everybody | the day may not be what it says: nobody should use it | `python jobs/verify.py --ds D` |
| page | the day's page: may it be used? Also on a red night, which stays red | everybody | no page of the day; the night is what its steps were | `python jobs/page.py --ds D` |

A red **verify** under green tasks means that data is missing although its task ended well: its last line names the
link and the command. Exit codes 2 (settings) and 3 (the data broke a contract) are not retried: read the line, mend
the cause, clear the task. When **page** has ended, one message goes out if a task has failed, if the page is red or
warns of something, or if there is none (`DAYBOOK_NOTIFY_CONN`: `docs/airflow.md`); a failure that a retry has healed is
not told. What to do about rejected rows, refreshed days and late clicks: `docs/on-call.md`.
"""

from datetime import UTC, datetime, timedelta

from airflow.providers.common.compat.sdk import DAG, Param
from airflow.timetables.interval import CronDataIntervalTimetable
from daybook_tasks import assets, connections, notify, results, timing
from daybook_tasks.places import job, pages, warehouse
from daybook_tasks.pods import with_warehouse
from daybook_tasks.python_job import python_job
from daybook_tasks.spark_job import SparkJob

# Not `ds`: in a manual run that is the day on which somebody pressed the button. A run without a date has no interval.
_NIGHT = "((data_interval_start | default(none) or dag_run.run_after - macros.timedelta(days=1)) | ds)"
FIRST = f"{{{{ params.ds or {_NIGHT} }}}}"
LAST = f"{{{{ params.to or params.ds or {_NIGHT} }}}}"
FIRST_DAY = timing.first_day()
WORK = timedelta(hours=3)  # an extraction may wait before it, and for longer, as it is set
PAGES = (
    f"\nThe days' pages: [{pages()}]({pages().as_uri()}/index.html) on the machine or the volume of the DuckDB file.\n"
)


def day_param(title: str, description: str) -> Param:
    """A day that may be given when the DAG is triggered by hand."""
    form = {"type": ["null", "string"], "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    return Param(None, **form, title=title, description=description)


with DAG(
    dag_id="daybook_daily",
    doc_md=__doc__ + PAGES,
    description="PostgreSQL and Cassandra → bronze → silver → gold → DuckDB, proven, every night",
    # Named, and not "@daily": what that means, and with it which day a run processes, is a setting of Airflow's.
    schedule=CronDataIntervalTimetable("@daily", timezone="UTC"),
    start_date=FIRST_DAY or datetime(2025, 1, 1, tzinfo=UTC),
    catchup=FIRST_DAY is not None,
    max_active_runs=1,
    params={
        "ds": day_param("Day", "Process this UTC day (YYYY-MM-DD) instead of the one the run is for."),
        "to": day_param("Last day", "With a day: process all days from that one to this one, as one range."),
    },
    default_args={
        "retries": 3,
        "retry_delay": timing.before_a_retry(),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=30),
        "execution_timeout": WORK,
    },
    tags=["daybook"],
) as dag:
    # One slot each: a backfill beside the nightly run must neither double the load on a source nor meet it at the file.
    extractions = [
        SparkJob(
            task_id=f"extract_{source}",
            job=f"extract_{source}",
            days=(FIRST, LAST),
            pool=f"daybook_{source}",
            execution_timeout=WORK + timing.of_an_extraction(),
        )
        for source in ("postgres", "cassandra")
    ]
    silver = SparkJob(task_id="silver", job="silver", days=(FIRST, LAST))
    gold = SparkJob(task_id="gold", job="gold", days=(FIRST, LAST))
    load = python_job(
        task_id="load_duckdb",
        pool="daybook_duckdb",
        pre_execute=connections.before("load_duckdb"),
        executor_config=with_warehouse(),
    )
    verify = python_job(
        task_id="verify",
        pre_execute=connections.before("verify"),
        outlets=[*assets.GOLD.values(), assets.WAREHOUSE],
        post_execute=assets.tell_rows,
        executor_config=with_warehouse(read_only=True),
    )
    page = python_job(
        task_id="page",
        environment="page",
        pre_execute=connections.before("page"),
        outlets=[assets.PAGE],
        post_execute=assets.tell_verdict,
        on_success_callback=notify.page_made,
        on_failure_callback=notify.page_failed,
        executor_config=with_warehouse(),
    )
    loaded = load(job("load_duckdb"), FIRST, LAST, "DAYBOOK_LOADER_")
    verified = verify(job("verify"), FIRST, LAST, "", str(warehouse()), results.ROWS)
    extractions >> silver >> gold >> loaded >> verified
    # A teardown runs whatever became of the tasks before it, and has no part in what becomes of the run: that is
    # verify's, which has failed where any step has. It waits for the extractions, too: one may fail while the other runs.
    [*extractions, verified] >> page(job("page"), FIRST, LAST).as_teardown()
