"""A setting is declared once: what is read is declared, and what is declared is what pages, DAG and status say."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dags.daybook_tasks import places as of_the_dag
from dags.daybook_tasks import timing
from daybook import settings
from daybook.contracts.setting import Setting
from daybook.settings import one_client
from local import settings_page, status
from local.servers import cassandra
from tests.kit.errors import is_secret
from toolchain.places import ROOT

DECLARED = settings.DECLARED
PYTHON = sorted(
    path for room in ("jobs", "dags", "local", "toolchain", "notebooks") for path in (ROOT / room).rglob("*.py")
)
OTHERS = sorted(path for room in ("conf", "deploy") for path in (ROOT / room).rglob("*") if path.is_file())
LOOKED_AT = {*one_client.POSTGRES, *one_client.STORE, one_client.ENDPOINT}  # only to be refused
FOREIGN = {  # other programs' variables
    "PATH", "HOME", "JAVA_HOME", "XDG_CACHE_HOME", "MAVEN_REPOSITORY", "PYSPARK_GATEWAY_PORT", "NO_PROXY", "no_proxy",
    "AIRFLOW_HOME", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
}  # fmt: skip
NAMED = re.compile(r"(?:DAYBOOK_|CASSANDRA_|AWS_|DUCKDB_|PG)[A-Z0-9_]+")
NO_VARIABLES = {"CASSANDRA_TABLES", "PG_VERSION"}  # a name in Python, a file of PostgreSQL's


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def read(source: str) -> Iterator[str]:
    """Texts that are names of our variables, and whatever is asked of the environment by a name that stands there."""
    for node in ast.walk(ast.parse(source)):
        asked: list[ast.expr] = []
        match node:
            case ast.Constant(value=str(text)) if NAMED.fullmatch(text):
                yield text
            case ast.Subscript(value=of, slice=found) if is_environment(of):
                asked = [found]
            case ast.Call(func=ast.Attribute(value=of), args=[found, *_]) if is_environment(of):
                asked = [found]
            case ast.Call(func=ast.Attribute(attr="getenv"), args=[found, *_]):
                asked = [found]
            case ast.Compare(left=found, comparators=[of]) if is_environment(of):
                asked = [found]
        yield from (found.value for found in asked if isinstance(found, ast.Constant) and isinstance(found.value, str))


def is_environment(node: ast.expr) -> bool:
    return ast.unparse(node) in ("os.environ", "environ", "env")


def undeclared(names: Iterator[str]) -> set[str]:
    """Those that nobody has declared; one that ends with _ begins the names of others."""
    known = DECLARED.keys() | LOOKED_AT | FOREIGN | NO_VARIABLES
    return {found for found in names if found not in known and not (found.endswith("_") and begins(found))}


def begins(start: str) -> bool:
    return any(known.startswith(start) for known in DECLARED)


def test_what_is_read_in_any_way_is_found() -> None:
    ways = ('os.environ["A"]', 'os.environ.get("B")', 'os.getenv("C")', '"D" in os.environ', 'text(env, "PGX")')
    assert set(read("\n".join(ways))) == {"A", "B", "C", "D", "PGX"}


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_variable_that_is_read_is_declared(path: Path) -> None:
    """In `jobs/daybook/settings/declared`, or with those that change a meaning in `contracts/meanings.py`."""
    assert undeclared(read(path.read_text())) == set()


@pytest.mark.parametrize("path", OTHERS, ids=name)
def test_a_variable_that_a_file_of_settings_names_is_declared(path: Path) -> None:
    assert undeclared(match.group() for match in re.finditer(rf"\b{NAMED.pattern}\b", path.read_text())) == set()


@pytest.mark.parametrize("setting", DECLARED.values(), ids=lambda setting: setting.name)
def test_a_declaration_is_whole(setting: Setting) -> None:
    assert setting.words.endswith((".", ")")) and setting.words[0].isupper() | (setting.words[0] == "`")
    assert not (setting.required and setting.default)
    assert (setting.low <= setting.high) and (setting.high > 0) == (setting.kind in ("whole", "hours"))
    assert bool(setting.choices) == (setting.kind == "choice") and bool(setting.like) >= bool(setting.pattern)
    if setting.default and setting.kind not in ("path", "file"):
        assert settings.environment.value({}, setting.name) == setting.value(setting.default)
    holds = is_secret(setting.name) and not setting.name.endswith("_FILE")
    assert setting.secret == holds or setting.name == "AWS_SESSION_TOKEN"


def test_beside_every_secret_of_a_job_there_is_one_that_names_its_file() -> None:
    secrets = {name for name, setting in DECLARED.items() if setting.secret and "_LOADER_" not in name}
    files = {name for name in DECLARED if name.removesuffix("_FILE") in DECLARED and name.endswith("_FILE")}
    assert len(secrets) == 6 and {name.removesuffix("_FILE") for name in files} == secrets


def test_no_two_declarations_are_of_one_name() -> None:
    assert len(DECLARED) == sum(map(len, settings.GROUPS.values()))


def test_the_page_of_settings_is_the_one_that_the_declarations_give() -> None:
    assert settings_page.PAGE.read_text(encoding="utf-8") == settings_page.page(), "run: make dictionary"


@pytest.mark.parametrize("name", [*DECLARED, *sorted(LOOKED_AT)])
def test_a_setting_has_its_line_in_the_page_of_settings(name: str) -> None:
    lines = settings_page.PAGE.read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.startswith(f"| `{name}` |")]) == 1, "run: make dictionary"


def test_the_readme_names_the_ten_that_everybody_needs_with_their_defaults() -> None:
    table = (ROOT / "README.md").read_text().partition("## Settings")[2].partition("\n## ")[0]
    rows = [row.split("|")[1:4] for row in table.splitlines() if row.startswith("|")][2:]
    told = {name: default.strip() for _, names, default in rows for name in re.findall(r"`([A-Z_]+)`", names)}
    required = {setting.name: "must be set" for setting in DECLARED.values() if setting.required}
    chosen = {name: f"`{DECLARED[name].default}`" for name in ("DUCKDB_PATH", "DAYBOOK_REPORTING_CURRENCY")}
    assert told == required | chosen and len(told) == 10


def test_who_imports_nothing_of_the_jobs_has_the_declared_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DECLARED:
        monkeypatch.delenv(name, raising=False)
    assert timing.of_an_extraction() == settings.settle() + timedelta(seconds=600)
    assert DECLARED["DAYBOOK_LOCK_WAIT_SECONDS"].default == "600"
    assert timing.before_a_retry().total_seconds() == int(DECLARED["DAYBOOK_RETRY_SECONDS"].default or "")
    assert of_the_dag.gold().replace("s3:", "s3a:") == DECLARED["DAYBOOK_GOLD"].default
    assert of_the_dag.warehouse() == settings.duckdb_path()
    assert cassandra.heap() == DECLARED["CASSANDRA_HEAP"].default
    assert f'or "{DECLARED["DUCKDB_PATH"].default}"' in (ROOT / "notebooks" / "ask.py").read_text()
    store = (ROOT / "conf" / "spark-defaults.conf").read_text()
    assert f"${{env.AWS_REGION:-{DECLARED['AWS_REGION'].default}}}" in store


def test_status_shows_what_is_set_then_the_default_and_no_secret() -> None:
    shown = [line.split(maxsplit=1) for line in status.in_force({"PGPORT": "1", "PGPASSWORD": "p", "PG_SCHEMA": ""})]
    assert ["PGPORT", "1"] in shown and ["PG_SCHEMA", "public (default)"] in shown
    assert ["PGPASSWORD", "********"] in shown and "PGHOST" not in dict(shown)
    with_account = "smtp://ops:hunter2@mail:25"
    assert [line.split()[1] for line in status.in_force({"DAYBOOK_NOTIFY_CONN": with_account}) if "NOTIFY" in line] == [
        "********"
    ]
    assert len(shown) == 2 + len([setting for setting in DECLARED.values() if setting.default]) - 1
