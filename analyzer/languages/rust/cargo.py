"""Cargo files: crates, what they depend on and which programs they have."""

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from analyzer.facts import Fact, quoted, quoted_match
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

CARGO: Final = "Cargo.toml"
_ABOVE: Final = Pattern(r"(?:\.\./)+Cargo\.toml")
_MOST_CRATES: Final = 80
# Beyond this nobody wrote it.
_LONGEST: Final = 64 * 1024
_SECTION: Final = Pattern(r"^[ \t]*\[+([A-Za-z][^\]\n]*)\]+", re.MULTILINE)
_ENTRY: Final = Pattern(r"^([ \t]*)\"?([A-Za-z][\w-]*)\"?(\.workspace)?[ \t]*=", re.MULTILINE)
_WORDS: Final = Pattern(r"\"([^\"\n]+)\"")
_NAME: Final = Pattern(r"^[ \t]*name[ \t]*=[ \t]*\"([^\"\n]+)\"", re.MULTILINE)
_FEATURES: Final = Pattern(r"\bfeatures[ \t]*=[ \t]*\[([^\]]*)\]")
_PATH: Final = Pattern(r"\bpath[ \t]*=[ \t]*\"([^\"\n]+)\"")
_INHERITED: Final = Pattern(r"\bworkspace[ \t]*=[ \t]*true")
_OPTIONAL: Final = Pattern(r"\boptional[ \t]*=[ \t]*true")
_VERSIONS: Final[tuple[tuple[str, str, Confidence], ...]] = (
    ("rust-toolchain.toml", r"^channel[ \t]*=[ \t]*\"(\d+\.\d+(?:\.\d+)?)", "high"),
    ("rust-toolchain", r"(?:\A\s*|channel[ \t]*=[ \t]*\")(\d+\.\d+(?:\.\d+)?)", "high"),
    (".tool-versions", r"^rust[ \t]+(\d+\.\d+(?:\.\d+)?)", "high"),
    (CARGO, r"^[ \t]*rust-version[ \t]*=[ \t]*\"(\d+\.\d+(?:\.\d+)?)", "medium"),
    ("mise.toml", r"^rust[ \t]*=[ \t]*\"(\d+\.\d+(?:\.\d+)?)", "medium"),
    ("clippy.toml", r"^msrv[ \t]*=[ \t]*\"(\d+\.\d+(?:\.\d+)?)", "low"),
)


@dataclass(frozen=True)
class Dependency:
    """A crate that another needs when it runs; an optional one is not built by default.

    `place` is where it lies, "" for a registry's; an inherited one is what the workspace lists.
    """

    name: str
    features: tuple[str, ...]
    is_optional: bool
    evidence: Evidence
    place: str
    is_inherited: bool


@dataclass(frozen=True)
class Crate:
    """A `Cargo.toml`: where it lies, what it says.

    `shared` has what the workspace lists for its members, by name.
    """

    path: str
    text: str
    programs: tuple[str, ...] = ()
    has_main: bool = False
    shared: Mapping[str, Dependency] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """Return the folder of the crate, "" for the service's own."""
        return self.path.rpartition("/")[0]

    @cached_property
    def sections(self) -> tuple[tuple[str, int, int], ...]:
        """Return each section: its name, where its content begins and where it ends."""
        heads = list(_SECTION.finditer(self.text))
        ends = [head.start() for head in heads[1:]] + [len(self.text)]
        return tuple(
            (head[1].strip(), head.end(), end) for head, end in zip(heads, ends, strict=False)
        )

    @cached_property
    def name(self) -> str:
        """Return the package's name, "" for a workspace that is none."""
        return next((self._name_in(start, end) for start, end in self._spans("package")), "")

    @cached_property
    def evidence(self) -> Evidence | None:
        """Return the line that opens the dependencies, else the first section's."""
        heads = list(_SECTION.finditer(self.text))
        opens = [head for head in heads if head[1].endswith("dependencies")]
        best = next(iter(opens or heads), None)
        return quoted_match(self.path, self.text, best) if best else None

    @cached_property
    def dependencies(self) -> tuple[Dependency, ...]:
        """Return what it depends on when it runs; of the workspace's list what it names."""
        found = (one for is_shared, one in self._listed if not is_shared)
        return tuple(self._completed(one) for one in found)

    def built(self, asked: Collection[str] = ()) -> set[str]:
        """Return the features that are on by default or asked for, and what they bring."""
        waiting, found = ["default", *asked], set[str]()
        while waiting:
            name = waiting.pop().removeprefix("dep:")
            if name not in found and "?" not in name:
                found.add(name)
                parts, _ = self.features.get(name, ((), None))
                waiting += (part.partition("/")[0] for part in parts if "?/" not in part)
        return found

    def _completed(self, one: Dependency) -> Dependency:
        if one.is_optional and one.name in self.built():
            one = replace(one, is_optional=False)
        shared = self.shared.get(one.name)
        if shared is None:
            return one
        features = (*one.features, *shared.features)
        return replace(
            one, features=features, place=shared.place if one.is_inherited else one.place
        )

    @cached_property
    def offered(self) -> Mapping[str, Dependency]:
        """Return what a workspace lists for its members, by name."""
        return {one.name: one for is_shared, one in self._listed if is_shared}

    @cached_property
    def features(self) -> Mapping[str, tuple[tuple[str, ...], Evidence]]:
        """Return what each of the crate's features turns on, with its line."""
        found = {}
        for start, end in self._spans("features"):
            for match, content in self._entries(start, end):
                line = quoted_match(self.path, self.text, match)
                found[match[2]] = (tuple(_WORDS.findall(content)), line)
        return found

    def _spans(self, name: str) -> Iterator[tuple[int, int]]:
        return ((start, end) for section, start, end in self.sections if section == name)

    def _name_in(self, start: int, end: int) -> str:
        match = _NAME.search(self.text, start, end)
        return match[1] if match else ""

    @cached_property
    def named_programs(self) -> tuple[str, ...]:
        """Return the names of the programs that the file itself lists."""
        return tuple(filter(None, (self._name_in(*span) for span in self._spans("bin"))))

    def _entries(self, start: int, end: int) -> Iterator[tuple[re.Match[str], str]]:
        found = list(_ENTRY.finditer(self.text, start, end))
        # What stands deeper belongs to a table of its own.
        entries = [entry for entry in found if entry[1] == found[0][1]]
        ends = [entry.start() for entry in entries[1:]] + [end]
        for entry, entry_end in zip(entries, ends, strict=False):
            yield entry, self.text[entry.end() : entry_end]

    @cached_property
    def _listed(self) -> tuple[tuple[bool, Dependency], ...]:
        return tuple(self._dependencies())

    def _dependencies(self) -> Iterator[tuple[bool, Dependency]]:
        for section, start, end in self.sections:
            is_shared = section.startswith("workspace.")
            if section.endswith("dependencies") and not section.startswith(("dev-", "build-")):
                for match, content in self._entries(start, end):
                    one = self._dependency(match[2], match.start(2), match.end(), content)
                    yield is_shared, one
            elif ".dependencies." in f".{section}" or section.startswith("dependencies."):
                name = section.rpartition(".")[2]
                place = self.text.rindex(section, 0, start)
                content = self.text[start:end]
                yield is_shared, self._dependency(name, place, place + len(section), content)

    def _dependency(self, name: str, start: int, end: int, content: str) -> Dependency:
        features = _FEATURES.search(content)
        path = _PATH.search(content)
        return Dependency(
            name,
            tuple(_WORDS.findall(features[1])) if features else (),
            _OPTIONAL.search(content) is not None,
            quoted(self.path, self.text, start, end),
            posixpath.normpath(posixpath.join(self.folder, path[1])) if path else "",
            _INHERITED.search(self.text[start:end] + content) is not None,
        )


def read_crates(tree: SourceTree) -> tuple[Crate, ...]:
    """Return the service's crates, its own first; also the workspace's file above it."""
    above = [path for path in tree.outer if _ABOVE.fullmatch(path)]
    sources = frozenset(tree.sources(".rs"))
    kept = [path for path in tree.named(CARGO) if not is_aside(path)][:_MOST_CRATES]
    ordered = sorted(kept, key=lambda path: (path.count("/"), path))
    texts = ((path, tree.text(path)) for path in (*ordered, *above))
    crates = [_crate(path, text, sources) for path, text in texts if text and len(text) <= _LONGEST]
    shared = {name: one for crate in crates for name, one in crate.offered.items()}
    return tuple(replace(crate, shared=shared) for crate in crates)


def crates_beside(tree: SourceTree, crates: Sequence[Crate]) -> tuple[Crate, ...]:
    """Return what the service's crates are made with that lies outside its folder.

    What may be left out, and what tests alone need, is not followed.
    """
    found: dict[str, Crate] = {}
    waiting = [crate for crate in crates if not crate.path.startswith("../")]
    while waiting and len(found) < _MOST_CRATES:
        crate = waiting.pop()
        for one in crate.dependencies:
            path = _crate_file(tree, one.place) if one.place and not one.is_optional else ""
            text = tree.text(path) if path in tree.outer and path not in found else None
            if text and len(text) <= _LONGEST:
                found[path] = Crate(path, text, shared=crate.shared)
                waiting.append(found[path])
    return tuple(found[path] for path in sorted(found))


def _crate_file(tree: SourceTree, place: str) -> str:
    """Return the file of a crate beside the service as the tree has it: from the root down."""
    levels = tree.folder.count("/") + 1 if tree.folder else 0
    return f"{'../' * levels}{tree.in_repository(place)}/{CARGO}"


def _crate(path: str, text: str, sources: frozenset[str]) -> Crate:
    crate = Crate(path, text)
    main = f"{crate.folder}/src/main.rs" if crate.folder else "src/main.rs"
    return Crate(path, text, tuple(dict.fromkeys(_programs(crate, sources))), main in sources)


def _programs(crate: Crate, sources: frozenset[str]) -> Iterator[str]:
    if crate.path.startswith("../"):
        return
    yield from crate.named_programs
    inside = f"{crate.folder}/" if crate.folder else ""
    if f"{inside}src/main.rs" in sources and not crate.named_programs:
        yield crate.name
    for path in sources:
        if path.startswith(f"{inside}src/bin/"):
            name = path.removeprefix(f"{inside}src/bin/")
            if "/" not in name or name.endswith("/main.rs"):
                yield name.split("/")[0].removesuffix(".rs")


def rust_versions(tree: SourceTree) -> Iterator[Fact]:
    """Yield the version of Rust from each file that pins one."""
    for name, pattern, confidence in _VERSIONS:
        path = tree.nearest(name)
        text = tree.text(path) if path else None
        match = re.search(pattern, text, re.MULTILINE) if text else None
        if path and text and match:
            rule = "rust/minimum" if name in (CARGO, "clippy.toml") else "rust/toolchain"
            evidence = quoted_match(path, text, match)
            yield Fact("runtime_version", match[1], rule, confidence, evidence)


def named(dependencies: Sequence[Dependency], name: str) -> Dependency | None:
    """Return the dependency of that name, a needed one before an optional one."""
    found = [dependency for dependency in dependencies if dependency.name == name]
    return min(found, key=lambda dependency: dependency.is_optional, default=None)
