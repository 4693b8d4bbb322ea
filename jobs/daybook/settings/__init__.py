"""Settings: the environment, read once, judged before anything starts. No secret ever comes by argument."""

from daybook.settings.bounds import Bounds, bounds
from daybook.settings.databases import Cassandra, Postgres, cassandra, postgres, settle
from daybook.settings.environment import event_log, log_form, metrics_file, refuse_accounts, without_empty
from daybook.settings.meanings import YOUNGER, Meaning, meaning
from daybook.settings.page import CpuPrice, cpu_price, page_due
from daybook.settings.storage import LAYERS, LakePlaces, ca_bundle, lake, object_store
from daybook.settings.warehouse import LIMITS, duckdb_path, remembered, stops_at_limits

__all__ = [
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
    "remembered",
    "settle",
    "stops_at_limits",
    "without_empty",
]
