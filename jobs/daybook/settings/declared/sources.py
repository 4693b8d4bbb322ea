"""Where the two databases are, who reads them, and how carefully."""

from daybook.contracts.setting import Setting

POSTGRES = (
    Setting("PGHOST", "The one server: a name or an address, no socket and no balancer.", required=True),
    Setting("PGPORT", "Its port.", "whole", "5432", low=1, high=65535),
    Setting("PGDATABASE", "The database.", required=True),
    Setting("PGUSER", "The role that reads.", required=True),
    Setting("PGPASSWORD", "Its password.", required=True, secret=True),
    Setting("PGPASSFILE", "A file of passwords in libpq's form, for its owner only, instead of `PGPASSWORD`.", "file"),
    Setting(
        "PGSSLMODE",
        "How TLS is used, as libpq reads it. `require` with a CA counts as `verify-ca`.",
        "choice", "prefer", choices=("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    ),
    Setting(
        "PGSSLROOTCERT", "The CA that signed the server's certificate.", "file",
        unset="[the CA of the home](sources.md)",
    ),
    Setting("PGSSLCERT", "The client's own certificate, as PEM. It needs `PGSSLKEY`.", "file"),
    Setting(
        "PGSSLKEY",
        "The key of `PGSSLCERT`, for its owner only: PKCS #8 as DER, without a password, as both clients read it"
        " ([how to make it](sources.md)).",
        "file",
    ),
    Setting("PG_SCHEMA", "The schema of the tables.", default="public"),
)  # fmt: skip
CASSANDRA = (
    Setting("CASSANDRA_HOSTS", "Some of the nodes, with commas between them.", required=True),
    Setting("CASSANDRA_PORT", "Their port.", "whole", "9042", low=1, high=65535),
    Setting("CASSANDRA_KEYSPACE", "The keyspace of the tables.", required=True),
    Setting("CASSANDRA_USERNAME", "The role that reads.", required=True),
    Setting("CASSANDRA_PASSWORD", "Its password.", required=True, secret=True),
    Setting("CASSANDRA_LOCAL_DC", "The data centre whose nodes are asked.", default="datacenter1"),
    Setting(
        "CASSANDRA_CONSISTENCY", "How many replicas must agree on what is read.", "choice", "LOCAL_QUORUM",
        choices=("LOCAL_ONE", "ONE", "LOCAL_QUORUM", "QUORUM", "ALL"),
    ),
    Setting("CASSANDRA_SSL_TRUSTSTORE", "The truststore with the nodes' CA.", "file", unset="no TLS"),
    Setting("CASSANDRA_SSL_TRUSTSTORE_PASSWORD", "The truststore's password.", secret=True),
    Setting("CASSANDRA_SSL_KEYSTORE", "The keystore with the client's own certificate and its key.", "file"),
    Setting("CASSANDRA_SSL_KEYSTORE_PASSWORD", "The keystore's password.", secret=True),
)  # fmt: skip
