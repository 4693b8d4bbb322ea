"""The files that hand settings to shells, and who may see which secret."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from local import settings, status
from local.state import SECRETS, State, load, save
from toolchain import places


@pytest.fixture
def state() -> State:
    ports = {"postgres": 1, "cassandra": 2, "cassandra_storage": 3, "minio": 4}
    return State(ports, {name: f"secret of {name}" for name in SECRETS})


def test_a_shell_reads_back_every_character(tmp_path: Path) -> None:
    hostile = 'it\'s "$HOME" `id` \\ #é'
    settings.write(tmp_path / "env", {"A": hostile, "B": ""})
    shell = subprocess.run(["sh", "-c", '. "$0"; printf "%s|%s" "$A" "$B"', tmp_path / "env"], capture_output=True)
    assert shell.stdout.decode() == f"{hostile}|"
    assert settings.read(tmp_path / "env") == {"A": hostile, "B": ""}


def test_files_with_secrets_are_the_owners_alone(tmp_path: Path, state: State) -> None:
    (tmp_path / "env").write_text("left by an earlier version, readable by all")
    settings.write(tmp_path / "env", {"A": "b"})
    save(tmp_path, state)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"env": 0o600, "state.json": 0o600}


def test_passwords_and_ports_survive_a_restart(tmp_path: Path, state: State) -> None:
    save(tmp_path, state)
    assert load(tmp_path) == state


def test_each_stack_has_passwords_of_its_own(tmp_path: Path) -> None:
    assert len({*load(tmp_path).secrets.values(), *load(tmp_path).secrets.values()}) == 2 * len(SECRETS)


def test_the_loader_has_no_way_into_the_databases(tmp_path: Path, state: State) -> None:
    assert {name.split("_")[0] for name in settings.of("loader", tmp_path, "/java", state)} == {"AWS"}


def test_no_account_holds_the_secret_of_another(tmp_path: Path, state: State) -> None:
    values = [set(settings.of(account, tmp_path, "/java", state).values()) for account in settings.FILES]
    secrets = [{value for value in account if value.startswith("secret of")} for account in values]
    assert [len(account) for account in secrets] == [3, 1, 3]
    assert len(set.union(*secrets)) == len([name for name in SECRETS if not name.startswith("airflow_")])


def test_only_a_second_stack_moves_the_warehouse(tmp_path: Path, state: State) -> None:
    assert "DUCKDB_PATH" not in settings.of("etl", places.CHECKOUT_STATE, "/java", state)
    assert settings.of("etl", tmp_path, "/java", state)["DUCKDB_PATH"].startswith(str(tmp_path))


def test_secrets_are_masked(state: State) -> None:
    shown = list(status.in_force(settings.of("etl", Path("/x"), "/java", state)))
    assert any(line.endswith("********") for line in shown)
    assert not any("secret of" in line for line in shown)


def test_the_commands_of_make_are_read_without_the_jobs_which_a_contract_may_have_broken() -> None:
    asked = "import sys, local.__main__; print([name for name in sys.modules if name.partition('.')[0] == 'daybook'])"
    env = {"PYTHONPATH": str(places.ROOT / "jobs")}
    done = subprocess.run([sys.executable, "-c", asked], cwd=places.ROOT, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
