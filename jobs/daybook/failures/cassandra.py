"""What failures of Cassandra's driver and connector mean, by the class of the exception."""

from collections.abc import Sequence

from daybook.errors import WHEN_UP, DataError, DaybookError, RetryableError, UsageError
from daybook.failures import causes, words
from daybook.failures.causes import Cause
from daybook.settings import Cassandra

DRIVER = "com.datastax."
_API = "com.datastax.oss.driver.api.core."
_SHADED = "com.datastax.oss.driver.shaded.netty.handler."
_READ_FAILURE = f"{_API}servererrors.ReadFailureException"
_TOO_MANY_TOMBSTONES = 1  # of the reasons a replica gives (CQL protocol, section 9)
_BUSY = "run the same command again when the cluster is less busy"
_TLS = "correct CASSANDRA_SSL_TRUSTSTORE, or unset it for a cluster without TLS"
_CERTIFICATES = "correct CASSANDRA_SSL_TRUSTSTORE, or CASSANDRA_SSL_KEYSTORE if the nodes ask for a certificate"
_GRANT = "as an administrator of Cassandra: GRANT SELECT ON KEYSPACE {keyspace} TO {username}"
_NODES = "see that all nodes are up (nodetool status), or lower CASSANDRA_CONSISTENCY, then run the same command again"
_REFUSED = "see what the cluster does not allow (a guardrail of cassandra.yaml?)"
THRESHOLD = "tombstone_failure_threshold"
COMPACT = (
    "when the table's gc_grace_seconds are over, nodetool compact {table}, or raise the threshold in cassandra.yaml; "
    "then run the same command again"
)

# Of what a failure is, with what is said instead of its own words, which stay only where they are of names and numbers
# of nodes. The first that is in the chain counts: a node that is there and refuses is quoted among the many words for
# others that are gone.
CLASSES: Sequence[tuple[str, type[DaybookError], str | None, str]] = (
    (f"{_API}auth.AuthenticationException", UsageError, "login of {username} refused",
     "correct CASSANDRA_USERNAME or CASSANDRA_PASSWORD"),
    (f"{_API}servererrors.UnauthorizedException", UsageError, None, _GRANT),
    (f"{_API}servererrors.UnavailableException", RetryableError, None, _NODES),
    (f"{_API}servererrors.ReadTimeoutException", RetryableError, None, _BUSY),
    (f"{_API}servererrors.OverloadedException", RetryableError, None, _BUSY),
    (f"{_API}servererrors.BootstrappingException", RetryableError, None, WHEN_UP),
    (f"{_API}servererrors.QueryValidationException", UsageError, None, _REFUSED),
    (f"{_API}servererrors.", RetryableError, "{name}", "see the cluster's log, then run the same command again"),
    (f"{_API}DriverTimeoutException", RetryableError, None, _BUSY),
    (f"{_API}UnsupportedProtocolVersionException", UsageError, None, "read a Cassandra of version 3.11 or later"),
    (f"{_API}InvalidKeyspaceException", DataError, None, "correct CASSANDRA_KEYSPACE"),
    ("com.datastax.spark.connector.util.ConfigCheck$ConnectorConfigurationException", UsageError,
     "no node in data centre {local_dc}", "correct CASSANDRA_LOCAL_DC"),
    (f"{_SHADED}ssl.NotSslRecordException", UsageError, "does not speak TLS", _TLS),
    ("javax.net.ssl.SSLException", UsageError, "TLS failed", _CERTIFICATES),
    (f"{_API}NoNodeAvailableException", RetryableError, "not reached", WHEN_UP),
    (f"{_API}AllNodesFailedException", RetryableError, "not reached", WHEN_UP),
    (f"{_API}connection.", RetryableError, "not reached", WHEN_UP),
    ("java.nio.channels.ClosedChannelException", RetryableError, "not reached", WHEN_UP),
    ("java.net.SocketException", RetryableError, "not reached", WHEN_UP),
)  # fmt: skip


def of_java(settings: Cassandra, found: Sequence[Cause]) -> DaybookError:
    """The failure that the driver's or the connector's own exception tells of."""
    names = {name: getattr(settings, name) for name in ("username", "keyspace", "local_dc")}
    if any(words.TRUSTSTORE in cause.message for cause in found):
        if settings.keystore:
            line = f"{settings.where}: truststore {settings.truststore} or keystore {settings.keystore} cannot be read"
            return UsageError(line, then="correct CASSANDRA_SSL_TRUSTSTORE, CASSANDRA_SSL_KEYSTORE or their passwords")
        line = f"{settings.where}: truststore {settings.truststore} cannot be read"
        return UsageError(line, then="correct CASSANDRA_SSL_TRUSTSTORE or CASSANDRA_SSL_TRUSTSTORE_PASSWORD")
    for name, kind, said, then in CLASSES:
        if cause := causes.last(found, name):
            text = said.format(name=cause.name, **names) if said else cause.reason
            return kind(f"{settings.where}: {text}", then=then.format(**names))
    return RetryableError(f"{settings.where}: {found[-1].name}", then=WHEN_UP)


def too_many_tombstones(found: Sequence[Cause]) -> bool:
    """Whether a replica gave up reading over what was deleted or has expired."""
    failure = causes.last(found, _READ_FAILURE)
    return failure is not None and _TOO_MANY_TOMBSTONES in failure.java.getReasonMap().values()
