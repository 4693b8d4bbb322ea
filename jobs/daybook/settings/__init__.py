"""Settings: the environment, read once, judged before anything starts. No secret ever comes by argument."""

from daybook.settings.bounds import Bounds, bounds
from daybook.settings.databases import Cassandra, Postgres, cassandra, postgres, settle
from daybook.settings.meanings import Meaning, meaning
from daybook.settings.storage import LakePlaces, duckdb_path, first_day, lake, object_store

__all__ = [
    "Bounds",
    "Cassandra",
    "LakePlaces",
    "Meaning",
    "Postgres",
    "bounds",
    "cassandra",
    "duckdb_path",
    "first_day",
    "lake",
    "meaning",
    "object_store",
    "postgres",
    "settle",
]
