"""The rules that keep the house habitable, as tests."""

import ast
import re
import sys
from collections.abc import Collection
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from dags.daybook_tasks.places import gold_tables
from daybook.contracts import GOLD_TABLES
from daybook.failures import words
from local import dictionary
from toolchain import class_archive

ROOT = Path(__file__).parents[2]
JOBS = ROOT / "jobs"
SCRIPTS = sorted(JOBS.glob("*.py"))
PACKAGE = sorted((JOBS / "daybook").rglob("*.py"))
CONTRACTS = [path for path in PACKAGE if "contracts" in path.parts]
GOLD = [path for path in PACKAGE if path.parent.name == "gold"]
TOOLCHAIN = sorted({*(ROOT / "toolchain").glob("*.py")} - {class_archive.RUN})  # which is run by Spark
TRANSFORMS = [path for path in PACKAGE if "transforms" in path.parts]


# Each room of the product stands on those of the floors below, and on none beside it.
FLOORS = (
    {"days", "errors", "interpreter", "log"},
    {"contracts", "rates", "records"},
    {"settings"},
    {"arguments", "commands", "spark", "transforms"},
    {"failures"},
    {"lake"},
    {"process", "sources", "warehouse"},
    {"context", "proof"},
    {"gold", "page"},
    {"checks", "steps"},
)
ROOMS = sorted(room for floor in FLOORS for room in floor)


def name(path: Path) -> str:
    return str(path.relative_to(JOBS))


def imported(path: Path) -> set[str]:
    """Modules a file imports, and what it takes from them, by their full names."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    taken = [
        (node.module or "", alias.name) for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
    ]
    return plain | {module for module, _ in taken} | {f"{module}.{name}" for module, name in taken}


def called(path: Path) -> set[str]:
    """Names of attributes a file uses, such as `read` in `spark.read`."""
    return {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}


def test_the_jobs_are_there_and_no_job_bears_a_standard_librarys_name() -> None:
    assert [path.stem for path in SCRIPTS] == [
        "check", "day", "extract_cassandra", "extract_postgres", "gold", "load_duckdb", "page", "rejected", "silver",
        "sweep", "verify",
    ]  # fmt: skip
    assert not {path.stem for path in SCRIPTS} & sys.stdlib_module_names


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_job_stays_under_80_lines_and_says_how_it_is_run(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") < 80
    assert f"jobs/{path.name} --" in (ast.get_docstring(ast.parse(text)) or "")


@pytest.mark.parametrize("path", [*CONTRACTS, JOBS / "daybook" / "days" / "__init__.py"], ids=name)
def test_a_contract_imports_nothing_but_the_standard_library_and_the_day(path: Path) -> None:
    in_spark = {f"daybook.days.{path.stem}" for path in PACKAGE if path.parent.name == "days"}
    assert not imported(path) & in_spark
    foreign = {m for m in imported(path) if not m.startswith(("daybook.contracts", "daybook.days"))}
    assert {module.partition(".")[0] for module in foreign} <= sys.stdlib_module_names


@pytest.mark.parametrize("path", TOOLCHAIN, ids=lambda path: path.stem)
def test_set_up_and_the_image_need_a_bare_python_and_the_toolchain_alone(path: Path) -> None:
    assert {module.partition(".")[0] for module in imported(path)} <= sys.stdlib_module_names | {"toolchain"}


@pytest.mark.parametrize("path", TRANSFORMS, ids=name)
def test_a_transform_reads_and_writes_nothing_and_looks_at_no_clock(path: Path) -> None:
    outside = {"os", "time", "random", "pathlib", "daybook.settings", "daybook.log"}
    assert not imported(path) & outside
    rooms = tuple(f"daybook.{room}" for room in ("lake", "sources", "spark", "steps"))
    assert not {module for module in imported(path) if module.startswith(rooms)}
    forbidden = {"read", "write", "sparkSession", "now", "today", "utcnow", "current_timestamp", "current_date", "rand"}
    assert not called(path) & forbidden
    assert "SparkSession" not in path.read_text()


@pytest.mark.parametrize("path", GOLD, ids=name)
def test_a_gold_table_reads_and_writes_nothing_itself(path: Path) -> None:
    assert not {m for m in imported(path) if m.startswith(("daybook.lake", "daybook.sources", "daybook.steps"))}
    assert not called(path) & {"read", "write", "now", "today", "utcnow", "current_timestamp", "current_date", "rand"}


def test_the_dag_which_knows_no_contracts_knows_the_gold_tables_by_their_modules() -> None:
    assert gold_tables() == sorted(table.name for table in GOLD_TABLES)


@pytest.mark.parametrize("path", [path for path in PACKAGE if path.parent.name in ("warehouse", "steps")], ids=name)
def test_the_warehouse_and_the_readers_of_silver_are_told_their_tables(path: Path) -> None:
    assert not {m for m in imported(path) if m in ("daybook.contracts.GOLD_TABLES", "daybook.contracts.SOURCE_TABLES")}


@pytest.mark.parametrize("path", [*SCRIPTS, *PACKAGE], ids=name)
def test_no_python_runs_on_executors_and_no_data_comes_to_the_driver(path: Path) -> None:
    forbidden = {
        "udf",
        "pandas_udf",
        "rdd",
        "mapInPandas",
        "mapInArrow",
        "applyInPandas",
        "foreach",
        "collect",
        "toPandas",
        "createDataFrame",
        "parallelize",
    }
    assert not called(path) & forbidden
    assert not re.search(r"mode\(\s*[\"']overwrite", path.read_text())


# What a day is, said in other ways than by asking its home.
A_DAY = re.compile(
    r"\b(time\.min|datetime\.combine|date\.today|date_trunc|to_date|date_add|date_sub)\b|\.date\(\)|replace\(hour"
    r"|timedelta\((days=|hours=24|1\))|(?i:\bINTERVAL\W*1\W*DAY)|\} 00:00"
)


@pytest.mark.parametrize("path", [*SCRIPTS, *PACKAGE], ids=name)
def test_only_the_home_of_the_day_knows_what_a_day_is(path: Path) -> None:
    found = {match.group() for match in A_DAY.finditer(path.read_text())}
    assert not found or path.parent.name == "days"


# Whether rows are of one day or of several: by the number of days, or by the column that says which day a row is for.
ONE_OR_SEVERAL = re.compile(
    r"len\((?:self\.)?(?:\w*days|of|files|datasets)\) *(?:[=!]=|[<>]=?) *[012]\b|[\"']_day\b|\bDAY (?:not )?in "
)


@pytest.mark.parametrize("path", PACKAGE, ids=name)
def test_one_day_or_several_is_asked_in_one_place(path: Path) -> None:
    found = {match.group() for match in ONE_OR_SEVERAL.finditer(path.read_text())}
    assert not found or path.name == "of_days.py"


def test_the_pattern_of_one_day_or_several_finds_the_questions_that_were_asked() -> None:
    asked = (
        "if len(days) == 1:",
        "len(files) > 1 else []",
        "table.window and len(of) > 1",
        "if DAY not in frame.columns:",
    )
    assert all(ONE_OR_SEVERAL.search(line) for line in (*asked, 'DAY = "_day"'))


@pytest.mark.parametrize("path", PACKAGE, ids=name)
def test_commands_for_people_are_spelled_in_one_place(path: Path) -> None:
    spelled = re.findall(r"(?:spark-submit|python) jobs/", path.read_text())
    assert not spelled or path.stem == "commands"


def test_the_data_dictionary_is_the_one_the_contracts_give() -> None:
    assert dictionary.PAGE.read_text(encoding="utf-8") == dictionary.page(), "run: make dictionary"


@pytest.mark.parametrize("path", [*SCRIPTS, *PACKAGE], ids=name)
def test_the_words_of_other_peoples_messages_are_looked_at_only_by_the_list_of_them(path: Path) -> None:
    wordings = re.findall(r"(?<!for )\b([\w.]+) in (?:str\(|reason\b|message\b|cause\.message\b)", path.read_text())
    assert {word for word in wordings if not word.startswith("words.")} <= ({"word"} if path.stem == "spark" else set())


def test_the_guide_lists_every_word_that_is_still_looked_at() -> None:
    listed = re.findall(r"^\| `([^`]+)` \| .*$", (ROOT / "docs" / "on-call.md").read_text(), re.MULTILINE)
    used = {value for key, value in vars(words).items() if key.isupper()}
    assert len(used) == 11 and used <= set(listed)


def test_the_look_before_the_first_night_judges_airflows_connection_as_the_dag_does() -> None:
    files = (JOBS / "daybook" / "checks" / "airflow.py", ROOT / "dags" / "daybook_tasks" / "spark_job.py")
    one, other = (re.findall(r"^_MASTER = (.+)$", path.read_text(), re.MULTILINE) for path in files)
    assert one == other and len(one) == 1


def rooms_that(room: str) -> set[str]:
    """The other rooms of the package that a room imports."""
    files = [path for path in PACKAGE if path.relative_to(JOBS / "daybook").parts[0].removesuffix(".py") == room]
    assert files, f"there is a room {room}"
    modules = {module for path in files for module in imported(path) if module.startswith("daybook.")}
    return ({module.split(".")[1] for module in modules} & {*ROOMS}) - {room}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_stands_on_the_floors_below_it_only(room: str) -> None:
    below: set[str] = set()
    for floor in FLOORS:
        if room in floor:
            assert rooms_that(room) <= below
        below |= floor


def module(path: Path) -> str:
    """A file of jobs by its module's name; a package's is that of the folder."""
    return ".".join(path.relative_to(JOBS).with_suffix("").parts).removesuffix(".__init__")


def taken_from(path: Path, modules: Collection[str]) -> set[str]:
    """Those of the modules that a file imports, or imports something of, be it for types alone."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = node.module or ""
            inner = {f"{package}.{alias.name}" for alias in node.names}
            found |= {name if name in modules else package for name in inner}
    return found & {*modules}


def test_no_modules_of_the_jobs_import_each_other_in_a_circle() -> None:
    modules = {module(path): path for path in [*SCRIPTS, *PACKAGE]}
    graph = {name: taken_from(path, modules) for name, path in modules.items()}
    assert sum(map(len, graph.values())) > 500, "the imports are seen"
    TopologicalSorter(graph).prepare()  # names the circle, if there is one


@pytest.mark.parametrize("path", [*SCRIPTS, *PACKAGE], ids=name)
def test_nothing_of_our_own_is_imported_for_types_alone(path: Path) -> None:
    asked = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.If)]
    inside = [inner for node in asked if "TYPE_CHECKING" in ast.unparse(node.test) for inner in ast.walk(node)]
    own = {node.module for node in inside if isinstance(node, ast.ImportFrom) and "daybook" in (node.module or "")}
    assert not own


def test_every_room_has_its_floor() -> None:
    found = {path.relative_to(JOBS / "daybook").parts[0].removesuffix(".py") for path in PACKAGE} - {"__init__"}
    assert found == {*ROOMS}
    # what the package itself needs comes before all rooms
    assert rooms_that("__init__") <= FLOORS[0]
