"""The packages that the community chart installs into its pods: exact, and from the lock of Airflow's environment."""

import re

from toolchain import places
from toolchain.python_envs import lock_file
from toolchain.report import LocalError

VALUES = places.ROOT / "deploy" / "values.community.yaml"
# What Airflow's image of 2.11 lacks for the DAG; all else that these need it has.
PACKAGES = ("apache-airflow-providers-apache-spark", "apache-airflow-providers-common-compat")


def locked() -> list[str]:
    """Return the packages as the lock has them, `name==version`."""
    lock = lock_file("airflow").read_text()
    found = {name: re.search(rf"^{name}==\S+", lock, re.MULTILINE) for name in PACKAGES}
    missing = [name for name, pin in found.items() if pin is None]
    if missing:
        raise LocalError(
            f"{lock_file('airflow')} locks no {', '.join(missing)}; see PACKAGES in local/deploying/pins.py"
        )
    return [pin.group() for pin in found.values() if pin]


def write() -> None:
    """Rewrite every extraPipPackages of the chart's values; what stands around them stays."""

    def block(found: re.Match[str]) -> str:
        return found[1] + "extraPipPackages:\n" + "".join(f"{found[1]}  - {pin}\n" for pin in locked())

    pattern = re.compile(r"^( *)extraPipPackages:\n(?:\1  - .*\n)*", re.MULTILINE)
    VALUES.write_text(pattern.sub(block, VALUES.read_text()))
