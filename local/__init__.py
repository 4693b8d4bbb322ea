"""The local stack: real PostgreSQL, Cassandra and an object store as local processes, without Docker or root."""

import sys

from toolchain.places import ROOT

sys.path.append(str(ROOT / "jobs"))  # the contracts say what is made, seeded and granted
