"""What a job's exit code says about another try."""

from subprocess import CalledProcessError
from typing import Any

try:
    from airflow.sdk import RetryDecision, RetryPolicy
except ImportError:  # before Airflow 3.3 a Python job is tried again whatever its exit code
    RetryPolicy = None

# Wrong arguments or settings; data that broke a contract: running the same again ends the same.
FINAL = (2, 3)
# What the last line begins with when the job could not say it itself: then the code is its JVM's, and means other things.
SAID_FOR_IT = " failed: "


def is_final(code: int, last_line: str) -> bool:
    """Whether a Spark job that ended like this would end the same again."""
    return code in FINAL and SAID_FOR_IT not in last_line


def as_told(code: int) -> int:
    """An exit code as a shell tells it: 137 where Python has -9, of a process that a signal ended."""
    return code if code >= 0 else 128 - code


def no_retry_of_final() -> dict[str, Any]:
    """The argument of an operator that lets it fail at once where a Python job's exit code is final."""
    if RetryPolicy is None:
        return {}

    class NoRetryOfFinal(RetryPolicy):
        def evaluate(self, exception: BaseException, *_: Any, **__: Any) -> RetryDecision:
            if isinstance(exception, CalledProcessError) and exception.returncode in FINAL:
                return RetryDecision.fail(f"exit code {exception.returncode}: its last line above says what to mend")
            return RetryDecision.default()

    return {"retry_policy": NoRetryOfFinal()}
