"""Places that settings name must lie apart: a run replaces and deletes in its own, and would do so in another's."""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from pathlib import Path, PurePath, PurePosixPath
from urllib.parse import unquote, urlsplit

from daybook.errors import UsageError
from daybook.settings import beside
from daybook.settings.declared import DECLARED
from daybook.settings.environment import path
from daybook.settings.warehouse import duckdb_path
from daybook.settings.watching import event_log, metrics_file

_EVENT_LOG, _WAREHOUSE, _METRICS = "DAYBOOK_EVENT_LOG", "DUCKDB_PATH", "DAYBOOK_METRICS_FILE"
# Files that are only read: they may lie anywhere, but must not be one that is written.
_READ = (
    "DAYBOOK_EXCHANGE_RATES", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGPASSFILE", "CASSANDRA_SSL_TRUSTSTORE",
    "CASSANDRA_SSL_KEYSTORE", *(f"{name}_FILE" for name, setting in DECLARED.items() if setting.secret),
    "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE",
)  # fmt: skip

Places = dict[str, list[PurePath]]


def check_apart(env: Mapping[str, str], layers: Mapping[str, str]) -> None:
    """See that no place in which a run writes equals another's or lies in it; `layers` are the lake's, by setting.

    Links are followed, and slashes at the end of a name count for nothing.

    Raises:
        UsageError: two do, or a file that is written is one that is read.
    """
    written: Places = {setting: [_of_store(name)] for setting, name in layers.items()}
    if log := event_log(env):
        written[_EVENT_LOG] = list(_of_event_log(log))
    warehouse = duckdb_path(env)
    if warehouse.resolve() == beside.folder(warehouse):
        line = f"setting {_WAREHOUSE}={str(warehouse)!r} is the folder of its own pages"
        raise UsageError(line, then="give the file another name")
    written[_WAREHOUSE] = list(beside.of_loads(warehouse))
    if metrics := metrics_file(env):
        written[_METRICS] = [metrics.resolve(), metrics.with_name(f".{metrics.name}.lock").resolve()]
    values = {**env, **layers, _WAREHOUSE: str(warehouse)}
    for first, second in combinations(written, 2):
        for one, other in product(written[first], written[second]):
            if one.is_relative_to(other) or other.is_relative_to(one):
                raise _shared((first, values[first], one), (second, values[second], other))
    for reads in filter(env.get, _READ):
        file = (path(env, reads) or Path()).resolve()
        for writes, places in written.items():
            if file in places:
                raise _shared((reads, values[reads], file), (writes, values[writes], file))


def _of_store(name: str) -> PurePath:
    """`s3a://bucket/key`, in which no slash is one too many."""
    return PurePosixPath("s3a:", name.removeprefix("s3a://"))


def _of_event_log(name: str) -> Iterator[PurePath]:
    """Where Spark keeps its event log; nothing for a file system that nothing else of Daybook's is in."""
    if name.startswith("s3a://"):
        yield _of_store(name)
    elif name.startswith("file:"):
        yield Path(unquote(urlsplit(name).path)).resolve()
    elif "://" not in name:
        yield Path(name).resolve()


def _shared(one: tuple[str, str, PurePath], other: tuple[str, str, PurePath]) -> UsageError:
    """Two settings, their values and the places that are one, or one in the other."""
    inner, outer = sorted((one[2], other[2]), key=lambda place: len(place.parts), reverse=True)
    how = f"{_told(inner)} lies in {_told(outer)}" if inner != outer else f"{_told(inner)} is the place of both"
    settings = " and ".join(f"{setting}={value!r}" for setting, value, _ in (one, other))
    return UsageError(f"settings {settings}: {how}", then="give each a place of its own, none inside another")


def _told(place: PurePath) -> str:
    return str(place).replace("s3a:/", "s3a://", 1)
