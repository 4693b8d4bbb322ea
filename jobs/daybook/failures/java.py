"""What a failure inside Spark means: the chain of Java's causes, told in one line that names the server."""

from daybook import settings
from daybook.errors import DaybookError, StrangeError
from daybook.failures import cassandra, causes, folders, postgres, spark, store


def explained(error: Exception) -> DaybookError | None:
    """A failure inside Spark as one of ours, or None when this is none.

    Rows travel from a database to the store: the database comes first.
    """
    found = causes.of(error)
    if not found:
        return None
    if folder := folders.explained(found):
        return folder
    if cause := causes.last(found, postgres.EXCEPTION):
        return postgres.of_java(settings.postgres(), cause)
    if causes.last(found, cassandra.DRIVER):
        return cassandra.of_java(settings.cassandra(), found)
    if causes.last(found, *store.CLIENTS):
        return store.of_java(settings.lake(of=()).where, found)
    return spark.explained(found) or StrangeError(f"Spark: {found[-1].name}")
