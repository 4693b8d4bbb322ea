"""`make charts`: what the charts make of our values, for the eye and for the tests on machines without the charts."""

from pathlib import Path
from typing import Any

import yaml

from local.deploying import helm
from toolchain import places
from toolchain.report import LocalError, say

DEPLOY = places.ROOT / "deploy"
OFFICIAL, COMMUNITY = DEPLOY / "values.yaml", DEPLOY / "values.community.yaml"
SNAPSHOT = DEPLOY / "rendered"
OUT = places.CHECKOUT_STATE / "charts"
_NOTE = "# What the official chart makes of deploy/values.yaml; `make charts` renews it.\n"

Objects = list[dict[str, Any]]


def render(official: str | None, community: str | None) -> None:
    """Render the charts in the named folders into `.local/charts`, and renew the snapshot from the official one."""
    if not (official or community):
        raise LocalError("which charts? run: make charts CHART=folder COMMUNITY_CHART=folder (docs/kubernetes.md)")
    OUT.mkdir(parents=True, exist_ok=True)
    if official:
        objects = helm.render(Path(official), OFFICIAL)
        _show("official", objects)
        SNAPSHOT.mkdir(exist_ok=True)
        for name, text in snapshot(objects).items():
            (SNAPSHOT / name).write_text(text)
            say(f"  deploy/rendered/{name}")
    if community:
        _show("community", helm.render(Path(community), COMMUNITY))


def _show(name: str, objects: Objects) -> None:
    path = OUT / f"{name}.yaml"
    path.write_text(yaml.safe_dump_all(objects, sort_keys=False))
    say(f"  {path}: {len(objects)} objects")


def snapshot(objects: Objects) -> dict[str, str]:
    """Return the files of the snapshot: the pod of a task, who may do what, Airflow's configuration."""
    config = one(objects, "ConfigMap", "daybook-config")["data"]
    accounts = [found for found in objects if found["kind"] in ("ServiceAccount", "Role", "RoleBinding")]
    return {
        "pod-template.yaml": _NOTE + yaml.safe_dump(yaml.safe_load(config["pod_template_file.yaml"]), sort_keys=False),
        "rbac.yaml": _NOTE + yaml.safe_dump_all(accounts, sort_keys=False),
        "airflow.cfg": _NOTE + "\n".join(line.rstrip() for line in config["airflow.cfg"].splitlines()) + "\n",
    }


def one(objects: Objects, kind: str, name: str) -> dict[str, Any]:
    """Return the object of that kind and name."""
    return next(found for found in objects if (found["kind"], found["metadata"]["name"]) == (kind, name))
