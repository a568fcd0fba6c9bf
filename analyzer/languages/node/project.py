"""What a Node project's own files name: packages, scripts, and the version of Node."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, first_line, quoted_match
from analyzer.languages.dependencies import Dependencies
from analyzer.languages.node.packages import FRAMEWORKS
from analyzer.paths import is_aside, project_below
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

PACKAGE_FILE: Final = "package.json"
_DENO_FILES: Final = ("deno.json", "deno.jsonc")
_METEOR_FILE: Final = ".meteor/packages"
_METEOR_RELEASE: Final = ".meteor/release"
_LOCK_FILES: Final = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}
_KEY: Final = Pattern(r"\"([^\"\n]{1,200})\"\s*:")
_METEOR_PACKAGE: Final = Pattern(r"^([a-z0-9:_-]+)(?:@\S+)?[ \t]*$", re.MULTILINE)

# The long-term lines by the names under which `.nvmrc` may give them: nodejs/Release.
_LINES: Final = {
    "fermium": "14",
    "gallium": "16",
    "hydrogen": "18",
    "iron": "20",
    "jod": "22",
    "krypton": "24",
}
_PLAIN: Final = r"\A\s*v?(\d+(?:\.\d+){0,2})\b"
_PINS: Final = (
    (".nvmrc", Pattern(_PLAIN)),
    (".nvmrc", Pattern(r"\A\s*lts/(\w+)")),
    (".node-version", Pattern(_PLAIN)),
    (".tool-versions", Pattern(r"^node(?:js)?[ \t]+v?(\d+(?:\.\d+){0,2})", re.MULTILINE)),
    ("mise.toml", Pattern(r"^node[ \t]*=[ \t]*\"(\d+(?:\.\d+){0,2})", re.MULTILINE)),
    (".mise.toml", Pattern(r"^node[ \t]*=[ \t]*\"(\d+(?:\.\d+){0,2})", re.MULTILINE)),
)
# A package that only stands for the one in a folder below.
_LINKED: Final = Pattern(r"(?:link|file):(?:\./)?([\w-]{1,60})/?")
# Or starts it there; what it starts besides is shown to people by it.
_STARTED: Final = Pattern(
    r"(?:-C|--prefix|--cwd|\bcd)[ =](?:\./)?"
    r"((?:[\w-]{1,40}/)?(?:[\w-]{1,20}\.)?(?:api|backend|server))\b(?![/-])"
)
WORKSPACE_FILE: Final = "pnpm-workspace.yaml"
_STARTED_BELOW: Final = Pattern(r"\bnode (?:--?[\w=-]+ )*(?:\./)?([\w-]+)/[\w./-]*\w")
_STARTED_MEMBER: Final = Pattern(
    r"(?:-w|--workspace|--filter|\bworkspace)[ =][\"']?(@?[\w./-]{1,80})[\"']? (?:run )?start"
)
_STARTS: Final = ("start", "start:prod", "start:server", "serve")
_SERVING: Final = frozenset({"api", "backend", "server"})
_OF_ALL: Final = Pattern(r"[-_](?:monorepo|root|workspace)$")
_MEMBERS_DEPTH: Final = 2
_MOST_MEMBERS: Final = 100
_LONGEST_CONSTRAINT: Final = 80
_NUMBER: Final = Pattern(r"\d+(?:\.\d+){0,2}")
_ONE_VERSION: Final = Pattern(r"[>=~^v ]*(\d+)(?:\.[\dx*]+){0,2}(?:-\d+)?\s*")


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

    def located(self, name: str) -> Dependencies:
        """Return the keys of a section, each with its line."""
        keys = self.section(name)
        start = re.search(rf"\"{re.escape(name)}\"\s*:\s*\{{", self.text) if keys else None
        found: dict[str, Evidence] = {}
        for match in _KEY.finditer(self.text, start.end()) if start else ():
            if match[1] in keys and match[1] not in found:
                found[match[1]] = quoted_match(self.path, self.text, match)
            if len(found) == len(keys):
                break
        return found

    def stated(self, name: str, key: str) -> tuple[str, Evidence] | None:
        """Return the text that a section has under a key, with its line."""
        value = self.section(name).get(key)
        start = re.search(rf"\"{re.escape(name)}\"\s*:\s*\{{", self.text)
        if not isinstance(value, str) or start is None:
            return None
        entry = rf"{re.escape(json.dumps(key))}\s*:\s*{re.escape(json.dumps(value))}"
        match = re.compile(entry).search(self.text, start.end())
        return (value, quoted_match(self.path, self.text, match)) if match else None

    def evidence_of(self, key: str) -> Evidence:
        """Return the line of a top-level key, or the file's first where it is not to be found."""
        match = re.search(rf"{re.escape(json.dumps(key))}\s*:", self.text)
        if match is None:
            return first_line(self.path, self.text)
        return quoted_match(self.path, self.text, match)

    @cached_property
    def scripts(self) -> Mapping[str, str]:
        """Return the scripts that are texts."""
        scripts = self.section("scripts")
        return {name: text for name, text in scripts.items() if isinstance(text, str) and text}

    @cached_property
    def script_lines(self) -> Dependencies:
        """Return the line of each script."""
        return self.located("scripts")

    @cached_property
    def imports(self) -> Dependencies:
        """Return what Deno imports, under its name at npm where it comes from there."""
        names = {key: _FROM_NPM.match(str(value)) for key, value in self.section("imports").items()}
        lines = self.located("imports")
        return {(npm[1] if (npm := names[key]) else key): line for key, line in lines.items()}

    @cached_property
    def dependencies(self) -> Dependencies:
        """Return the packages that run with the service, with their lines."""
        return {**self.located("optionalDependencies"), **self.located("dependencies")}

    @cached_property
    def development(self) -> Dependencies:
        """Return the packages that build and test it; many a meta framework stands here."""
        return self.located("devDependencies")

    @property
    def is_private(self) -> bool:
        """Say whether the package is kept from being published."""
        return self.content.get("private") is True


def read_package_file(tree: SourceTree, path: str = PACKAGE_FILE) -> PackageFile | None:
    """Return a `package.json`, or None where there is none that can be read."""
    text = tree.text(path)
    return _package_file(path, text) if text else None


# What JSON with comments has more than JSON.
_COMMENT: Final = Pattern(r"^[ \t]*//[^\n]*", re.MULTILINE)
_TRAILING: Final = Pattern(r",(\s*[}\]])")
_FROM_NPM: Final = Pattern(r"npm:/?(@?[\w./-]+)")
# A folder of one of a package's programs that has no package of its own.
_ENTRY: Final = Pattern(r"(?:app|index|main|server|start)\.[cm]?[jt]s")
_NEEDS: Final = ("dependencies", "devDependencies", "engines", "optionalDependencies")
_NX_PROJECT: Final = "project.json"
_LERNA: Final = "lerna.json"


# Asked for by what shows the language, by what the service needs, and by each field's rules.
@lru_cache(maxsize=8)
def _package_file(path: str, text: str) -> PackageFile | None:
    said = _TRAILING.sub(r"\1", _COMMENT.sub("", text)) if path.endswith(".jsonc") else text
    try:
        content = json.loads(said)
    except (ValueError, RecursionError):
        return None
    return PackageFile(path, text, content) if isinstance(content, dict) else None


def read_service_package(tree: SourceTree, name: str = PACKAGE_FILE) -> PackageFile | None:
    """Return the service's `package.json`, or the one of its server a folder below.

    That is the only one there, or the only one in a folder that people call a server's. `name` is
    another project file of the same form.
    """
    below = None if name in tree else project_below(tree.named(name))
    package = read_package_file(tree, below or name) or _workspace_package(tree, name)
    linked = _linked(package) if package else None
    inner = read_package_file(tree, f"{linked}/{name}") if linked else None
    member = _member(tree, package) if package and not inner and not below else None
    return inner or member or package


def _linked(package: PackageFile) -> str | None:
    """Return the folder of the package that a package is there for: it runs it, or starts it."""
    linked = _LINKED.fullmatch(_only_dependency(package))
    if linked:
        return linked[1]
    start = _start_of(package)
    started = _STARTED.search(start)
    if started is None and not package.section("dependencies"):
        # Without packages of its own it starts a file that has them beside it.
        started = _STARTED_BELOW.search(start)
    return started[1] if started else None


def _start_of(package: PackageFile) -> str:
    """Return the scripts that start a service, the plainest first."""
    scripts = package.section("scripts")
    return "\n".join(str(scripts[name]) for name in _STARTS if name in scripts)


def _member(tree: SourceTree, package: PackageFile) -> PackageFile | None:
    """Return the member of a workspace that its root is there for, which serves nothing itself.

    That is the one that the root starts, else the only one that is called as the root or after
    what is served.
    """
    is_workspace = "workspaces" in package.content or WORKSPACE_FILE in tree or _LERNA in tree
    is_run = any(name in package.section("dependencies") for name, _ in FRAMEWORKS)
    if not is_workspace or is_run or "/" in package.path:
        return None
    started = _STARTED_MEMBER.search(_start_of(package))
    own = called_as_one(str(package.content.get("name", "")).rpartition("/")[2])
    below = [
        path
        for path in tree.named(PACKAGE_FILE)
        if 1 <= path.count("/") <= _MEMBERS_DEPTH and not is_aside(path)
    ]
    members = [one for path in below[:_MOST_MEMBERS] if (one := read_package_file(tree, path))]
    for names in ({started[1]} if started else set(), {own}, _SERVING):
        found = [one for one in members if not _names_of(one).isdisjoint(names - {""})]
        if len(found) == 1:
            return found[0]
    return None


def called_as_one(name: str) -> str:
    """Return a workspace's name without the word that says that it is one: `shop-monorepo`."""
    return _OF_ALL.sub("", name)


def _names_of(member: PackageFile) -> frozenset[str]:
    """Return what a member is called: its name, and the folder that it lies in."""
    return frozenset({str(member.content.get("name", "")), member.path.split("/")[-2]})


def _workspace_package(tree: SourceTree, name: str) -> PackageFile | None:
    """Return the file above that has the packages of all programs of a workspace of Nest or Nx.

    A folder with an entry and no file of its own has what the nearest one above needs.
    """
    if name != PACKAGE_FILE or name in tree:
        return None
    steps = tree.folder.split("/")
    for path in tree.outer:
        folder, _, file = path.rpartition("/")
        root = "/".join(steps[-folder.count("..") :])
        is_named = file == "nest-cli.json" and f'"root": "{root}"' in (tree.text(path) or "")
        if is_named or (file == "nx.json" and _NX_PROJECT in tree):
            return read_package_file(tree, f"{folder}/{name}")
    is_program = any(map(_ENTRY.fullmatch, tree.top_level))
    is_own = any(path in tree for path in _DENO_FILES)
    above = tree.nearest(name) if is_program and not is_own else None
    package = read_package_file(tree, above) if above else None
    return package and replace(package, content=_needs_of(package))


def _needs_of(package: PackageFile) -> Mapping[str, JsonValue]:
    """Return what is needed by all that lies below a package; it starts something else."""
    return {key: package.content[key] for key in _NEEDS if key in package.content}


def _only_dependency(package: PackageFile) -> str:
    """Return where the only package comes from that another runs with; empty for any other."""
    values = list(package.section("dependencies").values())
    return str(values[0]) if len(values) == 1 else ""


def read_deno_file(tree: SourceTree) -> PackageFile | None:
    """Return `deno.json` as if it were a `package.json`: tasks are its scripts."""
    for path in _DENO_FILES:
        package = read_package_file(tree, path)
        if package is not None:
            return package
    return None


def meteor_packages(tree: SourceTree) -> Dependencies:
    """Return the Meteor packages that the app names, with their lines."""
    text = tree.text(_METEOR_FILE) or ""
    return {
        match[1]: quoted_match(_METEOR_FILE, text, match)
        for match in _METEOR_PACKAGE.finditer(text)
    }


def meteor_release(tree: SourceTree) -> Evidence | None:
    """Return the line that names the Meteor release."""
    text = tree.text(_METEOR_RELEASE)
    return first_line(_METEOR_RELEASE, text) if text and text.strip() else None


def package_manager(tree: SourceTree) -> str:
    """Return the package manager whose lock file lies nearest; npm where there is none."""
    path = tree.nearest(*_LOCK_FILES)
    return _LOCK_FILES[path.rpartition("/")[2]] if path else "npm"


def node_versions(tree: SourceTree) -> Iterator[Fact]:
    """Yield the version of Node from each file that pins one."""
    for name, pattern in _PINS:
        path = tree.nearest(name)
        text = tree.text(path) if path else None
        match = pattern.search(text) if text else None
        if path and text and match:
            version = _LINES.get(match[1], match[1])
            # Above the service it may be there for the repository's tools.
            confidence: Confidence = "high" if path == name else "medium"
            if version[0].isdigit():
                yield _version(version, "node/version-file", confidence, path, text, match)
    for above in (PACKAGE_FILE, package_above(tree)):
        package = read_package_file(tree, above) if above else None
        if package:
            yield from _package_versions(package)


def package_above(tree: SourceTree) -> str | None:
    """Return the outermost `package.json` above the service's own."""
    above = [path for path in tree.outer if path.replace("../", "") == PACKAGE_FILE]
    return max(above, key=len, default=None)


def _package_versions(package: PackageFile) -> Iterator[Fact]:
    volta = package.stated("volta", "node")
    if volta and _NUMBER.fullmatch(volta[0]):
        yield Fact("runtime_version", volta[0], "node/volta", "high", volta[1])
    engines = package.stated("engines", "node")
    if engines:
        yield from _engines(*engines)
    types = package.stated("devDependencies", "@types/node")
    number = _NUMBER.search(types[0]) if types else None
    if types and number:
        version = number[0].partition(".")[0]
        yield Fact("runtime_version", version, "node/types", "low", types[1])


def _engines(constraint: str, evidence: Evidence) -> Iterator[Fact]:
    bounds = re.findall(r"(?<![\d.])\d+", constraint[:_LONGEST_CONSTRAINT])
    if not bounds:
        return
    # Of a list of lines the last is the newest that is known to work.
    is_one = _ONE_VERSION.fullmatch(constraint[:_LONGEST_CONSTRAINT]) is not None
    version = bounds[0] if is_one else bounds[-1]
    confidence: Confidence = "medium" if is_one else "low"
    yield Fact("runtime_version", version, "node/engines", confidence, evidence)


def _version(
    version: str,
    rule: str,
    confidence: Confidence,
    path: str,
    text: str,
    match: re.Match[str],
) -> Fact:
    number = re.compile(re.escape(match[1])).search(text, match.start(1))
    evidence = quoted_match(path, text, number or match)
    return Fact("runtime_version", version, rule, confidence, evidence)
