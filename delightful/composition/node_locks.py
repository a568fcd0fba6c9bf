"""The lock file of npm, from version 2 on."""

from typing import Any

from delightful.composition.model import Component
from delightful.composition.reading import MOST_COMPONENTS, LockFault, node_component
from delightful.reading.json import read_json
from delightful.text import escaped

_MAX_BYTES = 16 * 1024 * 1024
_FOLDER = "node_modules/"


def package_lock(data: bytes) -> tuple[Component, ...]:
    """Return what npm locked, the projects themselves left out.

    Raises:
        LockFault: an older version of the file, or a package that comes from no registry.
        ConfigError: it is no JSON.
    """
    packages = locked_packages(data)
    listed, faults = [], []
    for place, said in packages.items():
        if _FOLDER not in place or said.get("link") is True:
            continue
        listed.append(node_component(_name(place, said), said.get("version")))
        resolved = said.get("resolved")
        if isinstance(resolved, str) and not resolved.startswith(("https://", "http://")):
            faults.append(f"{listed[-1].name} comes from no registry, so no advisory names it")
    if faults:
        raise LockFault("; ".join(faults[:3]), listed)
    return tuple(listed)


def locked_packages(data: bytes) -> dict[str, dict[str, Any]]:
    """Return the packages of a lock file by their place, its own projects among them.

    Raises:
        LockFault: it has none.
        ConfigError: it is no JSON.
    """
    document = read_json(data, "package-lock.json", max_bytes=_MAX_BYTES)
    packages = document.get("packages") if isinstance(document, dict) else None
    if not isinstance(packages, dict):
        raise LockFault("written by an npm older than 7: write it again with `npm install`")
    if len(packages) > MOST_COMPONENTS:
        raise LockFault(f"lists more than {MOST_COMPONENTS} packages")
    for place, said in packages.items():
        if not isinstance(said, dict):
            raise LockFault(f"{escaped(place, limit=60)} is no package")
    return packages  # type: ignore[return-value]  # every value was looked at


def _name(place: str, said: dict[str, Any]) -> object:
    return said.get("name", place.rpartition(_FOLDER)[2])
