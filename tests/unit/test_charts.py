"""What the charts make of our values. The charts are not ours to keep: name their unpacked folders to run these."""

import base64
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.deploying import charts, helm, pins

OWN_SECRETS = {"daybook-fernet-key", "daybook-api-secret-key", "daybook-jwt-secret", "daybook-metadata"}
GIVEN = ("data.metadataConnection.pass", "fernetKey", "jwtSecret", "apiSecretKey", "externalDatabase.password")
CANARIES = [word for name in GIVEN for word in ("--set", f"{name}=canary{GIVEN.index(name)}")]
LONGEST_PUBLISH_SECONDS = 300


def folder(variable: str) -> Path:
    named = os.environ.get(variable)
    if not named:
        pytest.skip(f"no chart: unpack it, then {variable}=folder make test T=tests/unit/test_charts.py")
    return Path(named)


@pytest.fixture(scope="module")
def official() -> charts.Objects:
    return helm.render(folder("DAYBOOK_CHART"), charts.OFFICIAL)


@pytest.fixture(scope="module")
def community() -> charts.Objects:
    return helm.render(folder("DAYBOOK_COMMUNITY_CHART"), charts.COMMUNITY)


@pytest.fixture(params=["official", "community"])
def objects(request: pytest.FixtureRequest) -> charts.Objects:
    found: charts.Objects = request.getfixturevalue(request.param)
    return found


def task(objects: charts.Objects) -> dict[str, Any]:
    """The pod of a task, which a ConfigMap holds as text."""
    texts = [text for found in objects if found["kind"] == "ConfigMap" for text in found["data"].values()]
    pods = [yaml.safe_load(text) for text in texts if "kind: Pod" in text]
    (pod,) = pods
    return dict(pod["spec"])


def servers(objects: charts.Objects) -> dict[str, dict[str, Any]]:
    kinds = ("Deployment", "StatefulSet", "Job", "DaemonSet", "CronJob")
    return {o["metadata"]["name"]: o["spec"]["template"]["spec"] for o in objects if o["kind"] in kinds}


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*(pod.get("initContainers") or []), *pod["containers"]]


def secrets_of(pod: dict[str, Any]) -> set[str]:
    named = {source["secretRef"]["name"] for c in containers(pod) for source in c.get("envFrom") or []}
    references = [
        e["valueFrom"]["secretKeyRef"] for c in containers(pod) for e in c.get("env") or [] if "valueFrom" in e
    ]
    return named | {reference["name"] for reference in references}


def test_the_snapshot_is_what_the_chart_makes(official: charts.Objects) -> None:
    assert {path.name: path.read_text() for path in charts.SNAPSHOT.iterdir()} == charts.snapshot(official)


def test_every_pod_is_locked_and_sized(objects: charts.Objects) -> None:
    pods = {**servers(objects), "task": task(objects)}
    assert len(pods) >= 4
    for name, pod in pods.items():
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod.get("hostNetwork") is None, name
        for container in containers(pod):
            where = f"{name}/{container['name']}"
            assert container["securityContext"]["allowPrivilegeEscalation"] is False, where
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}, where
            assert set(container["resources"]["requests"]) >= {"cpu", "memory"}, where
            assert "memory" in container["resources"]["limits"], where
            assert "@sha256:" in container["image"], where


def test_a_task_has_the_image_by_digest(official: charts.Objects, community: charts.Objects) -> None:
    (base,) = containers(task(official))
    image = yaml.safe_load(charts.OFFICIAL.read_text())["images"]["airflow"]
    assert base["image"] == f"{image['repository']}@{image['digest']}"
    # Airflow lets these stand before the template's image
    settings = charts.one(official, "ConfigMap", "daybook-config")["data"]["airflow.cfg"].splitlines()
    assert [line.strip() for line in settings if line.startswith("worker_container_")] == [
        "worker_container_repository =",
        "worker_container_tag =",
    ]
    assert containers(task(community))[1]["image"].startswith("registry.example.com/daybook-airflow2@sha256:")


def test_a_task_of_the_community_chart_installs_the_pins(community: charts.Objects) -> None:
    init, base = containers(task(community))
    assert init["name"] == "install-pip-packages"
    asked = [line.split("'")[1] for line in init["args"][2].splitlines() if line.strip().startswith("echo '")]
    assert asked == pins.locked()
    assert {"name": "PIP_NO_DEPS", "value": "1"} in init["env"]
    home = {"name": "home-airflow-local", "mountPath": "/home/airflow/.local", "subPath": ".local"}
    assert home in base["volumeMounts"]


def test_the_settings_reach_tasks_alone(official: charts.Objects, community: charts.Objects) -> None:
    assert secrets_of(task(official)) == {"daybook-settings"}
    named = {name: secrets_of(pod) for name, pod in servers(official).items()}
    assert [name for name, found in named.items() if not found <= OWN_SECRETS] == []
    # by a hook of the scheduler there: the template itself has none
    assert not any("daybook-settings" in secrets_of(pod) for pod in [*servers(community).values(), task(community)])


def text_of(objects: charts.Objects) -> str:
    secrets = [value for found in objects if found["kind"] == "Secret" for value in (found.get("data") or {}).values()]
    return yaml.safe_dump_all(objects) + "\n".join(base64.b64decode(value).decode() for value in secrets)


def test_no_secret_is_in_an_object() -> None:
    for variable, values in (("DAYBOOK_CHART", charts.OFFICIAL), ("DAYBOOK_COMMUNITY_CHART", charts.COMMUNITY)):
        assert "canary" not in text_of(helm.render(folder(variable), values, *CANARIES))


def test_a_secret_given_by_value_would_be_seen() -> None:
    given = [*CANARIES, "--set", "data.metadataSecretName=,fernetKeySecretName="]
    text = text_of(helm.render(folder("DAYBOOK_CHART"), charts.OFFICIAL, *given))
    assert ("canary0" in text, "canary1" in text, "canary2" in text) == (True, True, False)


def test_a_task_may_end_in_peace(official: charts.Objects) -> None:
    assert task(official)["terminationGracePeriodSeconds"] > LONGEST_PUBLISH_SECONDS


def test_accounts_are_apart(official: charts.Objects) -> None:
    accounts = {name: pod["serviceAccountName"] for name, pod in servers(official).items()}
    worker = task(official)["serviceAccountName"]
    assert (worker, accounts["daybook-scheduler"]) == ("daybook-worker", "daybook-scheduler")
    assert len({worker, *accounts.values()}) == len(accounts) + 1
    tokens = {
        o["metadata"]["name"]: o.get("automountServiceAccountToken", True)
        for o in official
        if o["kind"] == "ServiceAccount"
    }
    assert {name for name, mounted in tokens.items() if mounted} == {
        "daybook-scheduler",
        accounts["daybook-api-server"],
    }


def test_rights_are_small(objects: charts.Objects) -> None:
    assert {found["kind"] for found in objects}.isdisjoint({"ClusterRole", "ClusterRoleBinding"})
    rules = [rule for found in objects if found["kind"] == "Role" for rule in found["rules"]]
    assert {r for rule in rules for r in rule["resources"]} == {"pods", "pods/log", "pods/exec", "events"}
    assert "*" not in {verb for rule in rules for verb in rule["verbs"]}


def test_no_template_mounts_the_warehouse(objects: charts.Objects) -> None:
    """The DAG gives the claim to the two tasks that need it."""
    claims = [
        volume["persistentVolumeClaim"]["claimName"]
        for pod in [*servers(objects).values(), task(objects)]
        for volume in pod.get("volumes") or []
        if "persistentVolumeClaim" in volume
    ]
    assert set(claims) == {"daybook-logs"}
