"""PostgreSQL over TLS, by libpq and by JDBC: a mode and a CA mean the same to both, on a real server."""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from local.accounts import postgres as accounts
from local.servers import postgres
from tests.kit import authority as kit
from tests.kit.authority import authority
from tests.kit.harness import Daybook, Driver, until
from tests.kit.sources import refused, succeeds

OVER_TLS = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
NAMED_BY_CERTIFICATE, ANOTHER_NAME = "127.0.0.1", "localhost"


@pytest.fixture(scope="module")
def authorities(daybook: Daybook, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The CA that signed the certificate of the run's server, which speaks TLS until the tests end, and another CA."""
    folder = tmp_path_factory.mktemp("authorities")
    ours, other = authority(folder / "ours"), authority(folder / "other")
    certificate = postgres.folder(daybook.stack.home) / "data" / "server.pem"
    certificate.write_bytes(ours["server"].read_bytes())
    certificate.chmod(0o600)
    if user := postgres.identity().get("user"):
        shutil.chown(certificate, user)
    files = {name: "'server.pem'" for name in ("ssl_cert_file", "ssl_key_file")}
    _change(daybook, *(f"SET {name} = {value}" for name, value in {"ssl": "on", **files}.items()))
    try:
        until(lambda: _speaks_tls(daybook), "PostgreSQL speaks TLS")
        yield {"ours": ours["ca"], "other": other["ca"]}
    finally:
        _change(daybook, *(f"RESET {name}" for name in ("ssl", *files)))
        until(lambda: not _speaks_tls(daybook), "PostgreSQL speaks no TLS")


def _change(daybook: Daybook, *changes: str) -> None:
    with closing(daybook.postgres("admin")) as server, server.cursor() as run:
        server.autocommit = True
        for change in changes:
            run.execute(f"ALTER SYSTEM {change}")
        run.execute("SELECT pg_reload_conf()")


def _speaks_tls(daybook: Daybook) -> bool:
    admin = daybook.stack.settings("admin") | {"PGSSLMODE": "prefer"}
    with closing(accounts.connect(admin)) as server, server.cursor() as run:
        run.execute(OVER_TLS)
        return bool((run.fetchone() or ())[0])


def settings_of(
    authorities: dict[str, Path], home: Path, mode: str, named: str | None, in_home: str | None, host: str
) -> dict[str, str]:
    """The settings of a job with this CA, if any, named, and this one in its home."""
    if in_home:
        (home / ".postgresql").mkdir()
        shutil.copy(authorities[in_home], home / ".postgresql" / "root.crt")
    where = {"HOME": str(home), "PGHOST": host, "PGSSLMODE": mode}
    return where | ({"PGSSLROOTCERT": str(authorities[named])} if named else {})


@pytest.mark.parametrize(
    ("mode", "named", "in_home", "host", "both"),
    [
        ("disable", None, None, NAMED_BY_CERTIFICATE, "plain"),
        ("disable", "ours", "other", NAMED_BY_CERTIFICATE, "plain"),
        ("allow", None, None, NAMED_BY_CERTIFICATE, "plain"),
        ("prefer", None, None, NAMED_BY_CERTIFICATE, "TLS"),
        ("prefer", "other", None, NAMED_BY_CERTIFICATE, "TLS"),
        ("prefer", None, "other", NAMED_BY_CERTIFICATE, "TLS"),
        ("require", None, None, ANOTHER_NAME, "TLS"),
        ("require", "ours", None, ANOTHER_NAME, "TLS"),
        ("require", "other", None, NAMED_BY_CERTIFICATE, "refused"),
        ("require", None, "ours", ANOTHER_NAME, "TLS"),
        ("require", None, "other", NAMED_BY_CERTIFICATE, "refused"),
        ("require", "ours", "other", NAMED_BY_CERTIFICATE, "TLS"),
        ("verify-ca", "ours", None, ANOTHER_NAME, "TLS"),
        ("verify-ca", "other", "ours", NAMED_BY_CERTIFICATE, "refused"),
        ("verify-ca", None, "ours", NAMED_BY_CERTIFICATE, "TLS"),
        ("verify-full", "ours", None, NAMED_BY_CERTIFICATE, "TLS"),
        ("verify-full", "ours", None, ANOTHER_NAME, "refused"),
        ("verify-full", None, "other", NAMED_BY_CERTIFICATE, "refused"),
    ],
)
def test_libpq_and_jdbc_are_let_in_the_same_way_or_neither_is(
    driver: Driver,
    authorities: dict[str, Path],
    tmp_path: Path,
    mode: str,
    named: str | None,
    in_home: str | None,
    host: str,
    both: str,
) -> None:
    asking = replace(driver, jobs=Path(kit.__file__).parent)
    ended = asking.run("ask_postgres", **settings_of(authorities, tmp_path, mode, named, in_home, host))
    succeeds(ended)
    assert dict(re.findall(r" (libpq|JDBC): (\w+)$", ended.output, re.MULTILINE)) == {"libpq": both, "JDBC": both}


def test_a_certificate_of_the_client_that_lies_in_the_home_is_read_by_neither(
    driver: Driver, authorities: dict[str, Path], tmp_path: Path
) -> None:
    changes = settings_of(authorities, tmp_path, "verify-full", None, "ours", NAMED_BY_CERTIFICATE)
    (tmp_path / ".postgresql" / "postgresql.crt").write_bytes(authorities["ours"].read_bytes())  # without its key
    ended = replace(driver, jobs=Path(kit.__file__).parent).run("ask_postgres", **changes)
    succeeds(ended)
    assert dict(re.findall(r" (libpq|JDBC): (\w+)$", ended.output, re.MULTILINE)) == {"libpq": "TLS", "JDBC": "TLS"}


def test_a_day_is_extracted_over_tls_by_the_name_in_the_certificate_and_refused_by_another(
    daybook: Daybook, driver: Driver, authorities: dict[str, Path], tmp_path: Path
) -> None:
    lake = daybook.own_lake("postgres_tls")
    changes = settings_of(authorities, tmp_path, "verify-full", "ours", None, ANOTHER_NAME)
    where = daybook.postgres_address.replace(NAMED_BY_CERTIFICATE, ANOTHER_NAME)
    line = (
        f'server certificate for "{NAMED_BY_CERTIFICATE}" (and 1 other name) does not match host name "{ANOTHER_NAME}"'
    )
    then = "correct PGSSLROOTCERT or PGSSLMODE, or the server's certificate"
    ended = driver.run("extract_postgres", "--ds", "2025-03-01", **lake, **changes)
    refused(ended, 2, f"{where}: {line} -- next: {then}")
    succeeds(driver.run("extract_postgres", "--ds", "2025-03-01", **lake, **changes | {"PGHOST": NAMED_BY_CERTIFICATE}))
