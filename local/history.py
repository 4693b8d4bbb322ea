"""`make history`: Spark's history server over the local event logs, in the foreground."""

import os
import subprocess
from pathlib import Path

from local.servers.ports import HOST, choose
from toolchain import jars, setup


def serve(home: Path, port: int | None) -> int:
    """Serve until interrupted; return Spark's exit code."""
    logs = home / "spark-events"
    logs.mkdir(parents=True, exist_ok=True)
    chosen = choose(["history"], {"history": port or 0})["history"]
    options = f"-Dspark.history.fs.logDirectory={logs.as_uri()} -Dspark.history.ui.port={chosen}"
    env = {
        **os.environ,
        "JAVA_HOME": setup.load().java_home,
        "SPARK_HOME": str(jars.pyspark("spark")),
        "SPARK_HISTORY_OPTS": options,
        "SPARK_LOCAL_IP": HOST,
    }
    print(f"history server: http://{HOST}:{chosen} over {logs} (Ctrl-C ends it)", flush=True)
    launcher = jars.pyspark("spark") / "bin" / "spark-class"
    try:
        return subprocess.run([launcher, "org.apache.spark.deploy.history.HistoryServer"], env=env).returncode
    except KeyboardInterrupt:
        return 0
