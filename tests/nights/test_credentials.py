"""Keys are optional: a profile, a web identity, a container's or an instance's role open the object store, too."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from benchmarks import event_log
from daybook.contracts import FIGURE_TABLES, SOURCE_TABLES
from daybook.lake import manifest
from tests.kit import credentials as kit
from tests.kit.harness import SPARK_JOBS, Daybook, Driver, Ended
from tests.kit.own_sources import good_row, own_sources
from tests.kit.processes import CommandLines

DAY = date(2025, 1, 28)
KINDS = ("environment", "profile", "web identity", "container", "instance")
STATIC = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@dataclass(frozen=True)
class Given:
    """Temporary keys of the jobs' account, the environments that lead to them, and sources with a row per table."""

    keys: kit.Keys
    environments: dict[str, dict[str, str]]
    sources: dict[str, str]


@pytest.fixture(scope="module")
def given(daybook: Daybook, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    keys, folder = kit.temporary(daybook, "etl"), tmp_path_factory.mktemp("credentials")
    with kit.metadata(keys) as address, own_sources(daybook, "credentials") as sources:
        for table in SOURCE_TABLES:
            sources.insert(table, [good_row(table, 1, datetime(2025, 1, 28, 12, tzinfo=UTC))])
        yield Given(keys, kit.kinds(keys, address, folder), sources.settings)


def without_keys(daybook: Daybook, **changes: str) -> dict[str, str]:
    """An environment in which no static key is, and no home in which a file could be."""
    return dict.fromkeys(STATIC, "") | {"HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "false"} | changes


def leaks(
    daybook: Daybook, given: Given, kind: str, jobs: Iterable[str], lake: dict[str, str], folder: Path
) -> list[str]:
    """Run jobs, the load and the verification with what a kind leads to; says where any of its keys was seen."""
    env = without_keys(daybook, **given.environments[kind])
    with CommandLines().watched() as lines, daybook.driver(**env) as driver:
        for words in jobs:
            job, *arguments = words.split()
            settings = lake | given.sources | {"DAYBOOK_EVENT_LOG": str(folder)}
            succeeds(driver.run(job, "--ds", str(DAY), *arguments, **settings))
        succeeds(daybook.load("--ds", str(DAY), **env, **lake))
        succeeds(daybook.verify("--ds", str(DAY), **env, **lake))
    roots = [lake[f"DAYBOOK_{layer}"] for layer in ("BRONZE", "SILVER", "GOLD")]
    names = {name for root in roots for name in daybook.stored(root)}
    bodies = [stored.body.decode() for name in names if name.endswith(".json") and (stored := daybook.store.get(name))]
    written = {
        "command lines": "\n".join(lines.seen),
        "event logs": "\n".join(line for log in folder.glob("*.zstd") for line in event_log.lines(log)),
        "manifests": "\n".join(bodies),
    }
    assert all(written.values()), written.keys()
    secrets = (given.keys.access_key, given.keys.secret_key, given.keys.token)
    return [where for where, text in written.items() if any(secret in text for secret in secrets)]


@pytest.fixture(scope="module")
def day(daybook: Daybook, given: Given, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The lake of a day that went through all jobs by an instance's role, which left its keys nowhere."""
    lake = daybook.own_lake("credentials")
    assert leaks(daybook, given, "instance", SPARK_JOBS, lake, tmp_path_factory.mktemp("events")) == []
    return lake


def test_a_day_through_all_jobs_by_an_instances_role_is_whole(daybook: Daybook, day: dict[str, str]) -> None:
    for table in FIGURE_TABLES:
        live = manifest.read(daybook.store, daybook.batch("gold", table.name, DAY, **day))
        assert live and live.manifest.tables[table.name].rows == 1


@pytest.mark.parametrize("kind", KINDS[:-1])
def test_spark_reads_and_writes_and_python_loads_and_verifies_and_no_key_is_seen(
    daybook: Daybook, given: Given, day: dict[str, str], tmp_path: Path, kind: str
) -> None:
    own = day | {"DUCKDB_PATH": daybook.own_lake(f"credentials_{kind.split()[0]}")["DUCKDB_PATH"]}
    again = daybook.batch("gold", FIGURE_TABLES[0].name, DAY, **day)
    before = manifest.read(daybook.store, again)
    assert leaks(daybook, given, kind, [f"gold --table {again.name} --force"], own, tmp_path) == []
    after = manifest.read(daybook.store, again)
    assert before and after and after.manifest.version == before.manifest.version + 1


def succeeds(ended: Ended) -> None:
    assert ended.code == 0, ended.output


def test_keys_that_are_set_win(daybook: Daybook, given: Given) -> None:
    wrong = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
    ended = daybook.load("--ds", str(DAY), **given.environments["container"], **wrong)
    assert ended.code == 2 and "InvalidAccessKeyId" in ended.last_line, ended.output


NONE = (
    "no credentials: none in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a web identity, a container's or "
    "an instance's role -- next: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine "
    "or pod a role (local stack: `. .local/env`)"
)
REFUSED = {
    "none at all": ({}, NONE),
    "half of them": (
        {"AWS_ACCESS_KEY_ID": "a"},
        "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY -- next: set both AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, or none",
    ),
    "a profile that is not there": (
        {"AWS_PROFILE": "home"}, "The config profile (home) could not be found -- next: correct AWS_PROFILE or unset it"
    ),
    "a file that is none": (
        {"AWS_CONFIG_FILE": "{file}"},
        "Unable to parse config file: {file} -- next: correct the file (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, "
        "~/.aws)",
    ),
    "no region": (
        {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu west"},
        "Provided region_name 'eu west' doesn't match a supported format. -- next: correct AWS_REGION",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("job", ["silver", "load_duckdb"])
def test_what_leads_to_no_credentials_is_told_in_one_line_before_spark_starts(
    daybook: Daybook, driver: Driver, tmp_path: Path, job: str, what: str
) -> None:
    (tmp_path / "config").write_text("[work\nno")
    changes, told = REFUSED[what]
    file = str(tmp_path / "config")
    env = without_keys(daybook, AWS_EC2_METADATA_DISABLED="true")
    env |= {name: value.format(file=file) for name, value in changes.items()}
    ended = driver.run(job, "--ds", str(DAY), **env) if job == "silver" else daybook.load("--ds", str(DAY), **env)
    assert ended.code == 2, ended.output
    store = f"object store {daybook.stack.settings('etl')['AWS_ENDPOINT_URL_S3']}"
    assert ended.last_line == f"failed (exit 2): {store}: {told.format(file=file)}"
    assert "Spark UI" not in ended.output and "Traceback" not in ended.output
