"""Where the two databases are, who reads them, and when."""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from daybook.errors import UsageError
from daybook.log import log
from daybook.settings import passfile
from daybook.settings.environment import check_private, file, optional, text, told, whole
from daybook.settings.one_client import check_postgres


@dataclass(frozen=True)
class Postgres:
    """Where PostgreSQL is, who reads it (libpq's own variables), and how long it waits for tables in use."""

    host: str
    port: int
    database: str
    user: str
    password: str
    schema: str
    sslmode: str
    sslrootcert: str | None
    lock_wait_seconds: int
    sslcert: str | None = None
    sslkey: str | None = None

    @property
    def jdbc_url(self) -> str:
        """Where it is, in JDBC's words: there a name is read as part of an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"jdbc:postgresql://{host}:{self.port}/{quote(self.database, safe='')}"

    @property
    def where(self) -> str:
        """The server and the account, as an error names them."""
        return f"PostgreSQL {self.host}:{self.port}/{self.database} as {self.user}"


UNPROVEN = ("disable", "allow", "prefer", "require")


def postgres(env: Mapping[str, str] = os.environ) -> Postgres:
    """PostgreSQL's settings.

    Raises:
        UsageError: one is missing or malformed.
    """
    check_postgres(env)
    sslmode, sslrootcert = _tls(env)
    sslcert, sslkey = _together(env, "PGSSLCERT", "PGSSLKEY")
    host, port, database, user = _one_host(env), whole(env, "PGPORT"), text(env, "PGDATABASE"), text(env, "PGUSER")
    return Postgres(
        host=host,
        port=port,
        database=database,
        user=user,
        password=passfile.password(env, host, port, database, user) or _password(env, sslcert),
        schema=text(env, "PG_SCHEMA"),
        sslmode=sslmode,
        sslrootcert=sslrootcert,
        lock_wait_seconds=whole(env, "DAYBOOK_LOCK_WAIT_SECONDS"),
        sslcert=sslcert,
        sslkey=sslkey,
    )


def _tls(env: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the TLS mode, and the CA that signed the server's certificate; none if the mode does not check that.

    Both are as libpq reads them, whose CA is that of the home if no other is named. JDBC would know another home, and
    would not check the server with `require`.

    Raises:
        UsageError: one is malformed, or the mode checks the server and no CA is named.
    """
    mode, named = text(env, "PGSSLMODE"), file(env, "PGSSLROOTCERT")
    authority = named or _authority_of_home(env)
    if mode == "require" and authority:
        mode = "verify-ca"
    if mode in UNPROVEN:
        if named:
            log.warning("PGSSLMODE=%s does not check the server by PGSSLROOTCERT: verify-ca and verify-full do", mode)
        return mode, None
    if not authority:
        line = f"setting PGSSLROOTCERT is missing: PGSSLMODE={mode} checks the server by it"
        raise UsageError(line, then="name the CA that signed the server's certificate by PGSSLROOTCERT")
    return mode, authority


def _authority_of_home(env: Mapping[str, str]) -> str | None:
    """Where libpq looks: in HOME, else in the account's own home; what it may not look at is not there."""
    home = env.get("HOME")
    if not home:
        try:
            home = pwd.getpwuid(os.geteuid()).pw_dir
        except KeyError:  # an account that is a number without a name
            return None
    there = Path(home, ".postgresql", "root.crt")
    return str(there) if os.path.isfile(there) else None


def _password(env: Mapping[str, str], certificate: str | None) -> str:
    """Who has a certificate need not have a password, too: what the server asks for, its pg_hba.conf says."""
    return (optional(env, "PGPASSWORD") or "") if certificate else text(env, "PGPASSWORD")


def _together(env: Mapping[str, str], certificate: str, key: str) -> tuple[str | None, str | None]:
    """A certificate of the client's and its key: both or neither."""
    found = file(env, certificate), file(env, key)
    if (found[0] is None) != (found[1] is None):
        there, missing = (certificate, key) if found[0] else (key, certificate)
        raise UsageError(f"setting {there} is there without {missing}", then=f"export {missing}=…, or unset {there}")
    if found[1]:
        check_private(key, found[1], roots_group=True)
    return found


def _one_host(env: Mapping[str, str]) -> str:
    """A socket's folder or a list is right for libpq; Spark's partitions would find neither, or another server."""
    host = text(env, "PGHOST")
    if host.startswith(("/", "@")) or "," in host:
        line = f"{told('PGHOST', host)} is not the name of one host, and Spark reads by TCP from one server"
        raise UsageError(line, then="name the host, such as localhost")
    return host


@dataclass(frozen=True)
class Cassandra:
    """Where Cassandra is, who reads it and how carefully."""

    hosts: str
    port: int
    keyspace: str
    username: str
    password: str
    local_dc: str
    consistency: str
    truststore: str | None
    truststore_password: str | None
    keystore: str | None = None
    keystore_password: str | None = None

    @property
    def where(self) -> str:
        """The server, as an error names it."""
        return f"Cassandra {self.hosts}:{self.port}"


def cassandra(env: Mapping[str, str] = os.environ) -> Cassandra:
    """Cassandra's settings.

    Raises:
        UsageError: one is missing or malformed.
    """
    truststore = file(env, "CASSANDRA_SSL_TRUSTSTORE")
    for name in ("TRUSTSTORE_PASSWORD", "KEYSTORE", "KEYSTORE_PASSWORD"):
        given = optional(env, f"CASSANDRA_SSL_{name}")
        if given and not truststore:  # who has one of them means TLS, and without the truststore there is none
            line = f"setting CASSANDRA_SSL_{name} is there without CASSANDRA_SSL_TRUSTSTORE"
            raise UsageError(line, then=f"name the truststore, or unset CASSANDRA_SSL_{name}: then there is no TLS")
    return Cassandra(
        hosts=text(env, "CASSANDRA_HOSTS"),
        port=whole(env, "CASSANDRA_PORT"),
        keyspace=text(env, "CASSANDRA_KEYSPACE"),
        username=text(env, "CASSANDRA_USERNAME"),
        password=text(env, "CASSANDRA_PASSWORD"),
        local_dc=text(env, "CASSANDRA_LOCAL_DC"),
        consistency=text(env, "CASSANDRA_CONSISTENCY"),
        truststore=truststore,
        truststore_password=optional(env, "CASSANDRA_SSL_TRUSTSTORE_PASSWORD"),
        keystore=file(env, "CASSANDRA_SSL_KEYSTORE"),
        keystore_password=optional(env, "CASSANDRA_SSL_KEYSTORE_PASSWORD"),
    )


def settle(env: Mapping[str, str] = os.environ) -> timedelta:
    """How long after a day's end an extraction waits for late writes."""
    return timedelta(minutes=whole(env, "DAYBOOK_SETTLE_MINUTES"))
