"""`spark-submit` of one of Daybook's jobs: the connection judged before anything starts, the exit code understood."""

import re
from typing import Any

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    BaseHook,
    Context,
)

from daybook_tasks import connections, places
from daybook_tasks.exit_codes import as_told, is_final, last_line

CONNECTION = "daybook_spark"
_MASTER = re.compile(r"local(\[(\*|[0-9]+)(, ?[0-9]+)?\])?|spark://[^/\s:]+:[0-9]+(,[^/\s:]+:[0-9]+)*|k8s://\S+")


class SparkJob(SparkSubmitOperator):
    """One job for the days from the first to the last of `days`, which are templates.

    Other than its parent it never falls back to `yarn` when the connection is missing or malformed, and it fails
    at once where a retry cannot help.
    """

    template_fields = (*SparkSubmitOperator.template_fields, "days")

    def __init__(self, *, job: str, days: tuple[str, str], **kwargs: Any) -> None:
        """Submit `jobs/<job>.py --ds <day>`, or `--from <first> --to <last>` where they differ."""
        super().__init__(
            application=places.job(job),
            name=f"daybook {job}",
            conn_id=CONNECTION,
            spark_binary=places.spark_submit(),
            properties_file=str(places.ROOT / "conf" / "spark-defaults.conf"),
            # The driver runs in this Python, and finds paths with accents in this locale. Nothing secret is among
            # them: with some engines they become arguments.
            env_vars={"PYSPARK_PYTHON": str(places.spark_environment() / "bin" / "python"), "LC_ALL": "C.UTF-8"},
            **kwargs,
        )
        self.job, self.days = job, days

    def execute(self, context: Context) -> None:
        """Submit and wait.

        Raises:
            AirflowFailException: the connection or the job's exit code says that a retry cannot help.
            AirflowException: the job failed otherwise.
        """
        first, last = self.days
        self.application_args = ["--ds", first] if first == last else ["--from", first, "--to", last]
        self.name = f"daybook {self.job} {first}" if first == last else f"daybook {self.job} {first} to {last}"
        self._check_connection()
        try:
            with connections.given(self.job):
                super().execute(context)
        except AirflowException as error:
            process = self._hook._submit_sp if self._hook else None
            if process is None or not process.returncode:
                raise
            lines = [line for line in self._hook._last_submit_log_lines if line.strip()] or ["it printed nothing"]
            told = last_line(lines)
            failure = AirflowFailException if is_final(process.returncode, told) else AirflowException
            raise failure(f"{self.job} ended with exit code {as_told(process.returncode)}: {told}") from error

    def _check_connection(self) -> None:
        example = '{"conn_type": "spark", "host": "local[*]"}'
        hint = f"define it as JSON, for example AIRFLOW_CONN_{CONNECTION.upper()}='{example}'"
        try:
            # What one engine needs and another does not, an image's name for example, stands in its connection.
            self.conf = {**(self.conf or {}), **BaseHook.get_connection(self._conn_id).extra_dejson.get("conf", {})}
        except AirflowNotFoundException:  # also what becomes of one that cannot be parsed
            raise AirflowFailException(f"connection {self._conn_id!r} does not exist or is malformed; {hint}") from None
        self._hook = self._get_hook()
        master = self._hook._connection["master"]
        if not _MASTER.fullmatch(master):
            raise AirflowFailException(
                f"connection {self._conn_id!r} gives master {master!r}, which is none of local[*], spark://host:port"
                f" and k8s://https://host:port; {hint}"
            )
