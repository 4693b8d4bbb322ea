"""Set-up: everything the stack and the jobs are made of, fetched or built side by side, once."""

import fcntl
import json
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from toolchain import class_archive, jars, places, python_envs, stores, tools
from toolchain.report import LocalError, say, step

RECORD = places.CHECKOUT_STATE / "toolchain.json"
LOCKS_USED = (*python_envs.NAMES, "build", "tools")
JARS_USED = ("spark", "cassandra", "readers")


@dataclass(frozen=True)
class Toolchain:
    """Where the programs are that set-up found or made."""

    stamp: str
    java_home: str
    postgres_bin: str
    cassandra_jars: str

    def complete(self) -> bool:
        """Whether this is what set-up would make today, and all of it is still there."""
        made = [self.java_home, self.postgres_bin, self.cassandra_jars]
        made += [str(places.python(name)) for name in python_envs.NAMES]
        return self.stamp == current_stamp() and all(Path(path).exists() for path in made)


def current_stamp() -> str:
    """Return the digest of all that decides what set-up makes."""
    files = [python_envs.lock_file(name) for name in LOCKS_USED]
    facts = (str(places.cache()), str(places.ROOT), str(sys.version_info[:2]))
    return places.fingerprint([*files, jars.LOCK_FILE, class_archive.RUN], *facts)


def load() -> Toolchain:
    """Return the recorded toolchain, for callers that need it made already."""
    found = _recorded()
    if found is None:
        raise LocalError(f"{RECORD} is missing or out of date; run: make setup")
    return found


def _recorded() -> Toolchain | None:
    try:
        found = Toolchain(**json.loads(RECORD.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return found if found.complete() else None


def ensure() -> None:
    """Make the toolchain, and the store that is wanted, unless they are there; one set-up at a time per checkout."""
    store = stores.chosen(places.state_home())
    if _recorded() and stores.program(store).exists():
        return
    places.SETUP_LOGS.mkdir(parents=True, exist_ok=True)
    with (places.CHECKOUT_STATE / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _recorded() is None:
            RECORD.write_text(json.dumps(asdict(_make(store)), indent=2))
        elif not stores.program(store).exists():
            _make_store(store)


def _make(store: str) -> Toolchain:
    """Run the independent parts side by side; the slow ones (MinIO, jars) start as early as they can."""
    say(f"setting up; logs in {places.SETUP_LOGS}; the first time takes minutes")
    _timed("uv", python_envs.uv)
    java, postgres = tools.machine_java_home(), tools.machine_postgres_bin()
    store_made, jars_made = stores.program(store).exists(), not jars.missing(*JARS_USED)
    has_go = store_made or not stores.needs_go(store) or tools.machine_go()
    with ThreadPoolExecutor(max_workers=8) as pool:
        envs = {name: pool.submit(_environment, name) for name in python_envs.NAMES}
        complete = bool(java and postgres and has_go)
        wheels = None if complete else pool.submit(_timed, "Java, PostgreSQL, Go", tools.install_wheels)

        def make_store() -> None:
            _wait(wheels)
            _make_store(store)

        def fetch_jars() -> None:
            _wait(envs["spark"])  # the Ivy in it knows where Maven Central is
            _timed("jars of Spark, Cassandra and JDBC", lambda: jars.download(*JARS_USED))

        seeds = pool.submit(python_envs.cache_seeds)
        missing = [] if store_made else [pool.submit(make_store)]
        missing += [] if jars_made else [pool.submit(fetch_jars)]
        _wait(wheels, seeds, *envs.values(), *missing)
    _timed("jars and settings put into pyspark", jars.install)
    java_home = java or tools.wheel_java_home()
    _timed("archive of Spark's classes", lambda: class_archive.build(java_home))
    return Toolchain(
        stamp=current_stamp(),
        java_home=str(java_home),
        postgres_bin=str(postgres or tools.wheel_postgres_bin()),
        cassandra_jars=str(jars.cached("cassandra")),
    )


def _make_store(name: str) -> None:
    _timed(stores.TITLES[name], lambda: stores.make(name))


def _environment(name: str) -> None:
    _timed(f"environment {name}", lambda: python_envs.build(name))


def _timed(title: str, work: Callable[[], object]) -> None:
    """Run one part; say at once that it failed, for the others may go on for minutes."""
    try:
        with step(title):
            work()
    except BaseException:
        say(f"  {title:<58} failed (the other parts go on)")
        raise


def _wait(*parts: Future[None] | None) -> None:
    """Wait for parts (None: not needed on this machine), raising the first failure."""
    for part in parts:
        if part is not None:
            part.result()
