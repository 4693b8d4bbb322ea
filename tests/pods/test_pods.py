"""One pod per task, each what the chart says; one that is deleted in the middle costs nothing but time."""

import json
from datetime import datetime, timedelta
from uuid import UUID

import duckdb
import pytest
import yaml
from kubernetes import client

from daybook.lake import manifest
from daybook.lake.paths import batch_of
from local import state
from tests.kit.harness import Daybook, until
from tests.kit.pods.chart import SETTINGS, WAREHOUSE, task, template
from tests.kit.pods.cluster import NAMESPACE, Cluster
from tests.kit.pods.kubelet import Kubelet
from tests.kit.pods.night import KILLED, ONCE, TASKS, USERS, PodsNight, silver, the_day
from toolchain import places


@pytest.mark.always
def test_the_day_is_green_with_one_pod_per_attempt_of_a_task(
    night: PodsNight, on_cluster: tuple[Cluster, Kubelet]
) -> None:
    assert night.run["data_interval_start"] == f"{the_day()}T00:00:00Z"
    assert night.airflow.tries(night.run["dag_run_id"]) == {
        **{name: ("success", 1) for name in ONCE},
        "silver": ("success", 2),
    }
    assert sorted(map(task, on_cluster[1].pods.values())) == TASKS
    assert {name: pod.exit_code for name, pod in night.pods.items() if name != KILLED} == {
        name: 0 for name in TASKS if name != KILLED
    }


def test_the_analysts_file_on_the_claim_has_the_day(night: PodsNight, on_cluster: tuple[Cluster, Kubelet]) -> None:
    ids = [UUID(int=n) for n in range(1, USERS + 1)]
    with duckdb.connect(str(on_cluster[1].claim(WAREHOUSE) / "analytics.duckdb"), read_only=True) as warehouse:
        users = warehouse.execute(
            "SELECT user_id, date, total_nbr_connexion, total_spend_time, total_message_send_this_day,"
            " total_money_spend FROM global_user_activity_per_day ORDER BY ALL"
        ).fetchall()
        notifications = warehouse.execute(
            "SELECT user_id, content_notif, notif_date, is_success, time_spend_after_success"
            " FROM global_notif_impact_per_day ORDER BY ALL"
        ).fetchall()
    assert users == [(user, the_day(), 1, timedelta(0), 1, 1.0) for user in ids]
    assert notifications == [(user, "text", the_day(), True, timedelta(0)) for user in ids]


def test_the_page_of_the_day_is_on_the_claim(on_cluster: tuple[Cluster, Kubelet], night: PodsNight) -> None:
    pages = on_cluster[1].claim(WAREHOUSE) / "daybook" / "days"
    assert {path.name for path in pages.iterdir()} >= {f"{the_day()}.html", f"{the_day()}.json"}


def test_a_deleted_pod_leaves_no_process_and_publishes_nothing_more(
    daybook: Daybook, settings: dict[str, str], night: PodsNight
) -> None:
    killed, retried = night.pods[KILLED], night.pods["silver", 2]
    assert killed.removed and killed.began and retried.began
    assert night.left == []
    assert 1 <= len(night.published) < len(silver(daybook, settings)), "it was deleted in the middle"
    for name in silver(daybook, settings):
        live = manifest.read(daybook.store, batch_of("silver", name))
        assert live and live.manifest.version == 1, "every table is published once"
        at = datetime.fromisoformat(live.manifest.published_at)
        assert at < killed.removed if name in night.published else at > retried.began
    assert retried.began > killed.removed


def test_every_pod_is_what_the_chart_says(night: PodsNight) -> None:
    spec = template()["spec"]
    (container,) = spec["containers"]
    assert spec["serviceAccountName"] and spec["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
    assert "memory" in container["resources"]["limits"]
    for pod in night.pods.values():
        assert {name: pod.main[name] for name in ("image", "resources", "securityContext", "envFrom")} == {
            name: container[name] for name in ("image", "resources", "securityContext", "envFrom")
        }
        for name in ("serviceAccountName", "securityContext", "terminationGracePeriodSeconds", "restartPolicy"):
            assert pod.spec[name] == spec[name]
    assert container["envFrom"] == [{"secretRef": {"name": SETTINGS}}]


def test_the_claim_of_the_duckdb_file_is_written_by_the_loader_and_the_page_and_read_by_verify(
    night: PodsNight,
) -> None:
    found = {
        name: (mount["mountPath"], mount.get("readOnly", False), volume["persistentVolumeClaim"].get("readOnly", False))
        for name, pod in night.pods.items()
        for volume in pod.spec["volumes"]
        for mount in pod.main["volumeMounts"]
        if volume.get("persistentVolumeClaim", {}).get("claimName") == WAREHOUSE and mount["name"] == volume["name"]
    }
    assert found == {
        ("load_duckdb", 1): ("/tmp/duckdb", False, False),
        ("verify", 1): ("/tmp/duckdb", True, True),
        ("page", 1): ("/tmp/duckdb", False, False),
    }


def test_no_secret_value_is_in_a_pod_or_a_config_map(
    daybook: Daybook, settings: dict[str, str], night: PodsNight, on_cluster: tuple[Cluster, Kubelet]
) -> None:
    core = client.CoreV1Api(on_cluster[0].api())
    texts = {pod.name: json.dumps(pod.created) for pod in night.pods.values()}
    for held in core.list_namespaced_config_map(NAMESPACE).items:
        texts[held.metadata.name] = json.dumps(held.data)
    assert len(texts) >= len(TASKS) + 1
    secrets = set(state.load(daybook.stack.home).secrets.values())
    secrets |= {value for name, value in settings.items() if "PASSWORD" in name or "SECRET" in name}
    assert [name for name, text in texts.items() if any(value in text for value in secrets)] == []


def test_the_look_before_the_first_night_is_taken_by_a_pod_of_its_own(
    night: PodsNight, on_cluster: tuple[Cluster, Kubelet]
) -> None:
    up, node = on_cluster
    pod = yaml.safe_load((places.ROOT / "deploy" / "check.yaml").read_text())
    # The repository's rates are of 2025.
    pod["spec"]["containers"][0]["env"] = [{"name": "DAYBOOK_RATE_MAX_AGE_DAYS", "value": "36500"}]
    client.CoreV1Api(up.api()).create_namespaced_pod(NAMESPACE, pod)
    found = until(lambda: node.pods.get("daybook-check"), "the kubelet has the pod")
    found.over.wait()
    del node.pods["daybook-check"]  # the others are those of the night
    printed = (found.folder / "log").read_text()
    assert found.exit_code == 0, printed
    assert "✓ executor, Cassandra: reached" in printed
    assert "✓ folder of the warehouse: /tmp/duckdb/analytics.duckdb" in printed
