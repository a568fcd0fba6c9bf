"""Advisories over HTTP: OSV's API as pip-audit asks it, and npm's as npm audit does."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.stand_ins.local_server import Answer, Asked, LocalServer, local_server

LODASH = "GHSA-jf85-cpcp-j695"
JINJA = "GHSA-462w-v97r-4m45"


@dataclass
class Advisories:
    """What is known: advisories by Python package, and by npm package; `answer` overrules all."""

    python: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    node: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    severities: dict[str, str] = field(default_factory=dict)
    answer: Answer | None = None

    def answered(self, asked: Asked) -> Answer:
        """Return the answer to one request."""
        if self.answer is not None:
            return self.answer
        if asked.path == "/v1/query":
            package = asked.json()["package"]["name"]
            known = self.python.get(package, [])
            return Answer(body={"vulns": known} if known else {})
        if asked.path.startswith("/v1/vulns/"):
            return self._rated(asked.path.rpartition("/")[2])
        if asked.path == "/-/npm/v1/security/advisories/bulk":
            wanted = json.loads(gzip.decompress(asked.body))
            return Answer(body={name: self.node[name] for name in wanted if name in self.node})
        return Answer(body=_packument(asked.path.removeprefix("/")))

    def _rated(self, name: str) -> Answer:
        if name not in self.severities:
            return Answer(404)
        return Answer(body={"id": name, "database_specific": {"severity": self.severities[name]}})


def _packument(name: str) -> dict[str, Any]:
    versions = {number: {"name": name, "version": number} for number in ("4.17.0", "4.17.21")}
    return {"name": name, "versions": versions, "dist-tags": {"latest": "4.17.21"}}


def jinja_advisory() -> dict[str, Any]:
    """Return an advisory of OSV against an old Jinja."""
    return {
        "id": "PYSEC-2019-217",
        "aliases": [JINJA, "CVE-2019-10906"],
        "summary": "sandbox escape",
        "affected": [
            {
                "package": {"name": "jinja2", "ecosystem": "PyPI"},
                "ranges": [
                    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.10.1"}]}
                ],
            }
        ],
    }


def lodash_advisory() -> dict[str, Any]:
    """Return an advisory of npm against an old lodash."""
    return {
        "id": 1,
        "url": f"https://github.com/advisories/{LODASH}",
        "title": "prototype pollution",
        "severity": "critical",
        "vulnerable_versions": "<4.17.12",
        "cwe": [],
        "cvss": {"score": 9.1},
    }


@contextmanager
def advisory_server(advisories: Advisories) -> Iterator[LocalServer]:
    """Serve advisories on this machine."""
    with local_server(advisories.answered) as server:
        yield server
