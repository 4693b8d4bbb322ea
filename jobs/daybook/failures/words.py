"""The words of messages that are still looked at, each with the reason: all else goes by code or by class."""

# libpq gives no code of a refused connection, and JDBC's for a certificate of another host is that of a lost line.
CERTIFICATE = "certificate"
# That the client's own is missing, PostgreSQL says by a code that has other reasons, too; that it is not trusted,
# OpenSSL says by a TLS alert.
OWN_CERTIFICATE = "client certificate"
NOT_OURS = "certificate authentication failed"
UNKNOWN_CA = "alert unknown ca"
# The connector throws a plain IOException for a table or keyspace that is not there.
NO_TABLE = "Couldn't find"
# What the driver's reflection throws for a truststore that cannot be opened is an IllegalArgumentException.
TRUSTSTORE = "ssl-engine-factory"
# Spark throws a plain IllegalArgumentException for a header that is not the one expected.
CSV_HEADER = "CSV header"
# Our own word, which Spark's raise_error carries through a plain RuntimeException.
NO_RATE = "no exchange rate of the day"
# Java 24 took away what Hadoop asks who the user is: an UnsupportedOperationException, of which there are many.
NO_SUBJECT = "getSubject is not supported"
# DuckDB throws its IOException for a file that somebody has open as for one that is damaged.
LOCKED = "set lock"
# Java gives an IOException without a code for a disk that is full.
NO_ROOM = "No space left on device"
