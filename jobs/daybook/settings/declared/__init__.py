"""The declarations of all settings, by what they are for. Whoever reads one asks for it by its name.

Those that change what figures mean are declared by the contracts, which name them.
"""

from collections.abc import Mapping

from daybook.contracts.meanings import MEANINGS
from daybook.contracts.setting import Setting
from daybook.settings.declared.airflow import AIRFLOW
from daybook.settings.declared.lake import LAKE, LIMITS, STORE, WAREHOUSE
from daybook.settings.declared.local import LOCAL
from daybook.settings.declared.runs import HISTORY, MEANING_FILES, PASSES, TIMING, WATCHING
from daybook.settings.declared.sources import CASSANDRA, POSTGRES


def _with_files(group: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """The settings, and beside each secret one that names a file that holds it."""
    words = "A file that holds `{}` and nothing else, as Docker and Kubernetes mount secrets."
    files = {
        setting.name: Setting(f"{setting.name}_FILE", words.format(setting.name), "file")
        for setting in group
        if setting.secret
    }
    return tuple(each for setting in group for each in (setting, files.get(setting.name)) if each)


GROUPS: Mapping[str, tuple[Setting, ...]] = {
    "PostgreSQL": _with_files(POSTGRES),
    "Cassandra": _with_files(CASSANDRA),
    "Object store": _with_files(STORE),
    "Lake": LAKE,
    "Warehouse": WAREHOUSE,
    "Limits": LIMITS,
    "Meaning": (*MEANINGS, *MEANING_FILES),
    "Timing": TIMING,
    "Passes": PASSES,
    "Watching": WATCHING,
    "History": HISTORY,
    "Airflow": AIRFLOW,
    "Local stack": LOCAL,
}
DECLARED: Mapping[str, Setting] = {setting.name: setting for group in GROUPS.values() for setting in group}

__all__ = ["DECLARED", "GROUPS"]
