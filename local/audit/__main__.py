"""`make audit`: the bill of materials of all that is locked, and what advisories say of what is in production."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from local.audit import advisories, packages
from toolchain import places
from toolchain.report import LocalError


def main(arguments: Sequence[str]) -> int:
    """Write the bill and print the advisories; 1 if one of them is not judged, or could not be asked for."""
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("--sbom", type=Path, default=places.CHECKOUT_STATE / "sbom.cdx.json", help="where to write it")
    parser.add_argument("--osv", default=advisories.OSV, help="the address of OSV, or of a mirror")
    options = parser.parse_args(arguments)
    found = packages.locked()
    packages.write(found, options.sbom)
    shipped = [package.purl for package in found if package.is_shipped]
    print(f"{options.sbom}: {len(found)} packages, {len(shipped)} of them in production (CycloneDX 1.6)")
    try:
        return _told(advisories.ask(shipped, options.osv))
    except LocalError as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code


def _told(found: Sequence[advisories.Advisory]) -> int:
    """Print the advisories, with why each that is judged may stay; return whether any is not."""
    reasons, new = advisories.judged(), 0
    for advisory in found:
        why = next((reasons[name] for name in advisory.names if name in reasons), None)
        new += why is None
        print(f"{'NEW   ' if why is None else 'judged'}  {advisory.purl}  {' '.join(advisory.names)}")
        print(f"        {advisory.summary}" + (f"\n        stays: {why}" if why else ""))
    print(f"{len(found)} advisories, {new} of them new")
    if new:
        print(
            f"next: lock a version without it, or say why it stays in {advisories.JUDGED.relative_to(places.ROOT)}",
            file=sys.stderr,
        )
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
