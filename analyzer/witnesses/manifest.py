"""The manifest as a witness: what it says is so."""

from collections.abc import Iterator

from pydantic import JsonValue

from analyzer.facts import Fact, quoted_line
from analyzer.tree import SourceTree
from delightful.errors import ConfigError
from delightful.manifest import Manifest
from delightful.reading.manifest import (
    MANIFEST_NAME,
    OTHER_NAME,
    manifest_file,
    read_manifest,
)
from delightful.reading.yaml import Path, read_yaml
from delightful.recommendation import Evidence


def read_manifest_of(tree: SourceTree) -> Manifest | None:
    """Return the manifest that lies in the tree, or None where there is none.

    Raises:
        ConfigError: what `read_manifest` raises, and E_FILE where it is a link or given twice.
    """
    name = _name(tree)
    if name is None:
        return None
    data = tree.data(name)
    if data is None:
        raise ConfigError("E_YAML_SIZE", f"{name} is above 64 KiB", hint="shorten it")
    return read_manifest(data, name)


def manifest_facts(tree: SourceTree, manifest: Manifest) -> Iterator[Fact]:
    """Yield what a manifest says explicitly, with its lines where it lies in the tree."""
    name = _name(tree)
    text = tree.text(name) if name else None
    document = read_yaml(text.encode(), name) if name and text else None
    for field, path, value in _said(manifest):
        mark = document.key_marks.get(path) if document else None
        evidence = quoted_line(name, text, mark.line) if name and text and mark else None
        yield Fact(field, value, "manifest", "high", _without_value(field, value, evidence))


def _name(tree: SourceTree) -> str | None:
    modes = {name: tree.mode(name) for name in (MANIFEST_NAME, OTHER_NAME)}
    return manifest_file({name: mode for name, mode in modes.items() if mode is not None})


def _said(manifest: Manifest) -> Iterator[tuple[str, Path, JsonValue]]:
    yield "kind", ("service",), "web"
    if manifest.port is not None:
        yield "port", ("port",), manifest.port
    if manifest.start_command is not None:
        yield "start_command", ("start_command",), list(manifest.start_command)
    if manifest.health_check is not None and "path" in manifest.health_check.model_fields_set:
        yield "health_path", ("health_check", "path"), manifest.health_check.path
    if manifest.cpu_units is not None:
        yield "cpu_units", ("cpu_units",), manifest.cpu_units
    if manifest.memory_mib is not None:
        yield "memory_mib", ("memory_mib",), manifest.memory_mib
    if manifest.database is not None:
        yield "database", ("database",), manifest.database.engine
    if manifest.cache is not None:
        yield "cache", ("cache",), manifest.cache.engine
    for section in ("environment", "secrets"):
        for name in getattr(manifest, section):
            yield "environment_variables", (section, name), name


def _without_value(field: str, value: JsonValue, evidence: Evidence | None) -> Evidence | None:
    # What a variable is set to may be anybody's business; that it is set is ours.
    if evidence is None or field != "environment_variables":
        return evidence
    return evidence.model_copy(update={"quote": str(value)})
