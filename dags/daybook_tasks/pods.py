"""What the pod of a task has that the pods of others have not, where tasks run as pods."""

import os
from typing import Any

# Where DUCKDB_PATH's default is: what the other pods have there is their own, and gone with them.
WAREHOUSE_FOLDER = "/tmp/duckdb"


def with_warehouse(*, read_only: bool = False) -> dict[str, Any]:
    """A task's executor configuration: the volume of the DuckDB file, where DAYBOOK_DUCKDB_CLAIM names its claim."""
    claim = os.environ.get("DAYBOOK_DUCKDB_CLAIM")
    if not claim:
        return {}
    from kubernetes.client import models as k8s

    source = k8s.V1PersistentVolumeClaimVolumeSource(claim_name=claim, read_only=read_only)
    mount = k8s.V1VolumeMount(name="warehouse", mount_path=WAREHOUSE_FOLDER, read_only=read_only)
    spec = k8s.V1PodSpec(
        containers=[k8s.V1Container(name="base", volume_mounts=[mount])],
        volumes=[k8s.V1Volume(name="warehouse", persistent_volume_claim=source)],
    )
    return {"pod_override": k8s.V1Pod(spec=spec)}
