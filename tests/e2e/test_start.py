"""A start of Spark uses the archive of its classes that set-up has made."""

from tests.kit.harness import Daybook
from tests.kit.sources import succeeds

ONLY_WITH_ARCHIVE = "-Xshare:on"  # the JVM does not start if it cannot use the archive that is named


def test_a_bare_spark_submit_starts_from_the_archive(daybook: Daybook) -> None:
    succeeds(daybook.submit("silver", "--help", SPARK_SUBMIT_OPTS=ONLY_WITH_ARCHIVE))


def test_an_archive_for_another_class_path_is_left_aside_without_a_word(daybook: Daybook) -> None:
    elsewhere = Daybook(daybook.stack, daybook.elsewhere, options=("--driver-class-path", str(daybook.elsewhere)))
    assert elsewhere.submit("silver", "--help", SPARK_SUBMIT_OPTS=ONLY_WITH_ARCHIVE).code == 1
    plain = elsewhere.submit("silver", "--help", SPARK_SUBMIT_OPTS="")
    assert plain.output == daybook.submit("silver", "--help", SPARK_SUBMIT_OPTS="").output and plain.code == 0
