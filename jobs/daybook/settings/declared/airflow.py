"""What Airflow's processes read of ours beside the jobs' settings: the DAG, which imports nothing of the jobs."""

from daybook.contracts.setting import Setting

_LOADER = "Stands for `{}` in load_duckdb, for an account that reads gold only. So does any setting with the prefix."

AIRFLOW = (
    Setting(
        "DAYBOOK_SPARK_ENV", "The folder of the Spark environment.", "path", unset="the checkout's `.local/envs/spark`"
    ),
    Setting(
        "DAYBOOK_DUCKDB_ENV", "The folder of the DuckDB environment.", "path", unset="each run builds one from its lock"
    ),
    Setting(
        "DAYBOOK_PAGE_ENV", "The folder of the page's environment.", "path", unset="each run builds one from its lock"
    ),
    Setting(
        "DAYBOOK_DUCKDB_CLAIM",
        "The volume claim of the DuckDB file, mounted at `/tmp/duckdb` in the pods of load_duckdb and page, and to read"
        " in that of verify.",
    ),
    Setting("DAYBOOK_LOADER_AWS_ACCESS_KEY_ID", _LOADER.format("AWS_ACCESS_KEY_ID")),
    Setting("DAYBOOK_LOADER_AWS_SECRET_ACCESS_KEY", _LOADER.format("AWS_SECRET_ACCESS_KEY"), secret=True),
    Setting(
        "DAYBOOK_CONNECTIONS",
        "Which [connections](airflow.md#connections) give accounts, with commas between them: of daybook_postgres,"
        " daybook_cassandra, daybook_store, daybook_store_loader.",
    ),
    Setting(
        "DAYBOOK_NOTIFY_CONN",
        "The id of the connection that the [night's message](airflow.md#one-message-a-night) goes by.",
        unset="no message",
    ),
    Setting(
        "DAYBOOK_NOTIFY", "`always`: a message for each night, not only for those that are not good.", "choice",
        choices=("always",),
    ),
    Setting(
        "DAYBOOK_RETRY_SECONDS",
        "The delay before a task's first retry. It doubles with each, to half an hour at most.", "whole", "120",
        high=86_400,
    ),
)  # fmt: skip
