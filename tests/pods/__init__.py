"""Nights of pods. A package, for only the fixtures of a package end with its last test: Airflow and Kubernetes are big."""
