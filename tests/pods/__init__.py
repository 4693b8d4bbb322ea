"""Nights of pods. A package, for only the fixtures of a package end with its last test: an Airflow is big."""
