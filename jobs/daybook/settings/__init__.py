"""Settings: the environment, read once, judged before anything starts. No secret ever comes by argument."""

from daybook.contracts.meanings import YOUNGER, Meaning
from daybook.settings.bounds import Bounds, bounds
from daybook.settings.databases import Cassandra, Postgres, cassandra, postgres, settle
from daybook.settings.declared import DECLARED, GROUPS
from daybook.settings.environment import refuse_accounts, shown, without_empty
from daybook.settings.meanings import meaning
from daybook.settings.page import CpuPrice, cpu_price, page_due
from daybook.settings.secrets import take_from_files
from daybook.settings.storage import LAYERS, LakePlaces, ca_bundle, lake, object_store, region
from daybook.settings.warehouse import LIMITS, duckdb_path, remembered, stops_at_limits
from daybook.settings.watching import event_log, log_form, metrics_file

__all__ = [
    "DECLARED",
    "GROUPS",
    "LAYERS",
    "LIMITS",
    "YOUNGER",
    "Bounds",
    "Cassandra",
    "CpuPrice",
    "LakePlaces",
    "Meaning",
    "Postgres",
    "bounds",
    "ca_bundle",
    "cassandra",
    "cpu_price",
    "duckdb_path",
    "event_log",
    "lake",
    "log_form",
    "meaning",
    "metrics_file",
    "object_store",
    "page_due",
    "postgres",
    "refuse_accounts",
    "region",
    "remembered",
    "settle",
    "shown",
    "stops_at_limits",
    "take_from_files",
    "without_empty",
]
