"""Settings that one client of a server understands and the other does not: with them the two would part.

PostgreSQL is asked by libpq and by JDBC, the object store by boto3 and by Hadoop's S3A.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

from daybook.errors import UsageError

# Name → the client that reads it, and what both read instead.
POSTGRES = {
    "PGHOSTADDR": "PGHOST",
    "PGSERVICE": "PGHOST, PGPORT, PGDATABASE and PGUSER",
    "PGTARGETSESSIONATTRS": "PGHOST for the one server",
    "PGLOADBALANCEHOSTS": "PGHOST for the one server",
    "PGOPTIONS": "ALTER ROLE … SET",
    "PGREQUIRESSL": "PGSSLMODE",
    "PGREQUIREAUTH": "pg_hba.conf",
    "PGCHANNELBINDING": "PGSSLMODE=verify-full",
    "PGSSLNEGOTIATION": "PGSSLMODE",
    "PGSSLMINPROTOCOLVERSION": "ssl_min_protocol_version of the server",
    "PGSSLMAXPROTOCOLVERSION": "ssl_max_protocol_version of the server",
    "PGSSLCRL": "PGSSLROOTCERT with a CA of its own",
    "PGSSLCRLDIR": "PGSSLROOTCERT with a CA of its own",
}
STORE = {
    "AWS_SECURITY_TOKEN": ("boto3", "AWS_SESSION_TOKEN"),
    "AWS_USE_FIPS_ENDPOINT": ("boto3", "AWS_ENDPOINT_URL_S3"),
    "AWS_USE_DUALSTACK_ENDPOINT": ("boto3", "AWS_ENDPOINT_URL_S3"),
    "AWS_ACCESS_KEY": ("S3A", "AWS_ACCESS_KEY_ID"),
    "AWS_SECRET_KEY": ("S3A", "AWS_SECRET_ACCESS_KEY"),
}
ENDPOINT = "AWS_ENDPOINT_URL"  # refused unless AWS_ENDPOINT_URL_S3 is set, which beats it


def check_postgres(env: Mapping[str, str]) -> None:
    """See that libpq reads nothing from the environment that JDBC does not know.

    Raises:
        UsageError: it does.
    """
    for name, instead in POSTGRES.items():
        if env.get(name):
            raise _of_one("PostgreSQL", name, "libpq", instead)


def check_store(env: Mapping[str, str], endpoint: str | None) -> None:
    """See that boto3 and S3A find the same store, keys and way.

    Raises:
        UsageError: a setting leads one of them elsewhere.
    """
    if env.get(ENDPOINT) and not endpoint:
        raise _of_one("the object store", ENDPOINT, "boto3", "AWS_ENDPOINT_URL_S3")
    for name, (client, instead) in STORE.items():
        if env.get(name) and env[name].lower() != "false":
            raise _of_one("the object store", name, client, instead)
    _check_no_proxy(env, endpoint or "https://s3.amazonaws.com")


def _of_one(server: str, name: str, client: str, instead: str) -> UsageError:
    line = f"setting {name} is understood by one client of {server} only: {client}"
    return UsageError(line, then=f"unset {name}; for both there is {instead}")


def _check_no_proxy(env: Mapping[str, str], endpoint: str) -> None:
    """Of `.example.com` boto3 takes all hosts, S3A none; of `*.example.com` the reverse."""
    url, proxies = urlsplit(endpoint), getproxies_environment()
    spared = env.get("no_proxy") or env.get("NO_PROXY") or ""
    host = url.hostname or ""
    by_boto3 = bool(proxy_bypass_environment(host, {"no": spared}))
    if url.scheme in proxies and by_boto3 != any(fnmatchcase(host, each) for each in spared.split(",")):
        line = (
            f"setting NO_PROXY is read by boto3 in one way and by S3A in another: one of them asks a proxy for {host}"
        )
        raise UsageError(line, then=f"name {host} itself in NO_PROXY, or both .domain and *.domain, without blanks")
