"""The credentials of the object store, found by Python's client, also for the driver's JVM.

Both look in the same places, but Java's client knows fewer of them: no single sign-on, no file that AWS_CONFIG_FILE,
AWS_SHARED_CREDENTIALS_FILE or AWS_SECRET_ACCESS_KEY_FILE names. Executors on other machines get nothing: they have a
role or an environment of their own.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyspark import SparkContext

from daybook.errors import DaybookError
from daybook.lake.store import Store
from daybook.log import log

# What Java's client reads each time it signs. Spark shows properties of such names to nobody (spark.redaction.regex).
_PROPERTIES = ("aws.accessKeyId", "aws.secretKey", "aws.sessionToken")
_RENEW_SECONDS = 60.0  # those of a role are renewed a quarter of an hour before they end


@contextmanager
def lent(store: Store) -> Iterator[None]:
    """Let the driver's JVM use the store's credentials, renewed when they are, until the block ends."""
    over = threading.Event()
    _lend(store)
    renewer = threading.Thread(target=_renew, args=(store, over), daemon=True)
    renewer.start()
    try:
        yield
    finally:
        over.set()
        renewer.join()
        jvm: Any = SparkContext._jvm
        for name in _PROPERTIES:
            jvm.java.lang.System.clearProperty(name)


def _renew(store: Store, over: threading.Event) -> None:
    while not over.wait(_RENEW_SECONDS):
        try:
            _lend(store)
        except DaybookError as error:  # those lent before may yet do
            log.warning("credentials are not renewed: %s", error)


def _lend(store: Store) -> None:
    jvm: Any = SparkContext._jvm
    for name, value in zip(_PROPERTIES, store.credentials(), strict=True):
        if value:
            jvm.java.lang.System.setProperty(name, value)
