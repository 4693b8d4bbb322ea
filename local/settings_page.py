"""`make dictionary`: the declarations of all settings as a page to read, docs/settings.md."""

from collections.abc import Iterator

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.contracts.setting import Setting
from daybook.settings import GROUPS, one_client
from toolchain.places import ROOT

PAGE = ROOT / "docs" / "settings.md"

_HEAD = """# Settings

Written by `make dictionary` from the declarations in `jobs/daybook/settings/declared/` and, for “Meaning”, in
`jobs/daybook/contracts/meanings.py`; a test holds it to them.

Daybook reads its settings from environment variables. An empty variable counts as unset. `~` at the start of a path is
a home. A job refuses a missing or malformed setting that it needs before it starts, with exit 2. `make status` shows
the settings in force, with secrets masked.

A secret may stand in a file instead: its variable with `_FILE` at the end names the file. PostgreSQL's may stand in the
file that `PGPASSFILE` names. In Airflow all three servers may be [connections](airflow.md#connections). A secret that
is given twice is refused with exit 2. What may contradict a setting is told in
[on-call.md](on-call.md#settings-that-contradict).
"""
_OF_GROUP = {
    "Meaning": "These change what figures mean. Silver and gold of the tables under “changes” are made again when the"
    " setting changes. Gold is also made again when silver that it reads is. A changed exchange rate"
    " changes the days that use it.",
    "Airflow": "These are read by Airflow's own processes: see [airflow.md](airflow.md). The jobs' settings belong into"
    " the environment of its workers.",
    "Local stack": "These are read by `make` and the local servers, and by no job.",
}
# Lineage has their effect under another name: minutes as hours, and the rates of a day beside its currency.
_AS = {"DAYBOOK_MAX_GAP_MINUTES": "DAYBOOK_MAX_GAP_HOURS", "DAYBOOK_EXCHANGE_RATES": "DAYBOOK_REPORTING_CURRENCY"}
_REFUSED = """## Refused

One client of a server understands these variables and the other does not. A job that finds one of them set ends with
exit 2.

| variable | who reads it | instead |
|---|---|---|"""


def page() -> str:
    """The whole page."""
    groups = [line for title, group in GROUPS.items() for line in _group(title, group)]
    return "\n".join([_HEAD, *groups, _REFUSED, *_refused()]) + "\n"


def _group(title: str, group: tuple[Setting, ...]) -> Iterator[str]:
    yield from (f"## {title}", "")
    if title in _OF_GROUP:
        yield from (_OF_GROUP[title], "")
    has_meaning = any(setting.field for setting in group)
    yield "| setting | may be | default | meaning |" + (" changes |" if has_meaning else "")
    yield "|---|---|---|---|" + ("---|" if has_meaning else "")
    for setting in group:
        row = f"| `{setting.name}` | {_form(setting)} | {_default(setting)} | {setting.words} |"
        yield row + (f" {_changes(_AS.get(setting.name, setting.name))} |" if has_meaning else "")
    yield ""


def _form(setting: Setting) -> str:
    return ", ".join(f"`{choice}`" for choice in setting.choices) or setting.form


def _default(setting: Setting) -> str:
    if setting.required:
        return "must be set"
    return f"`{setting.default}`" if setting.default else setting.unset


def _changes(name: str) -> str:
    """The tables whose lineage has the setting."""
    found = [table.name for table in SOURCE_TABLES if name in table.settings]
    silver = ["every table of silver"] if len(found) == len(SOURCE_TABLES) else [f"`{table}`" for table in found]
    return ", ".join([*silver, *(f"`{table.name}`" for table in GOLD_TABLES if name in table.settings)])


def _refused() -> Iterator[str]:
    for name, instead in one_client.POSTGRES.items():
        yield f"| `{name}` | libpq | {instead} |"
    for name, (client, instead) in one_client.STORE.items():
        yield f"| `{name}` | {client} | {instead} |"
    yield f"| `{one_client.ENDPOINT}` | boto3 | AWS_ENDPOINT_URL_S3 (then it may be set) |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")
