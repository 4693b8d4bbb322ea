"""Daybook as the chart installs it, on a cluster of the tests' own.

The chart's objects are taken as they are. What is different here (addresses, passwords, the execution API's address) is
in the Secret that the pod template refers to: the environment beats airflow.cfg.
"""

from collections.abc import Mapping
from typing import Any

import yaml
from kubernetes import client, utils

from tests.kit.pods.cluster import NAMESPACE, Cluster
from tests.kit.pods.kubelet import Kubelet, Pod
from toolchain import places

RENDERED = places.ROOT / "deploy" / "rendered"
CONFIG = RENDERED / "airflow.cfg"
POD_TEMPLATE = RENDERED / "pod-template.yaml"
SETTINGS, WAREHOUSE, LOGS = "daybook-settings", "daybook-duckdb", "daybook-logs"


def template() -> dict[str, Any]:
    """The pod template that the chart renders."""
    return dict(yaml.safe_load(POD_TEMPLATE.read_text()))


def rbac() -> list[dict[str, Any]]:
    """The roles that the chart renders, and their bindings."""
    return list(yaml.safe_load_all((RENDERED / "rbac.yaml").read_text()))


def scheduler_account() -> str:
    """The service account that the chart lets launch pods."""
    bound = [subject["name"] for thing in rbac() for subject in thing.get("subjects", [])]
    return next(str(name) for name in bound if name.endswith("-scheduler"))


def install(cluster: Cluster) -> None:
    """Make the roles, Airflow's configuration and the claims, as the administrator."""
    core = client.CoreV1Api(cluster.api())
    claim = yaml.safe_load((RENDERED.parent / "duckdb-claim.yaml").read_text())
    logs = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}}
    named = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": LOGS}}
    for thing in [*rbac(), claim, named | {"spec": logs}]:
        utils.create_from_dict(cluster.api(), thing, namespace=NAMESPACE)
    # The second file is what the chart makes of it for Airflow 3.
    files = {"airflow.cfg": CONFIG.read_text(), "airflow_local_settings.py": ""}
    core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "daybook-config"}, "data": files})


def make_secret(cluster: Cluster, settings: Mapping[str, str]) -> None:
    """Make the one Secret that task pods have their settings from."""
    held = {"metadata": {"name": SETTINGS}, "stringData": dict(settings)}
    client.CoreV1Api(cluster.api()).create_namespaced_secret(NAMESPACE, held)


def scheduler_settings(cluster: Cluster, kubelet: Kubelet) -> dict[str, str]:
    """What makes Airflow's own processes, which run outside the cluster, use it as the scheduler's account.

    The tests log in by the simple manager; the chart's own wants users made first.
    """
    return {
        "AIRFLOW_CONFIG": str(CONFIG),
        "AIRFLOW__CORE__EXECUTOR": "KubernetesExecutor",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(kubelet.claim(LOGS)),
        "AIRFLOW__KUBERNETES_EXECUTOR__IN_CLUSTER": "False",
        "AIRFLOW__KUBERNETES_EXECUTOR__CONFIG_FILE": str(cluster.kubeconfig(scheduler_account())),
        "AIRFLOW__KUBERNETES_EXECUTOR__NAMESPACE": NAMESPACE,
        "AIRFLOW__KUBERNETES_EXECUTOR__POD_TEMPLATE_FILE": str(POD_TEMPLATE),
        "DAYBOOK_DUCKDB_CLAIM": WAREHOUSE,
    }


def task(pod: Pod) -> tuple[str, int]:
    """The task that a pod is for, and its attempt."""
    notes = pod.created["metadata"]["annotations"]
    return notes["task_id"], int(notes["try_number"])


def summary(pod: Pod) -> str:
    """A pod in one line."""
    name, attempt = task(pod)
    size = pod.main["resources"]
    claims = [v["persistentVolumeClaim"]["claimName"] for v in pod.spec["volumes"] if "persistentVolumeClaim" in v]
    return (
        f"  {name} {attempt}: {pod.main['image']}, account {pod.spec['serviceAccountName']}, "
        f"requests {size['requests']}, limits {size['limits']}, claims {claims}, exit code {pod.exit_code}"
    )
