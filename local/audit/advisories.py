"""What OSV (https://osv.dev) knows of packages, and which of it somebody has judged."""

import csv
import json
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from toolchain import places
from toolchain.report import LocalError

OSV = "https://api.osv.dev"
JUDGED = places.REQUIREMENTS / "advisories.tsv"
_AT_ONCE = 1000  # as many as one question may name
_SECONDS = 30


@dataclass(frozen=True)
class Advisory:
    """An advisory against a package: its names, and what it is about."""

    purl: str
    names: tuple[str, ...]
    summary: str


def judged() -> dict[str, str]:
    """Return why each advisory that stays may stay, by its name."""
    with JUDGED.open(encoding="utf-8", newline="") as file:
        return {row["advisory"]: row["why"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def ask(purls: Sequence[str], address: str = OSV) -> list[Advisory]:
    """Return the advisories against packages.

    Raises:
        LocalError: nobody answers, or with what OSV does not say.
    """
    try:
        return list(_asked(purls, address))
    except (OSError, HTTPException, ValueError, KeyError) as problem:
        why = f"{type(problem).__name__}: {problem}"
        raise LocalError(
            f"no advisory was asked for: {address} gives no answer ({why}); next: make audit, where the network lets it"
        ) from problem


def _asked(purls: Sequence[str], address: str) -> Iterator[Advisory]:
    known: dict[str, Any] = {}
    for first in range(0, len(purls), _AT_ONCE):
        some = purls[first : first + _AT_ONCE]
        answer = _json(f"{address}/v1/querybatch", {"queries": [{"package": {"purl": purl}} for purl in some]})
        for purl, result in zip(some, answer["results"], strict=True):
            if result.get("next_page_token"):
                raise ValueError(f"more advisories against {purl} than one answer holds")
            for each in result.get("vulns", ()):
                if each["id"] not in known:
                    known[each["id"]] = _json(f"{address}/v1/vulns/{each['id']}")
                told = known[each["id"]]
                if "withdrawn" not in told:
                    yield Advisory(purl, (told["id"], *told.get("aliases", ())), told.get("summary", ""))


def _json(address: str, body: Any = None) -> Any:  # noqa: ANN401 -- what the service answers
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=_SECONDS) as reply:
        return json.load(reply)
