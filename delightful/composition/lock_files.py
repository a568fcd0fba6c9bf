"""What lock files list, ecosystem by ecosystem: the whole of it with exact versions, or a fault.

A list that cannot be proven whole has a fault, since what it leaves out nobody would look at.
"""

import posixpath
from collections.abc import Callable, Mapping

from delightful.composition.model import Component, Ecosystem
from delightful.composition.node_locks import package_lock
from delightful.composition.python_locks import (
    pipfile_lock,
    poetry_lock,
    pylock,
    requirements,
    uv_lock,
)
from delightful.composition.reading import LockFault
from delightful.errors import ConfigError
from delightful.frozen import Frozen

MAX_LOCK_BYTES = 16 * 1024 * 1024


class LockFile(Frozen):
    """One lock file of a service; `fault` is why its list does not count as whole."""

    path: str
    sha256: str
    ecosystem: Ecosystem
    components: tuple[Component, ...] = ()
    fault: str | None = None


_READERS: Mapping[str, Callable[[bytes], tuple[Component, ...]]] = {
    "uv.lock": uv_lock,
    "poetry.lock": poetry_lock,
    "Pipfile.lock": pipfile_lock,
    "package-lock.json": package_lock,
    "npm-shrinkwrap.json": package_lock,
}
NODE_LOCKS = frozenset({"package-lock.json", "npm-shrinkwrap.json"})


def is_lock_file(path: str) -> bool:
    """Say whether a file's name is that of a lock file that can be read."""
    return _reader(posixpath.basename(path)) is not None


def read_lock(path: str, data: bytes, sha256: str) -> LockFile:
    """Read one lock file; what keeps it from being read, or from being whole, is its fault."""
    name = posixpath.basename(path)
    reader = _reader(name)
    if reader is None:
        raise ValueError(f"{path} is no lock file")
    ecosystem: Ecosystem = "npm" if name in NODE_LOCKS else "pypi"
    try:
        components, fault = reader(data), None
    except LockFault as problem:
        components, fault = problem.listed, str(problem)
    except ConfigError as problem:
        components, fault = (), problem.message
    unique = {component.key: component for component in components}
    return LockFile(
        path=path,
        sha256=sha256,
        ecosystem=ecosystem,
        components=tuple(unique[key] for key in sorted(unique)),
        fault=fault,
    )


def _reader(name: str) -> Callable[[bytes], tuple[Component, ...]] | None:
    if name.startswith("requirements") and name.endswith(".txt"):
        return requirements
    if name == "pylock.toml" or (name.startswith("pylock.") and name.endswith(".toml")):
        return pylock
    return _READERS.get(name)
