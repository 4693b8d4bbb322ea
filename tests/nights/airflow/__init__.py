"""Nights of a real Airflow. A package, for only the fixtures of a package end with its last test: Airflow is big."""
