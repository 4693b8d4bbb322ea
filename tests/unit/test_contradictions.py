"""Settings against one another and against the file: whatever contradicts is said, by a refusal or in a warning."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from daybook import rates, settings
from daybook.errors import DaybookError
from daybook.settings import LIMITS
from tests.kit import warehouse as kit
from tests.kit.warehouse import ROOT, VISITS, MemoryStore, ask, day
from toolchain import places

POSTGRES = {"PGHOST": "h", "PGDATABASE": "d", "PGUSER": "u", "PGPASSWORD": "p"}
CASSANDRA = {"CASSANDRA_HOSTS": "h", "CASSANDRA_KEYSPACE": "k", "CASSANDRA_USERNAME": "u", "CASSANDRA_PASSWORD": "p"}
OTHER = "s3a://other/gold"
THERE = str(Path(__file__))
NAMED = re.compile(r"`((?:PG|CASSANDRA_|AWS_|DAYBOOK_|DUCKDB_|REQUESTS_)[A-Z_0-9]*[A-Z0-9])")


class Scene:
    """A warehouse file of two days from a lake in memory."""

    def __init__(self, folder: Path) -> None:
        self.path, self.store = folder / "analytics.duckdb", MemoryStore(folder)
        for n in (0, 1):
            self.store.publish_all(day(n))
        self.load(day(0), day(1))

    def load(self, *days: date, root: str = ROOT, rebuild: bool = False, **remember: str) -> None:
        kit.load(self.store, self.path, days, root=root, remember=remember, rebuild=rebuild)

    def moved(self) -> None:
        """The same objects under another root."""
        self.store.objects |= {
            uri.replace(ROOT, OTHER): body.replace(ROOT.encode(), OTHER.encode())
            for uri, body in self.store.objects.items()
        }

    def load_moved(self) -> None:
        self.moved()
        self.load(day(0), root=OTHER)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.mark.parametrize(
    ("contradict", "said"),
    [
        (
            lambda _: settings.postgres({**POSTGRES, "PGSSLROOTCERT": THERE}),
            "PGSSLMODE=prefer does not check the server by PGSSLROOTCERT: verify-ca and verify-full do",
        ),
        (
            lambda _: settings.cassandra({**CASSANDRA, "CASSANDRA_SSL_TRUSTSTORE_PASSWORD": "x"}),
            "setting CASSANDRA_SSL_TRUSTSTORE_PASSWORD is there without CASSANDRA_SSL_TRUSTSTORE",
        ),
        (
            lambda _: rates.load(settings.meaning({}).exchange_rates, "USD", 45),
            "exchange_rates.csv: line 2 is in EUR, and DAYBOOK_REPORTING_CURRENCY is USD",
        ),
        (
            lambda scene: scene.load(day(0), first_day=str(day(1))),
            f"DAYBOOK_FIRST_DAY is {day(1)}, and the file holds {day(0)}: the earlier one counts; set it to the first",
        ),
        (
            lambda scene: (scene.load(day(0), first_day=str(day(-1))), scene.load(day(0), first_day=str(day(0)))),
            f"DAYBOOK_FIRST_DAY is {day(0)}; the file was told {day(-1)} before, and forgets that",
        ),
        (
            lambda scene: scene.load_moved(),
            f"the file was loaded from {ROOT} until now, and is from {OTHER}: right if the lake was moved; if it is",
        ),
        *(
            (
                lambda scene, limit=limit: (scene.load(day(0), **{limit: "9"}), scene.load(day(0), **{limit: "8"})),
                f"DAYBOOK_{limit.upper()} is 8; the file was told 9 before, and forgets that",
            )
            for limit in LIMITS
        ),
    ],
)
def test_what_contradicts_is_said(
    contradict: Callable[[Scene], object], said: str, scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    assert not [record for record in caplog.records if record.levelname == "WARNING"]
    try:
        contradict(scene)
    except DaybookError as error:
        assert said in str(error)
    else:
        warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert len(warned) == 1 and said in warned[0], warned


def test_a_first_day_after_days_that_are_there_makes_no_hole_final(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.store.publish(VISITS, day(3), [], absent=[day(2)])
    scene.store.publish("letters_per_day", day(3), [])
    scene.load(day(3), first_day=str(day(3)))
    final = f"SELECT is_final, waiting_for FROM day_status WHERE table_name = '{VISITS}' AND date = '{day(3)}'"
    assert ask(scene.path, final) == [(None, [day(2)])]


def test_what_the_file_was_told_already_and_a_rebuild_contradict_nothing(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.load(day(0), limit_rows_factor="9", first_day=str(day(0)))
    scene.load(day(0), limit_rows_factor="9", first_day=str(day(0)))
    scene.load(day(0))
    scene.moved()
    scene.load(root=OTHER, rebuild=True)
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_every_setting_has_its_line_in_the_table_of_contradictions() -> None:
    docs = places.ROOT / "docs"
    table = (docs / "on-call.md").read_text().partition("## Settings that contradict")[2].partition("\n## ")[0]
    told = {
        setting for row in table.splitlines() if row.startswith("| `") for setting in NAMED.findall(row.split("|")[1])
    }
    groups = [group for title, group in settings.GROUPS.items() if title != "Local stack"]
    of_jobs = {setting.name for group in groups for setting in group if "_LOADER_" not in setting.name}
    assert len(of_jobs) > 60 and of_jobs - told == set()
