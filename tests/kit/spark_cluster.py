"""A Spark standalone cluster of this machine's own: one master, two workers of one core each."""

import json
import os
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.servers.ports import HOST, choose
from local.servers.process import Process
from tests.kit.harness import ONE_COMPILER
from toolchain import places

WORKERS = 2
START_SECONDS = 60
_STORE = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_S3", "AWS_REGION")


@dataclass(frozen=True)
class Cluster:
    """A running cluster."""

    master: str
    page: str

    @property
    def options(self) -> list[str]:
        """Options of spark-submit that run a job on it."""
        java = f"-Duser.timezone=UTC {ONE_COMPILER}"
        conf = (f"spark.driver.host={HOST}", f"spark.executor.extraJavaOptions={java}")
        return ["--master", self.master, *(word for setting in conf for word in ("--conf", setting))]

    def state(self) -> dict[str, Any]:
        """What the master tells of its workers and applications."""
        with urllib.request.urlopen(f"{self.page}/json/", timeout=10) as reply:
            return dict(json.load(reply))


def of_workers(settings: Mapping[str, str]) -> dict[str, str]:
    """Of the settings the keys of the object store, which the executors need; the others are nothing there."""
    return {name: value if name in (*_STORE, "JAVA_HOME") else "" for name, value in settings.items()}


@contextmanager
def standalone(folder: Path, of_workers: Mapping[str, str]) -> Iterator[Cluster]:
    """The cluster until the block ends; executors find in their environment what their workers have in theirs."""
    ports = choose(["master", "page"], {})
    cluster = Cluster(f"spark://{HOST}:{ports['master']}", f"http://{HOST}:{ports['page']}")
    told = ["--host", HOST, "--port", str(ports["master"]), "--webui-port", str(ports["page"])]
    with ExitStack() as running:
        master = _start(running, "master", folder, ["Master", *told], {})
        master.wait_until(lambda: _answers(cluster), START_SECONDS)
        for number in range(WORKERS):
            size = ["--host", HOST, "--cores", "1", "--memory", "1g", "--webui-port", "0"]
            work = ["--work-dir", str(folder / f"work-{number}"), cluster.master]
            _start(running, f"worker-{number}", folder, ["Worker", *size, *work], of_workers)
        master.wait_until(lambda: cluster.state()["aliveworkers"] == WORKERS, START_SECONDS)
        yield cluster


def _start(running: ExitStack, name: str, folder: Path, command: list[str], env: Mapping[str, str]) -> Process:
    process = Process(f"spark-{name}", folder)
    kind = f"org.apache.spark.deploy.{command[0].lower()}.{command[0]}"
    spark = places.environment("spark") / "bin"
    # The launcher asks the first python3 on PATH where Spark is.
    path = {"PATH": f"{spark}:{os.environ['PATH']}"}
    process.start([str(spark / "spark-class"), kind, *command[1:]], path | dict(env))
    running.callback(process.stop)
    return process


def _answers(cluster: Cluster) -> bool:
    try:
        return bool(cluster.state())
    except OSError:
        return False
