"""The nights that a page must tell of: each a scene that is set, by name."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from daybook.contracts import GOLD_TABLES, LEDGER_TABLES, SOURCE_TABLES
from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY
from daybook.page import files
from daybook.page.facts import Facts
from daybook.page.gather import gather
from daybook.settings import CpuPrice
from tests.kit.scene import DUE, LAKE, D, Scene, ran, restated

HOSTILE = "</script><script>alert(1)</script>"
TURNED = "\N{RIGHT-TO-LEFT OVERRIDE}evil"
LONG = "x" * 1_000_000
PRICE = CpuPrice(1.8, "EUR")
_SESSIONS = next(table for table in SOURCE_TABLES if table.name == "user_session_events")
_STATES = next(table for table in SOURCE_TABLES if table.name == "notification_states")
_ACTIVITIES = next(table for table in SOURCE_TABLES if table.name == "activities")


def page_of(scene: Scene) -> tuple[Facts, Path]:
    """The facts and the page of a scene's last day."""
    facts = gather(scene.store, LAKE, scene.path, scene.day, DUE, PRICE)
    return facts, files.write(scene.path, facts)


def ordinary(folder: Path) -> Scene:
    return Scene(folder).make()


def unusual(folder: Path) -> Scene:
    scene = Scene(folder, rejected={(D, "activities", "scheduled_at:type"): 20})
    scene.restated = three(scene)
    eight_nights(scene)
    return scene.make()


def eight_nights(scene: Scene) -> None:
    """Runs of silver and gold; the last gold took thrice as long as those before."""
    for ago in range(8):
        day = D - timedelta(days=ago)
        ran(scene, "silver", day, 30 + ago, ago)
        ran(scene, "gold", day, 20 if ago else 60, ago)


def three(scene: Scene) -> list[tuple[Any, ...]]:
    """Two figures that had been final, and one that had not."""
    days = [D - timedelta(days=n) for n in (3, 2, 1)]
    return [
        restated(scene, days[0], "total_spend_time", 402.1, 404.9, True),
        restated(scene, days[1], "total_money_spend", 10, 9.99, True),
        restated(scene, days[2], "rows", 5, 6, False),
    ]


def final(folder: Path) -> Scene:
    return Scene(folder, has_followers=True).make()


def hole(folder: Path) -> Scene:
    return Scene(folder, holes=(D - timedelta(days=1),), has_followers=True).make()


def first_day(folder: Path) -> Scene:
    return Scene(folder, days=1, first_day=D).make()


def no_history(folder: Path) -> Scene:
    return Scene(folder, days=9).make()


def no_rows(folder: Path) -> Scene:
    nothing = {(D, table.name): 0 for table in SOURCE_TABLES}
    return Scene(folder, rows_of={D: 0}, rows_read=nothing, spotless=(D,)).make()


def silver_refused(folder: Path) -> Scene:
    """Silver of a table that figures need ended with exit 3: no gold, and the file ends the day before."""
    scene = not_loaded(folder)
    for batch in (LAKE.silver(_STATES, D), *(LAKE.gold(table, D) for table in GOLD_TABLES)):
        del scene.store.objects[batch.manifest]
    return scene


def beside_refused(folder: Path) -> Scene:
    """Silver of a table that feeds no figure was refused."""
    return Scene(folder, refused=frozenset({_ACTIVITIES.name})).make()


def not_loaded(folder: Path) -> Scene:
    return Scene(folder, holes=(D,)).make()


def half_a_day(folder: Path) -> Scene:
    """Of the last day gold and file have no notifications and no ledgers: silver of what those read failed."""
    scene = Scene(folder, mode=0o644).make()
    missing = (GLOBAL_NOTIF_IMPACT_PER_DAY, *LEDGER_TABLES)
    for table in missing:
        del scene.store.objects[LAKE.gold(table, D).manifest]
    with closing(duckdb.connect(str(scene.path))) as db:
        for table in missing:
            db.execute(f"DELETE FROM {table.name} WHERE {table.day_column} = ?", [D])
            for own in ("load_history", "day_origins"):
                db.execute(f"DELETE FROM {own} WHERE table_name = ? AND ds = ?", [table.name, D])
    return scene


def no_warehouse(folder: Path) -> Scene:
    scene = Scene(folder).make()
    scene.path.unlink()
    return scene


def nothing_at_all(folder: Path) -> Scene:
    folder.mkdir()
    return Scene(folder)


def incomplete(folder: Path) -> Scene:
    scene = Scene(folder).make()
    scene.publish(complete=False)
    return scene


def read_again(folder: Path) -> Scene:
    """Bronze has moved on since silver was made."""
    scene = Scene(folder).make()
    scene.store.objects[LAKE.bronze(_SESSIONS, D).manifest] += b" "
    return scene


def hostile(folder: Path) -> Scene:
    names = {(D, HOSTILE, HOSTILE): 7, (D, "activities", TURNED): 8, (D, "users", LONG): 9}
    return Scene(folder, rejected=names).make()


Make = Callable[[Path], Scene]
SCENES: dict[str, Make] = {
    make.__name__: make
    for make in (
        ordinary, unusual, final, hole, first_day, no_history, no_rows, silver_refused, not_loaded, no_warehouse,
        nothing_at_all, half_a_day, beside_refused, incomplete, read_again, hostile,
    )
}  # fmt: skip
