"""What a Go project's own files name: module, version, requirements, and which programs it has."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from analyzer.facts import Fact, quoted_match
from analyzer.languages.dependencies import Dependencies
from analyzer.paths import project_below
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

GO_MOD: Final = "go.mod"
# Beyond this nobody wrote it.
_LONGEST: Final = 128 * 1024
_MODULE: Final = Pattern(r"^module[ \t]+\"?([^\s\"]+)\"?", re.MULTILINE)
_REQUIRED: Final = Pattern(
    r"^(?:require[ \t]+|[ \t]+)\"?([\w.-]+\.[\w-]+/[^\s\"]+)\"?[ \t]+v[^\s/]+(?![^\n]*// indirect)",
    re.MULTILINE,
)
_MAJOR: Final = Pattern(r"(?:/v\d+|\.v\d+)$")
_VERSIONS: Final[tuple[tuple[str, str, str, Confidence], ...]] = (
    (GO_MOD, "toolchain", r"^toolchain[ \t]+go(\d+\.\d+(?:\.\d+)?)", "high"),
    (GO_MOD, "directive", r"^go[ \t]+(\d+\.\d+(?:\.\d+)?)", "high"),
    (".go-version", "version-file", r"\A\s*(?:go)?(\d+\.\d+(?:\.\d+)?)", "high"),
    (".tool-versions", "version-file", r"^(?:golang|go)[ \t]+(\d+\.\d+(?:\.\d+)?)", "medium"),
    ("mise.toml", "version-file", r"^go[ \t]*=[ \t]*\"(\d+\.\d+(?:\.\d+)?)", "medium"),
)
_FIRST_STRICT: Final = (1, 21)
# Folders whose programs help to build or try the service and are not the service.
_BESIDE: Final = Pattern(
    r"_example|_examples|build|ci|contrib|devtools|gen|generate|generator|"
    r"hack|internal-tools|mage|magefiles|mock|script|scripts|third_party|"
    r"tool|tools"
)
_NO_PART: Final = (
    *(".pb.go", ".pb.gw.go", "_gen.go", "_generated.go", ".gen.go", "magefile.go"),
    *("/testutil.go", "/testutils.go", "/testing.go"),
)


@dataclass(frozen=True)
class GoModule:
    """A `go.mod`: where it lies, what it is called and what it requires directly."""

    path: str
    text: str

    @cached_property
    def declaration(self) -> re.Match[str] | None:
        """Return the line that names the module."""
        return _MODULE.search(self.text)

    @property
    def program(self) -> str:
        """Return the name that `go build` gives to a program in the module's own folder."""
        name = _MAJOR.sub("", self.declaration[1]) if self.declaration else ""
        return name.rpartition("/")[2]

    @property
    def evidence(self) -> Evidence | None:
        """Return the line that names the module."""
        return quoted_match(self.path, self.text, self.declaration) if self.declaration else None

    @cached_property
    def requirements(self) -> Dependencies:
        """Return the modules that are required and not only indirectly so, with their lines."""
        if len(self.text) > _LONGEST:
            return {}
        return {
            match[1]: quoted_match(self.path, self.text, match)
            for match in _REQUIRED.finditer(self.text)
        }


def read_module(tree: SourceTree) -> GoModule | None:
    """Return the nearest `go.mod`, or the service's in the folders right below; None for none."""
    path = tree.nearest(GO_MOD) or project_below(tree.named(GO_MOD))
    text = tree.text(path) if path else None
    return GoModule(path, text) if path and text else None


def go_versions(tree: SourceTree, module: GoModule | None) -> Iterator[Fact]:
    """Yield the version of Go from each file that pins one."""
    for name, kind, pattern, confidence in _VERSIONS:
        path = module.path if name == GO_MOD and module else tree.nearest(name)
        text = tree.text(path) if path else None
        match = re.search(pattern, text, re.MULTILINE) if text else None
        if kind == "directive" and text and match and _is_only_least(text, match[1]):
            confidence = "medium"
        if path and text and match:
            rule = "go/toolchain" if kind == "toolchain" else "go/version"
            evidence = quoted_match(path, text, match)
            yield Fact("runtime_version", match[1], rule, confidence, evidence)


def _is_only_least(text: str, version: str) -> bool:
    """Say whether a module is built with another version than it names.

    That stands beside it then, as the toolchain; before Go 1.21 only the language's was named:
    https://go.dev/doc/toolchain.
    """
    major, minor = map(int, version.split(".")[:2])
    return "\ntoolchain " in text or (major, minor) < _FIRST_STRICT


def own_sources(tree: SourceTree) -> tuple[str, ...]:
    """Return the module's own sources: no tools, nothing generated, nothing for tests."""
    nested = _nested_modules(tree)
    return tuple(
        path for path in tree.sources(".go") if is_part(path) and not path.startswith(nested)
    )


def is_part(path: str) -> bool:
    """Say whether a source may be part of a program: written by people, and no tool of theirs."""
    return not path.endswith(_NO_PART) and not _is_beside(path[: path.rfind("/") + 1])


@lru_cache(maxsize=4096)
def _is_beside(folder: str) -> bool:
    parts = folder.replace("../", "").split("/")[:-1]
    return any(_BESIDE.fullmatch(part) or part[:1] in "._" for part in parts)


def _nested_modules(tree: SourceTree) -> tuple[str, ...]:
    if GO_MOD not in tree or "go.work" in tree:
        return ()
    return tuple(path.removesuffix(GO_MOD) for path in tree.named(GO_MOD) if "/" in path)


def flavours_of(required: Dependencies, table: Mapping[str, str]) -> Iterator[tuple[str, Evidence]]:
    """Yield what the table says of each required module; a key is the path or its beginning."""
    beginnings = tuple(table)
    for module, evidence in required.items():
        for known, flavour in table.items() if module.startswith(beginnings) else ():
            if is_within(module, known):
                yield flavour, evidence


def is_within(module: str, known: str) -> bool:
    """Say whether an import path is a known module, one of its packages or another major."""
    return module == known or module.startswith((f"{known}/", f"{known}."))
