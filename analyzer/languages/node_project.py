"""What a Node project's own files name: packages, scripts, and the version of Node."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from analyzer.facts import quoted_match
from analyzer.languages.dependencies import Dependencies
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

PACKAGE_FILE = "package.json"

_VERSION_FILES: tuple[tuple[str, str, Confidence], ...] = (
    (".nvmrc", r"\A\s*v?(\d+(?:\.\d+){0,2})", "high"),
    (".node-version", r"\A\s*v?(\d+(?:\.\d+){0,2})", "high"),
    (".tool-versions", r"^nodejs[ \t]+(\d+(?:\.\d+){0,2})", "high"),
    (PACKAGE_FILE, r"\"engines\"\s*:\s*\{[^}]*?\"node\"\s*:\s*\"[>=~^v ]*(\d+)", "medium"),
)


@dataclass(frozen=True)
class PackageFile:
    """A `package.json`: what it says, and where."""

    path: str
    text: str
    content: Mapping[str, JsonValue]

    def section(self, name: str) -> Mapping[str, JsonValue]:
        """Return a section that is a mapping; empty where there is none."""
        section = self.content.get(name)
        return section if isinstance(section, dict) else {}

    def evidence(self, section: str, key: str) -> Evidence | None:
        """Return the line of a key in a section."""
        start = re.search(rf"\"{re.escape(section)}\"\s*:\s*\{{", self.text)
        pattern = re.compile(rf"{re.escape(json.dumps(key, ensure_ascii=False))}\s*:")
        match = pattern.search(self.text, start.end()) if start else None
        return quoted_match(self.path, self.text, match) if match else None

    def evidence_of(self, key: str) -> Evidence | None:
        """Return the line of a top-level key."""
        match = re.search(rf"{re.escape(json.dumps(key))}\s*:", self.text)
        return quoted_match(self.path, self.text, match) if match else None

    @cached_property
    def dependencies(self) -> Dependencies:
        """Return the packages that run with the service, with their lines."""
        names = self.section("dependencies")
        located = {name: self.evidence("dependencies", name) for name in names}
        return {name: evidence for name, evidence in located.items() if evidence}


def read_package_file(tree: SourceTree) -> PackageFile | None:
    """Return the `package.json` in the root, or None where there is none that can be read."""
    text = tree.text(PACKAGE_FILE)
    try:
        content = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    if text is None or not isinstance(content, dict):
        return None
    return PackageFile(PACKAGE_FILE, text, content)


def node_versions(tree: SourceTree) -> Iterator[tuple[str, str, Confidence, Evidence]]:
    """Yield version, file, confidence and evidence from each file that pins one."""
    for path, pattern, confidence in _VERSION_FILES:
        text = tree.text(path)
        match = re.search(pattern, text, re.MULTILINE) if text else None
        if match and text:
            stretch = re.compile(re.escape(match[1])).search(text, match.start(1))
            yield match[1], path, confidence, quoted_match(path, text, stretch or match)
