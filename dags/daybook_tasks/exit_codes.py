"""What a job's exit code says about another try."""

from subprocess import CalledProcessError
from typing import Any

from airflow.sdk import RetryDecision, RetryPolicy

# Wrong arguments or settings; data that broke a contract: running the same again ends the same.
FINAL = (2, 3)


class NoRetryOfFinal(RetryPolicy):
    """Fail at once where a Python job's exit code says that a retry cannot help; else as the task is set up."""

    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Any = None) -> RetryDecision:
        """Judge the failure of an attempt."""
        if isinstance(exception, CalledProcessError) and exception.returncode in FINAL:
            return RetryDecision.fail(f"exit code {exception.returncode}: the job's last line above says what to mend")
        return RetryDecision.default()
