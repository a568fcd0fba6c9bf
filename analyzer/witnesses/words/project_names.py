"""What a repository calls itself, by the project files in its root."""

import re
from typing import Final

from analyzer.patterns import Pattern
from analyzer.tree import SourceTree

_NAMED: Final = (
    (
        "package.json",
        Pattern(r"^\s{0,8}\"name\"\s*:\s*\"(?:@[\w.-]+/)?([\w.-]+)\"", re.MULTILINE),
    ),
    ("composer.json", Pattern(r"\"name\"\s*:\s*\"[\w.-]+/([\w.-]+)\"")),
    ("go.mod", Pattern(r"^module[ \t]+(?:\S*/)?([A-Za-z][\w.-]*?)(?:/v\d+)?$", re.MULTILINE)),
    ("pyproject.toml", Pattern(r"^name[ \t]*=[ \t]*[\"']([\w.-]+)", re.MULTILINE)),
    ("Cargo.toml", Pattern(r"^name[ \t]*=[ \t]*\"([\w.-]+)", re.MULTILINE)),
    ("mix.exs", Pattern(r"\bapp:[ \t]*:(\w+)")),
    ("pom.xml", Pattern(r"<artifactId>([\w.-]+)</artifactId>")),
    ("settings.gradle", Pattern(r"rootProject\.name[ \t]*=[ \t]*[\"']([\w.-]+)")),
    ("settings.gradle.kts", Pattern(r"rootProject\.name[ \t]*=[ \t]*[\"']([\w.-]+)")),
    ("README.md", Pattern(r"^#[ \t]+\W{0,4}([A-Za-z][\w.-]*)[ \t]*$", re.MULTILINE)),
)


def project_names(tree: SourceTree) -> frozenset[str]:
    """Return the names that the repository gives itself, in lower case."""
    found = set()
    for path, pattern in _NAMED:
        match = pattern.search(tree.text(path) or "")
        if match:
            found.add(match[1].lower())
    return frozenset(found)
