"""A small kubelet: it runs each pod of a namespace as a process and tells the API server how it ends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kubernetes.client import ApiClient, CoreV1Api
from kubernetes.client.exceptions import ApiException
from kubernetes.watch import Watch

from local.state import write_private
from tests.kit.pods import container
from tests.kit.pods.container import Container, Mount

Json = dict[str, Any]


@dataclass
class Pod:
    """A pod as it was created, and what became of it."""

    created: Json
    folder: Path
    container: Container | None = None
    exit_code: int | None = None
    began: datetime | None = None
    removed: datetime | None = None
    deleting: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def name(self) -> str:
        return str(self.created["metadata"]["name"])

    @property
    def spec(self) -> Json:
        return dict(self.created["spec"])

    @property
    def main(self) -> Json:
        """Its container; this kubelet knows no others."""
        [only] = self.spec.get("initContainers", []) + self.spec["containers"]
        return dict(only)


class Kubelet:
    """Runs what is asked for in one namespace; `pods` are all it has ever seen, by name."""

    def __init__(self, api: ApiClient, namespace: str, folder: Path) -> None:
        self.core, self.namespace, self.folder = CoreV1Api(api), namespace, folder
        self.pods: dict[str, Pod] = {}
        self.closing = threading.Event()

    def watch(self) -> None:
        """Heed every pod until closed; a watch begins with all pods that there are."""
        while not self.closing.is_set():
            for event in Watch().stream(self.core.list_namespaced_pod, self.namespace, timeout_seconds=1):
                if event["type"] != "DELETED":
                    self._heed(event["raw_object"])

    def _heed(self, seen: Json) -> None:
        name = seen["metadata"]["name"]
        pod = self.pods.get(name)
        if pod is None:
            pod = self.pods[name] = Pod(seen, self.folder / "pods" / name)
            threading.Thread(target=self._run, args=[pod]).start()
        elif "deletionTimestamp" in seen["metadata"] and not pod.deleting:
            pod.deleting = True
            threading.Thread(target=self._remove, args=[pod]).start()

    def _run(self, pod: Pod) -> None:
        try:
            target = {"apiVersion": "v1", "kind": "Node", "name": "node"}
            body = {"metadata": {"name": pod.name}, "target": target}
            self.core.create_namespaced_binding(self.namespace, body, _preload_content=False)
            self._start(pod)
            assert pod.container
            self._tell(pod, "Running", {"running": {"startedAt": _now()}})
            pod.exit_code = pod.container.wait()
            ended = {"exitCode": pod.exit_code, "reason": "Error" if pod.exit_code else "Completed"}
            self._tell(pod, "Failed" if pod.exit_code else "Succeeded", {"terminated": ended})
        except Exception as problem:  # noqa: BLE001 - whatever keeps a pod from running is told to its owner
            self._tell(pod, "Failed", {"waiting": {"reason": "CreateContainerError", "message": repr(problem)}})
        finally:
            pod.over.set()

    def _start(self, pod: Pod) -> None:
        pod.folder.mkdir(parents=True)
        env = container.environment(self.core, self.namespace, pod.main)
        volumes = {volume["name"]: self._volume(pod, volume) for volume in pod.spec.get("volumes", [])}
        mounts = [
            Mount(volumes[m["name"]] / m.get("subPath", ""), m["mountPath"], m.get("readOnly", False))
            for m in pod.main.get("volumeMounts", [])
        ]
        pod.container = container.start([*pod.main.get("command", []), *pod.main["args"]], env, mounts, pod.folder)
        pod.began = datetime.now(UTC)

    def _volume(self, pod: Pod, volume: Json) -> Path:
        """The folder that is the volume: a claim's stays, any other is the pod's own."""
        match volume:
            case {"persistentVolumeClaim": {"claimName": name}}:
                self.core.read_namespaced_persistent_volume_claim(name, self.namespace)
                return self.claim(name)
            case {"configMap": {"name": name}}:
                held = container.data(self.core, self.namespace, "configMap", name)
            case {"secret": {"secretName": name}}:
                held = container.data(self.core, self.namespace, "secret", name)
            case {"emptyDir": _}:
                held = {}
            case _:
                raise ValueError(f"this kubelet knows no such volume: {volume}")
        folder = pod.folder / "volumes" / str(volume["name"])
        folder.mkdir(parents=True)
        for file, text in held.items():
            write_private(folder / file, text)
        return folder

    def claim(self, name: str) -> Path:
        """The folder that a claim stands for."""
        folder = self.folder / "claims" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _tell(self, pod: Pod, phase: str, state: Json) -> None:
        status = {"name": pod.main["name"], "image": pod.main["image"], "imageID": "", "restartCount": 0}
        status |= {"ready": phase == "Running", "state": state}
        body = {"status": {"phase": phase, "podIP": "127.0.0.1", "containerStatuses": [status]}}
        self.core.patch_namespaced_pod_status(pod.name, self.namespace, body)

    def _remove(self, pod: Pod) -> None:
        """End a pod that is to go, within the time it is given; then it is gone for the API server, too."""
        if pod.container:
            pod.container.end(pod.spec["terminationGracePeriodSeconds"])
        pod.over.wait()
        with suppress(ApiException):  # it had ended already: then the API server removes it by itself
            self.core.delete_namespaced_pod(pod.name, self.namespace, grace_period_seconds=0)
        pod.removed = datetime.now(UTC)


@contextmanager
def kubelet(api: ApiClient, namespace: str, folder: Path) -> Iterator[Kubelet]:
    """A kubelet at work until the block ends; no container outlives it."""
    at_work = Kubelet(api, namespace, folder)
    watching = threading.Thread(target=at_work.watch)
    watching.start()
    try:
        yield at_work
    finally:
        at_work.closing.set()
        watching.join()
        for pod in at_work.pods.values():
            if pod.container:
                pod.container.end(5)
            pod.over.wait(5)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
