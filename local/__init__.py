"""The local stack: real PostgreSQL, Cassandra and MinIO as local processes, without Docker or root."""
