"""Revisions of applications: AppSpecs in a request or in S3."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.codedeploy.records import Revision
from sandbox.codedeploy.refusal import Refusal

Location = Mapping[str, Any]
ReadObject = Callable[[Mapping[str, Any]], str]
_INLINE = {"AppSpecContent": "appSpecContent", "String": "string"}


def _without_content(location: Location) -> dict[str, Any]:
    return {key: value for key, value in location.items() if value is not None}


class Revisions:
    """Every revision, by application and what identifies it."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Revision]] = {}

    def rename(self, old: str, new: str) -> None:
        """Follow an application to its new name."""
        self._known[new] = self._known.pop(old, {})

    def forget(self, application: str) -> None:
        """Drop an application's revisions."""
        self._known.pop(application, None)

    def all_of(self, application: str) -> list[Revision]:
        """Return an application's revisions, in the order of their registration."""
        return list(self._known.get(application, {}).values())

    def find(self, application: str, location: Location | None) -> Revision:
        """Return a known revision: inline ones by sha256 or content, others by their location.

        Raises:
            Refusal: nothing given, or nothing such known.
        """
        known = self._known.get(application, {})
        revision = known.get(identity(location))
        if revision is None:
            raise Refusal("RevisionDoesNotExist", "The revision could not be found")
        return revision

    def register(
        self, application: str, location: Location | None, read_object: ReadObject
    ) -> Revision:
        """Return the revision of a location, remembered; an inline one by sha256 alone if known.

        Raises:
            Refusal: nothing given, no content to be had, or content under another sha256.
        """
        key = identity(location)
        known = self._known.setdefault(application, {})
        given = dict(location or {})
        if key in known and not _content(given):
            return known[key]
        content = _content(given) if given["revisionType"] in _INLINE else _read(given, read_object)
        if not content:
            raise Refusal("RevisionDoesNotExist", "The revision could not be found")
        revision = Revision(_without_content(given), content, datetime.now(UTC))
        _check_sha256(given, revision)
        return known.setdefault(identity(location), revision)


def identity(location: Location | None) -> str:
    """Return what tells one revision from another.

    Raises:
        Refusal: no location, an unknown type, or a type without its part.
    """
    kind = (location or {}).get("revisionType")
    if not location or not kind:
        raise Refusal("RevisionRequired", "RevisionLocation must be specified")
    if kind == "S3" and location.get("s3Location"):
        named = location["s3Location"]
        return "s3:" + "/".join(str(named.get(k)) for k in ("bucket", "key", "version", "eTag"))
    if kind not in _INLINE:
        raise Refusal("InvalidRevision", f"A revision of type {kind} cannot be deployed to ECS")
    part = location.get(_INLINE[kind]) or {}
    if part.get("content"):
        return Revision({}, part["content"], datetime.now(UTC)).sha256
    if part.get("sha256"):
        return str(part["sha256"])
    raise Refusal("InvalidRevision", f"{_INLINE[kind]} must have content or sha256")


def _content(location: Location) -> str | None:
    part = location.get(_INLINE.get(location["revisionType"], "")) or {}
    content = part.get("content")
    return str(content) if content else None


def _read(location: Location, read_object: ReadObject) -> str:
    named = location["s3Location"]
    if str(named.get("bundleType", "")).upper() not in {"YAML", "JSON"}:
        raise Refusal("InvalidRevision", "BundleType must be either YAML or JSON")
    try:
        return read_object(named)
    except Exception as error:
        raise Refusal(
            "RevisionDoesNotExist",
            f"The revision s3://{named.get('bucket')}/{named.get('key')} could not be read",
        ) from error


def _check_sha256(location: Location, revision: Revision) -> None:
    part = location.get(_INLINE.get(location["revisionType"], "")) or {}
    if part.get("sha256") and part["sha256"] != revision.sha256:
        raise Refusal("InvalidRevision", "The sha256 is not that of the content")
