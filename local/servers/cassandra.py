"""Cassandra: the daemon started straight from its jars, with the Java 17 options of its own distribution."""

import os
import subprocess
from pathlib import Path
from string import Template

from local.servers.ports import HOST
from local.servers.process import Process
from local.state import State
from toolchain.report import LocalError

KEYSPACE = "social"
DATACENTER = "datacenter1"
ADMIN = "cassandra"
PORT_NAMES = ("cassandra", "cassandra_storage")
START_SECONDS = 300
HERE = Path(__file__).parent

# from jvm17-server.options of Cassandra 5.0
EXPORTS = """
    java.base/jdk.internal.misc java.base/jdk.internal.ref java.base/sun.nio.ch
    java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.registry
    java.rmi/sun.rmi.server java.sql/java.sql java.rmi/sun.rmi.transport.tcp
    jdk.attach/sun.tools.attach jdk.compiler/com.sun.tools.javac.file
    jdk.compiler/com.sun.tools.javac.tree jdk.compiler/com.sun.tools.javac.util
    jdk.naming.dns/com.sun.jndi.dns jdk.unsupported/sun.misc
""".split()
OPENS = """
    java.base/java.io java.base/java.lang java.base/java.lang.module java.base/java.lang.reflect
    java.base/java.math java.base/java.net java.base/java.nio java.base/java.util
    java.base/java.util.concurrent java.base/java.util.concurrent.atomic
    java.base/jdk.internal.loader java.base/jdk.internal.math java.base/jdk.internal.misc
    java.base/jdk.internal.module java.base/jdk.internal.ref java.base/jdk.internal.reflect
    java.base/jdk.internal.util.jar java.base/sun.nio.ch java.management/com.sun.jmx.mbeanserver
    java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.transport.tcp
    jdk.management/com.sun.management.internal jdk.management.agent/jdk.internal.agent
    jdk.naming.dns/com.sun.jndi.dns jdk.unsupported/sun.misc
""".split()
MODULES = [
    *(f"--add-exports={name}=ALL-UNNAMED" for name in EXPORTS),
    *(f"--add-opens={name}=ALL-UNNAMED" for name in OPENS),
]
# a single node has nobody to gossip with: the waits for others would only cost start-up time
PROPERTIES = {
    "cassandra.ring_delay_ms": "0",
    "cassandra.skip_wait_for_gossip_to_settle": "0",
    "cassandra.superuser_setup_delay_ms": "0",
    "io.netty.tryReflectionSetAccessible": "true",
    "jdk.attach.allowAttachSelf": "true",
    "java.net.preferIPv4Stack": "true",
}


def process(home: Path) -> Process:
    """Return the server's process."""
    return Process("cassandra", home)


def start(home: Path, java_home: Path, jars: Path, state: State) -> None:
    """Write the configuration for today's ports and start the daemon."""
    base = home / "cassandra"
    base.mkdir(parents=True, exist_ok=True)
    template = Template((HERE / "cassandra.yaml").read_text())
    config = template.substitute(
        host=HOST,
        data=base,
        native_port=state.ports["cassandra"],
        storage_port=state.ports["cassandra_storage"],
    )
    (base / "cassandra.yaml").write_text(config)
    process(home).start(command(base, java_home, jars), {"TZ": "UTC"})


def heap() -> str:
    """Return the daemon's heap, as Java writes it: CASSANDRA_HEAP."""
    return os.environ.get("CASSANDRA_HEAP") or "1G"


def command(base: Path, java_home: Path, jars: Path) -> list[str]:
    """Return the daemon's command line."""
    agents = sorted(jars.glob("jamm-*.jar"))
    if not agents:
        raise LocalError(f"no jamm-*.jar in {jars}; remove that folder and run: make up")
    properties = {
        **PROPERTIES,
        "cassandra.config": (base / "cassandra.yaml").as_uri(),
        "cassandra.storagedir": str(base),
        "logback.configurationFile": str(HERE / "logback.xml"),
        "java.io.tmpdir": str(base),
    }
    line = [str(java_home / "bin" / "java"), f"-Xms{heap()}", f"-Xmx{heap()}", f"-javaagent:{agents[0]}"]
    line += [f"-D{name}={value}" for name, value in properties.items()]
    return [*line, *MODULES, "-cp", f"{jars}/*", "org.apache.cassandra.service.CassandraDaemon"]


def nodetool(java_home: str, jars: str, port: int, *arguments: str) -> None:
    """Run a command of nodetool on the daemon that was started with this JMX port (`cassandra.jmx.local.port`)."""
    line = [f"{java_home}/bin/java", *MODULES, "-cp", f"{jars}/*", "org.apache.cassandra.tools.NodeTool"]
    subprocess.run([*line, "-h", HOST, "-p", str(port), *arguments], check=True, stdout=subprocess.DEVNULL)
