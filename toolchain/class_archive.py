"""An archive of the classes that a day makes Spark load: with it a start takes half of the time.

The JVM writes it at the end of a run, and uses it as long as Java and the jars are the same (`conf/spark-env.sh`).
`make setup` makes it, and the image's build:

python -m toolchain.class_archive
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from toolchain import jars, places, tools
from toolchain.report import LocalError, run_logged

RUN = Path(__file__).with_name("typical_run.py")

# The run asks a store that is not there, as nobody.
_NOBODY = {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}

_QUICK = "-XX:TieredStopAtLevel=1"  # for a run that is short


def build(java_home: Path) -> None:
    """Run what is typical of a day, without any server, and have the JVM write down which classes it loaded."""
    home = jars.pyspark("spark")
    with tempfile.TemporaryDirectory(dir=home) as work:
        made = Path(work) / "classes.jsa"
        env = _NOBODY | {"SPARK_HOME": str(home), "JAVA_HOME": str(java_home)}
        env |= {
            "PYSPARK_PYTHON": str(places.python("spark")),
            "SPARK_SCALA_VERSION": "2.12",
            "SPARK_SUBMIT_OPTS": _QUICK,
        }
        command = _command(home, env, work)
        command[1:1] = [f"-XX:ArchiveClassesAtExit={made}", "-Xlog:cds*=error"]
        run_logged("running Spark once", command, places.SETUP_LOGS / "classes.log", env)
        if made.exists():  # a Java without an archive of its own classes writes none
            made.replace(home / "classes.jsa")


def _command(home: Path, env: dict[str, str], work: str) -> list[str]:
    """What spark-submit would start, with the jars alone as its class path."""
    path = str(home / "jars" / "*")
    submit = ["org.apache.spark.deploy.SparkSubmit", "--driver-class-path", path]
    submit += ["--properties-file", str(jars.CONF / "spark-defaults.conf"), str(RUN), work]
    java = f"{env['JAVA_HOME']}/bin/java"
    launcher = [java, "-cp", path, "org.apache.spark.launcher.Main", *submit]
    launched = subprocess.run(launcher, env={**os.environ, **env}, capture_output=True)
    command = [part.strip() for part in launched.stdout.decode().split("\0") if part.strip()]
    if launched.returncode != 0 or "-cp" not in command:
        raise LocalError(f"Spark's launcher ended with {launched.returncode}: {launched.stderr.decode()[-500:]}")
    command[command.index("-cp") + 1] = path
    return command


if __name__ == "__main__":
    try:
        build(tools.machine_java_home() or tools.wheel_java_home())
    except LocalError as failure:
        sys.exit(str(failure))
