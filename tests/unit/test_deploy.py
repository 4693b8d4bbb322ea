"""The files of deploy/, as they stand: what a chart makes of them is test_charts.py's."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.deploying import charts, pins
from toolchain import places

DEPLOY = places.ROOT / "deploy"
NO_IMAGE = "sha256:" + "0" * 64
SECRET_NAMES = re.compile(r"(?i)passw|secret|token|fernet|key$|connection$")


class Strict(yaml.SafeLoader):
    """YAML that refuses a key given twice, of which Helm would take the last without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse it, else construct as ever."""
        keys = [self.construct_object(key) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"given twice: {twice}", node.start_mark)
        return super().construct_mapping(node, deep)


def load(path: Path) -> Any:
    return yaml.load(path.read_text(), Strict)


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, str(key)))]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner, path)]
    return [(path, value)]


@pytest.fixture(scope="module")
def official() -> Any:
    return load(charts.OFFICIAL)


@pytest.fixture(scope="module")
def community() -> Any:
    return load(charts.COMMUNITY)


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*.yaml")), ids=lambda path: path.name)
def test_no_key_is_given_twice(path: Path) -> None:
    assert list(yaml.load_all(path.read_text(), Strict))


def test_a_key_given_twice_is_seen() -> None:
    with pytest.raises(yaml.constructor.ConstructorError, match=r"given twice: \{'a'\}"):
        yaml.load("b: {a: 1, a: 2}", Strict)


@pytest.mark.parametrize("path", [charts.OFFICIAL, charts.COMMUNITY], ids=lambda path: path.name)
def test_a_secret_is_named_and_never_given(path: Path) -> None:
    suspicious = [(key, value) for key, value in leaves(load(path)) if SECRET_NAMES.search(key[-1]) and value]
    named = [(key, value) for key, value in suspicious if value in (True, False) or re.fullmatch(r"[a-z-]+", value)]
    assert suspicious == named
    assert "daybook-metadata" in {value for _, value in named}


def test_images_are_named_by_digest(official: Any, community: Any) -> None:
    image = official["images"]["airflow"]
    assert (image["digest"], "tag" in image) == (NO_IMAGE, False)
    assert "{}:{}".format(*map(community["airflow"]["image"].get, ("repository", "tag"))).endswith(f"@{NO_IMAGE}")
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    assert re.findall(r"^ARG BASE=(\S+)$", dockerfile, re.MULTILINE) == [
        f"docker.io/library/python:3.11-slim-bookworm@{NO_IMAGE}"
    ]
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) == {"${BASE}"}


def test_the_packages_of_both_lists_are_those_of_the_lock(community: Any) -> None:
    airflow = community["airflow"]
    everywhere, tasks = airflow["extraPipPackages"], airflow["kubernetesPodTemplate"]["extraPipPackages"]
    assert everywhere == pins.locked()
    assert tasks == pins.locked()
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", pin) for pin in tasks)


def test_make_pins_mends_what_drifted(community: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drifted = tmp_path / "values.yaml"
    before = charts.COMMUNITY.read_text()
    drifted.write_text(
        before.replace(f"      - {pins.locked()[0]}\n", "").replace("apache-spark==6", "apache-spark==5")
    )
    monkeypatch.setattr(pins, "VALUES", drifted)
    assert load(drifted) != community
    pins.write()
    assert drifted.read_text() == before


def test_the_pools_are_those_of_the_dag(community: Any) -> None:
    pools = json.loads((places.ROOT / "conf" / "airflow_pools.json").read_text())
    given = {pool["name"]: (pool["slots"], pool["description"]) for pool in community["airflow"]["pools"]}
    assert given == {name: (pool["slots"], pool["description"]) for name, pool in pools.items()}


def test_airflow_knows_the_configuration(official: Any) -> None:
    packages = next(places.environment("airflow").glob("lib/python3.*/site-packages/airflow"))
    known = yaml.safe_load((packages / "config_templates" / "config.yml").read_text())
    provider: dict[str, Any] = {}
    exec((packages / "providers/cncf/kubernetes/get_provider_info.py").read_text(), provider)
    known |= provider["get_provider_info"]()["config"]
    unknown = [(s, key) for s, keys in official["config"].items() for key in keys if key not in known[s]["options"]]
    assert unknown == []


def test_the_snapshot_is_of_these_values(official: Any) -> None:
    pod = load(charts.SNAPSHOT / "pod-template.yaml")["spec"]
    workers, (task,) = official["workers"]["kubernetes"], pod["containers"]
    assert task["resources"] == workers["resources"]
    assert pod["serviceAccountName"] == workers["serviceAccount"]["name"]
    assert pod["terminationGracePeriodSeconds"] == workers["terminationGracePeriodSeconds"]
    assert [value for value in task["env"] if value in official["env"]] == official["env"]
    assert pod["securityContext"] == official["securityContexts"]["pod"]
    lines = (charts.SNAPSHOT / "airflow.cfg").read_text().splitlines()
    ours = [f"{key} = {value}".rstrip() for keys in official["config"].values() for key, value in keys.items()]
    assert [line for line in ours if line not in lines] == []


def test_the_values_for_k8s_change_the_connection_alone(official: Any) -> None:
    variant = load(DEPLOY / "values.spark-on-kubernetes.yaml")
    (connection,) = [value for value in variant["env"] if value not in official["env"]]
    assert [value["name"] for value in variant["env"]] == [value["name"] for value in official["env"]]
    told = json.loads(connection["value"])
    assert (connection["name"], told["host"][:14]) == ("AIRFLOW_CONN_DAYBOOK_SPARK", "k8s://https://")
    assert (told["extra"]["deploy-mode"], told["extra"]["namespace"]) == ("client", "daybook")
    conf = told["extra"]["conf"]
    assert conf["spark.kubernetes.container.image"] == "{repository}@{digest}".format(**official["images"]["airflow"])
    template = places.ROOT / Path(conf["spark.kubernetes.executor.podTemplateFile"]).relative_to("/opt/daybook")
    spec = load(template)["spec"]
    assert spec["containers"][0]["envFrom"] == [{"secretRef": {"name": "daybook-settings"}}]
    assert spec["containers"][0]["securityContext"] == official["securityContexts"]["containers"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    account, role, binding = yaml.safe_load_all((DEPLOY / "spark-on-kubernetes.yaml").read_text())
    assert variant["workers"]["kubernetes"]["serviceAccount"]["name"] == account["metadata"]["name"]
    assert (binding["subjects"][0]["name"], binding["roleRef"]["name"]) == ("daybook-spark", role["metadata"]["name"])
    assert "secrets" not in {resource for rule in role["rules"] for resource in rule["resources"]}


def test_the_image_copies_what_the_build_is_given() -> None:
    ignored = (places.ROOT / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (?!--from)(\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert sorted(line[1:] for line in ignored if line.startswith("!")) == sorted(set(copied))
    assert {"jobs", "dags", "conf", "requirements", "deploy/executor"} <= set(copied)
    assert (DEPLOY / "executor").stat().st_mode & 0o111
