"""A file for whoever helps: the findings, versions and settings, without a secret."""

import json
import platform
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from daybook import __version__, settings
from daybook.checks.looking import Finding


def write(path: Path, findings: Sequence[Finding], env: Mapping[str, str], spark: Mapping[str, str]) -> None:
    """Write it, for its owner only; `spark` is Spark's configuration, redacted."""
    told: dict[str, Any] = {
        "daybook": __version__,
        "system": platform.platform(),
        "findings": [
            {"name": each.name, "exit_code": each.exit_code, "told": each.words}
            | ({"next": each.wrong.then} if each.wrong else {})
            for each in findings
        ],
        "settings": {name: settings.shown(name, env[name]) for name in sorted(settings.DECLARED) if env.get(name)},
        "spark": dict(sorted(spark.items())),
    }
    with tempfile.NamedTemporaryFile("w", dir=path.absolute().parent, delete=False, encoding="utf-8") as new:
        new.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    Path(new.name).replace(path)
