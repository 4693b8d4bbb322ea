"""An object store of a test's own, of the kind it wants: buckets, accounts, and nothing in them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local import settings, state
from local.accounts import objectstore
from local.servers import cassandra, postgres
from local.servers.ports import choose
from local.stack import STORES
from toolchain import stores


@dataclass(frozen=True)
class OwnStore:
    """A running store, and the settings of its accounts."""

    name: str
    admin: Mapping[str, str]
    etl: Mapping[str, str]
    loader: Mapping[str, str]


@contextmanager
def own_store(name: str, home: Path) -> Iterator[OwnStore]:
    """A store of this kind until the block ends."""
    if not stores.program(name).exists():
        stores.make(name)
    kept, server = state.load(home), STORES[name]
    servers = (postgres, cassandra, server)  # the others are not started
    kept.store, kept.ports = name, choose([port for each in servers for port in each.PORT_NAMES], {})
    accounts = {account: _of_store(settings.of(account, home, "", kept)) for account in settings.FILES}
    admin = accounts["admin"]
    user = objectstore.user_of(name, home, admin)
    process = server.process(home)
    server.start(home, stores.program(name), kept)
    try:
        process.wait_until(lambda: objectstore.ready(admin), server.START_SECONDS)
        objectstore.create(admin, user, kept.secrets["store_etl"], kept.secrets["store_loader"])
        yield OwnStore(name, **accounts)
    finally:
        process.stop()


def _of_store(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith("AWS_")}
