"""What the DAG makes of the end of a Spark job: which line says why, and whether another try can help."""

import pytest

from dags.daybook_tasks.exit_codes import is_final, last_line

OWN = "2025-03-02T08:00:00Z ERROR failed (exit 3): silver users 2025-03-01: failed: see there -- next: correct it"
FOR_IT = "2025-03-02T08:00:00Z ERROR failed: Spark's JVM ended before the job did -- next: run the same command again"
AS_JSON = '{"time": "2025-03-02T08:00:00Z", "level": "error", "message": "failed (exit 3): x", "exit": 3}'
OTHER = "ERROR Job 0 failed: stage 1"


def test_the_jobs_own_last_line_is_told_though_others_follow_or_speak_of_failures() -> None:
    assert last_line([OTHER, OWN, "shutting down"]) == OWN
    assert last_line([OTHER, FOR_IT, "shutting down"]) == FOR_IT
    assert last_line([OTHER, AS_JSON, "shutting down"]) == AS_JSON
    assert last_line(["starting", OTHER]) == OTHER


@pytest.mark.parametrize(
    ("code", "told", "final"),
    [(2, OWN, True), (3, OWN, True), (1, OWN, False), (3, FOR_IT, False), (2, OTHER, True), (137, FOR_IT, False)],
)
def test_a_code_is_final_unless_it_is_the_jvms(code: int, told: str, final: bool) -> None:
    assert is_final(code, told) is final
