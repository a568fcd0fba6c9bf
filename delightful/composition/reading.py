"""The values that lock files are made of, read with bounds."""

import re
import tomllib
from collections.abc import Iterable
from typing import Any

from delightful.composition.model import Component
from delightful.text import escaped

_PYTHON_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_PYTHON_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.!+_-]{0,99}")
_NODE_NAME = re.compile(r"(@[A-Za-z0-9._~-]{1,100}/)?[A-Za-z0-9._~-]{1,214}")
_NODE_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,99}")
MOST_COMPONENTS = 20_000


class LockFault(Exception):
    """Why a list does not count as whole; `listed` is what could be read of it all the same."""

    def __init__(self, reason: str, listed: Iterable[Component] = ()) -> None:
        super().__init__(reason)
        self.listed = tuple(listed)


def python_component(name: object, version: object) -> Component:
    """Return a component of PyPI by its normalised name (PEP 503). Raises LockFault."""
    if not isinstance(name, str) or not _PYTHON_NAME.fullmatch(name):
        raise LockFault(f"{escaped(str(name), limit=60)} is no name of a Python package")
    if not isinstance(version, str) or not _PYTHON_VERSION.fullmatch(version):
        raise LockFault(f"{name} has no exact version")
    return Component(ecosystem="pypi", name=re.sub(r"[-_.]+", "-", name).lower(), version=version)


def node_component(name: object, version: object) -> Component:
    """Return a component of npm. Raises LockFault."""
    if not isinstance(name, str) or not _NODE_NAME.fullmatch(name):
        raise LockFault(f"{escaped(str(name), limit=60)} is no name of an npm package")
    if not isinstance(version, str) or not _NODE_VERSION.fullmatch(version):
        raise LockFault(f"{name} has no exact version")
    return Component(ecosystem="npm", name=name, version=version)


def toml_tables(data: bytes, key: str) -> list[dict[str, Any]]:
    """Return the tables under a key of a TOML document. Raises LockFault."""
    document = toml_document(data)
    tables = document.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise LockFault(f"{key} is no list of packages")
    if len(tables) > MOST_COMPONENTS:
        raise LockFault(f"lists more than {MOST_COMPONENTS} packages")
    return tables


def toml_document(data: bytes) -> dict[str, Any]:
    """Return a TOML document. Raises LockFault."""
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise LockFault(f"not TOML: {escaped(str(error), limit=100)}") from error
