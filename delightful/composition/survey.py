"""Which files of a service say what it needs, and what of it no lock file lists."""

import fnmatch
import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from delightful.composition.lock_files import LockFile, is_lock_file
from delightful.composition.model import Component, Ecosystem, ScanReport
from delightful.composition.reading import LockFault, toml_document
from delightful.errors import ConfigError
from delightful.frozen import Frozen
from delightful.reading.json import read_json

# By file name: what would be installed from it, and by which lock file that could be read.
_DECLARATIONS: Mapping[str, Ecosystem | None] = {
    "pyproject.toml": "pypi",
    "setup.py": "pypi",
    "setup.cfg": "pypi",
    "Pipfile": "pypi",
    "package.json": "npm",
    "environment.yml": None,
    "environment.yaml": None,
    "go.mod": None,
    "Gemfile": None,
    "gems.rb": None,
    "Cargo.toml": None,
    "composer.json": None,
    "mix.exs": None,
    "rebar.config": None,
    "pom.xml": None,
    "build.gradle": None,
    "build.gradle.kts": None,
    "build.sbt": None,
    "packages.config": None,
    "Package.swift": None,
    "deno.json": None,
    "*.csproj": None,
    "*.fsproj": None,
    "*.vbproj": None,
}
_NODE_DEPENDENCIES = (
    "dependencies",
    "devDependencies",
    "optionalDependencies",
    "peerDependencies",
    "bundleDependencies",
    "bundledDependencies",
)
# What images of Python bring along, and what installs the rest; no service lists them.
INSTALLERS = frozenset({"pip", "setuptools", "wheel", "uv"})


class Survey(Frozen):
    """The lock files of a service, what they do not cover, and the names of its own projects."""

    locks: tuple[LockFile, ...] = ()
    uncovered: tuple[str, ...] = ()
    own_names: frozenset[str] = frozenset()

    @property
    def components(self) -> tuple[Component, ...]:
        """Return everything that the lock files list, each once."""
        unique = {one.key: one for lock in self.locks for one in lock.components}
        return tuple(unique[key] for key in sorted(unique))


def is_dependency_file(path: str) -> bool:
    """Say whether a file says what a service needs."""
    return is_lock_file(path) or _declaration(path) is not None


def survey_of(declarations: Mapping[str, bytes], locks: tuple[LockFile, ...]) -> Survey:
    """Return what is covered: a declaration needs a lock file beside or above it, or no content.

    `declarations` are the dependency files that are no lock files, by path.
    """
    uncovered, own_names = [], set()
    for path, data in sorted(declarations.items()):
        try:
            needs, name = _needs(path, data)
        except (LockFault, ConfigError) as error:
            needs, name = f"cannot be read: {error}", None
        if name:
            own_names.add(name)
        if needs and not _is_covered(path, locks):
            uncovered.append(f"{path} {needs}")
    return Survey(locks=locks, uncovered=tuple(uncovered), own_names=frozenset(own_names))


def coverage_report(survey: Survey) -> ScanReport:
    """Return whether lock files list all that the service's files ask for."""
    return ScanReport(
        scanner="lock files",
        subject=", ".join(lock.path for lock in survey.locks) or "no dependencies declared",
        components=len(survey.components),
        unseen="; ".join(survey.uncovered[:5]) or None,
    )


def installed_report(survey: Survey, installed: tuple[Component, ...]) -> ScanReport:
    """Return whether an image holds packages that no lock file lists, so nobody looked at them.

    Packages of the operating system are left out: they are the registry's scanner's.
    """
    listed = {(one.ecosystem, one.name) for one in survey.components}
    known = listed | {("pypi", name) for name in INSTALLERS | survey.own_names}
    known |= {("npm", name) for name in survey.own_names}
    packages = [one for one in installed if one.ecosystem in ("pypi", "npm")]
    strangers = [one for one in packages if (one.ecosystem, one.name) not in known]
    names = ", ".join(f"{one.name} {one.version}" for one in strangers[:5])
    unseen = f"{len(strangers)} installed packages are in no lock file: {names}"
    return ScanReport(
        scanner="installed",
        subject="the image",
        components=len(packages),
        unseen=unseen if strangers else None,
    )


def _declaration(path: str) -> str | None:
    name = posixpath.basename(path)
    return next((known for known in _DECLARATIONS if fnmatch.fnmatchcase(name, known)), None)


def _is_covered(path: str, locks: tuple[LockFile, ...]) -> bool:
    declaration = _declaration(path)
    ecosystem = _DECLARATIONS[declaration] if declaration else None
    return any(lock.ecosystem == ecosystem and _is_above(lock.path, path) for lock in locks)


def _is_above(lock: str, path: str) -> bool:
    folder = posixpath.dirname(lock)
    return not folder or path.startswith(f"{folder}/")


def _needs(path: str, data: bytes) -> tuple[str | None, str | None]:
    """Return what a declaration needs that a lock file must list, and its project's own name."""
    name = posixpath.basename(path)
    if name == "package.json":
        return _node_needs(read_json(data, path))
    if name == "pyproject.toml":
        return _python_needs(toml_document(data))
    declaration = _declaration(path)
    if declaration and _DECLARATIONS[declaration] is None:
        return "is of a kind that no scanner here reads", None
    return "has no lock file beside it", None


def _node_needs(document: Any) -> tuple[str | None, str | None]:
    if not isinstance(document, dict):
        return "is no object", None
    needs = any(document.get(key) for key in _NODE_DEPENDENCIES)
    name = document.get("name")
    said = "names dependencies, and no package-lock.json lists them"
    return said if needs else None, name if isinstance(name, str) else None


def _python_needs(document: dict[str, Any]) -> tuple[str | None, str | None]:
    project = _table(document, "project")
    poetry = _table(_table(document, "tool"), "poetry")
    needs = any(_python_dependencies(project, poetry, document))
    name = project.get("name", poetry.get("name"))
    said = "names dependencies, and no lock file lists them"
    own = name.lower().replace("_", "-").replace(".", "-") if isinstance(name, str) else None
    return said if needs else None, own


def _python_dependencies(
    project: dict[str, Any], poetry: dict[str, Any], document: dict[str, Any]
) -> Iterator[Any]:
    yield project.get("dependencies")
    yield project.get("optional-dependencies")
    yield "dependencies" in project.get("dynamic", ())
    yield document.get("dependency-groups")
    yield poetry.get("group")
    yield set(_table(poetry, "dependencies")) - {"python"}


def _table(document: dict[str, Any], key: str) -> dict[str, Any]:
    found = document.get(key)
    return found if isinstance(found, dict) else {}
