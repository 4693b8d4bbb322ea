"""What the DAG's tasks are made of; runs in Airflow's environment, imports nothing of the jobs."""
