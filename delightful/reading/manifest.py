"""Reads `.delightful.yaml`: bytes in, a manifest or one error with file, line and column out."""

import difflib
import json
import stat
from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from delightful.errors import ConfigError
from delightful.manifest import Manifest
from delightful.reading.fault import HIDDEN, Place, fault
from delightful.reading.schema import Schema, expected_at, keys_at
from delightful.reading.yaml import Document, Path, read_yaml
from delightful.text import escaped

MANIFEST_NAME = ".delightful.yaml"
OTHER_NAME = ".delightful.yml"

# What pydantic calls a wrong value, and what we call it; `E_…` types are our own rules.
_CODES = {
    "extra_forbidden": "E_KEY",
    "missing": "E_KEY",
    "literal_error": "E_ENUM",
    "string_pattern_mismatch": "E_ENUM",
    "greater_than_equal": "E_RANGE",
    "less_than_equal": "E_RANGE",
    "string_too_long": "E_RANGE",
    "string_too_short": "E_RANGE",
    "too_long": "E_RANGE",
    "too_short": "E_RANGE",
}
_REASONS = {
    "E_ENUM": "not one of the allowed values",
    "E_RANGE": "out of range",
    "E_TYPE": "wrong type",
}


def read_manifest(data: bytes, file: str = MANIFEST_NAME) -> Manifest:
    """Read a manifest; the first mistake in the file is the one that is told.

    Raises:
        ConfigError: the reader's codes (see `read_yaml`), and E_YAML_TOP, E_KEY, E_TYPE, E_ENUM,
            E_RANGE, E_PAIR, E_NAME, E_PATH, E_ENV, E_SECRET.
    """
    document = read_yaml(data, file)
    if not isinstance(document.value, dict):
        reason = "expects a mapping, such as `service: my-service`"
        raise fault("E_YAML_TOP", document.place(()), reason, got=_kind(document.value))
    try:
        # Strict JSON mode: no "1" for 1, no 1.0 for 1, but lists for tuples.
        return Manifest.model_validate_json(json.dumps(document.value), strict=True)
    except ValidationError as error:
        raise _first_mistake(document, error) from None


def manifest_file(modes: Mapping[str, int]) -> str | None:
    """Return which name in a service's folder is its manifest, or None where there is none.

    `modes` are `lstat` modes by file name; links are never followed.

    Raises:
        ConfigError: E_FILE, both spellings are there, or it is no regular file.
    """
    present = [name for name in (MANIFEST_NAME, OTHER_NAME) if name in modes]
    if len(present) == 2:
        reason = "two manifests: which one is meant?"
        raise fault("E_FILE", Place(OTHER_NAME), reason, allowed=MANIFEST_NAME)
    for name in present:
        if not stat.S_ISREG(modes[name]):
            got = _FILE_KINDS.get(stat.S_IFMT(modes[name]), "a special file")
            raise fault("E_FILE", Place(name), "not a regular file", got=got)
    return present[0] if present else None


_FILE_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def _first_mistake(document: Document, error: ValidationError) -> ConfigError:
    mistakes = [(_place(document, details), details) for details in error.errors()]
    place, details = min(mistakes, key=lambda mistake: mistake[0].mark)
    schema = Manifest.model_json_schema()
    path = _path(details)
    if details["type"] == "extra_forbidden":
        return _unknown_key(place, path, schema)
    if details["type"] == "missing":
        return fault("E_KEY", place, "is required", allowed=expected_at(schema, path))
    return _wrong_value(place, document, details, schema)


def _unknown_key(place: Place, path: Path, schema: Schema) -> ConfigError:
    known = keys_at(schema, path[:-1])
    near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.6)
    reason = f"unknown key, did you mean {near[0]}?" if near else "unknown key"
    return fault("E_KEY", place, reason, got=path[-1], allowed=", ".join(known))


def _wrong_value(
    place: Place, document: Document, details: ErrorDetails, schema: Schema
) -> ConfigError:
    path, code = _path(details), _code(details)
    if details["type"].startswith("E_"):
        context = details.get("ctx", {})
        got = _got(document, details)
        return fault(code, place, context["reason"], got=got, allowed=context["allowed"])
    if details["type"] == "string_type" and path in document.words:
        reason = "text is wanted here: quote the value"
        return fault(code, place, reason, got=_got(document, details))
    reason, allowed = _REASONS[code], expected_at(schema, path)
    return fault(code, place, reason, got=_got(document, details), allowed=allowed)


def _code(details: ErrorDetails) -> str:
    if details["type"].startswith("E_"):
        return details["type"]
    if details["type"] == "int_type" and isinstance(details["input"], bool | float):
        return "E_RANGE"
    return _CODES.get(details["type"], "E_TYPE")


def _got(document: Document, details: ErrorDetails) -> str | None:
    path = _path(details)
    if details["loc"][-1:] == ("[key]",):
        return None
    # What a service passes to itself is its own affair, and may be a secret.
    if path[0] in ("environment", "secrets") and len(path) > 1:
        return HIDDEN
    if path not in document.words:
        return None if "ctx" in details else _kind(details["input"])
    word = document.words[path]
    is_text_for_number = isinstance(details["input"], str) and details["type"] == "int_type"
    return f'"{word}"' if is_text_for_number else word or "nothing"


def _path(details: ErrorDetails) -> Path:
    path = tuple(part for part in details["loc"] if part != "[key]")
    key = details.get("ctx", {}).get("key")
    return (*path, key) if key else path


def _place(document: Document, details: ErrorDetails) -> Place:
    of_key = details["type"] == "extra_forbidden" or details["loc"][-1:] == ("[key]",)
    return document.place(_path(details), of_key=of_key)


def _kind(value: object) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return "nothing" if value is None else escaped(str(value))
