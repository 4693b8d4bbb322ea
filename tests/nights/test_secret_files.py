"""A day by secrets that files hold: every job finds them, and they are in nothing that a run leaves."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks import event_log
from daybook.contracts import SOURCE_TABLES
from tests.kit.harness import FIRST, SMALL, Daybook
from tests.kit.processes import CommandLines
from tests.kit.sources import succeeds

SECRETS = ("PGPASSWORD", "CASSANDRA_PASSWORD", "AWS_SECRET_ACCESS_KEY")


@dataclass(frozen=True)
class Left:
    """What a day by secrets in files has left, by where it is."""

    texts: dict[str, str]
    secrets: list[str]


def in_files(folder: Path, env: dict[str, str], *names: str) -> dict[str, str]:
    """The settings by which the files hold these secrets, and the environment does not."""
    for name in names:
        (folder / name).write_text(f"{env[name]}\n")
    return {name: "" for name in names} | {f"{name}_FILE": str(folder / name) for name in names}


@pytest.fixture(scope="module")
def left(daybook: Daybook, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    folder, events = tmp_path_factory.mktemp("secrets"), tmp_path_factory.mktemp("events")
    lake, etl, loader = daybook.own_lake("secret_files"), daybook.env(), daybook.env("loader")
    files = SMALL | lake | in_files(folder, etl, *SECRETS)
    passfile = folder / "pgpass"
    passfile.write_text(f"*:*:*:{etl['PGUSER']}:{etl['PGPASSWORD']}\n")
    passfile.chmod(0o600)
    by_passfile = files | {"PGPASSWORD_FILE": "", "PGPASSFILE": str(passfile)}
    of_loader = lake | in_files(tmp_path_factory.mktemp("loader"), loader, "AWS_SECRET_ACCESS_KEY")
    with CommandLines().watched() as lines:
        runs = [
            daybook.submit("day", "--ds", FIRST, **files, DAYBOOK_EVENT_LOG=str(events)),
            daybook.load("--ds", FIRST, **of_loader),
            daybook.verify("--ds", FIRST, **files),
            daybook.page(FIRST, **files),
            daybook.submit("extract_postgres", "--ds", FIRST, "--refresh", **by_passfile),
        ]
    for run in runs:
        succeeds(run)
    names = [name for root in ("BRONZE", "SILVER", "GOLD") for name in daybook.stored(lake[f"DAYBOOK_{root}"])]
    bodies = [found.body.decode() for name in names if name.endswith(".json") and (found := daybook.store.get(name))]
    pages = (Path(lake["DUCKDB_PATH"]).parent / "daybook").rglob("*.*")
    texts = {
        "what jobs print": "\n".join(run.output for run in runs),
        "command lines": "\n".join(lines.seen),
        "event log": "\n".join(line for log in events.iterdir() for line in event_log.lines(log)),
        "manifests and records": "\n".join(bodies),
        "pages": "\n".join(path.read_text() for path in pages),
    }
    yield Left(texts, [*(etl[name] for name in SECRETS), loader["AWS_SECRET_ACCESS_KEY"]])


def test_a_day_goes_through_all_jobs_by_secrets_in_files(left: Left) -> None:
    assert all(f'"{table.name}"' in left.texts["manifests and records"] for table in SOURCE_TABLES)
    assert "verify done" in left.texts["what jobs print"]


@pytest.mark.parametrize("where", ["what jobs print", "command lines", "event log", "manifests and records", "pages"])
def test_no_secret_of_a_file_is_in_what_a_run_leaves(left: Left, where: str) -> None:
    assert left.texts[where]
    assert [secret for secret in left.secrets if secret in left.texts[where]] == []
