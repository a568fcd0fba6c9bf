"""In what two releases differ: their lineage, step by step, by names and never by secret values."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from delightful.frozen import Frozen
from delightful.release import Release


class Difference(Frozen):
    """One thing that differs; None where a release does not have it."""

    what: str
    before: str | None
    after: str | None


def release_difference(before: Release, after: Release) -> tuple[Difference, ...]:
    """Return what changes where `after` takes the place of `before`; nothing where all is the same.

    Of the inputs of an apply only the names are told: an environment may hold what is secret.
    """
    return tuple(one for one in _all(before, after) if one.before != one.after)


def _all(before: Release, after: Release) -> Iterator[Difference]:
    yield _one("commit", before.commit, after.commit)
    yield _one("image digest", _digest(before), _digest(after))
    yield _one("task definition", _task_definition(before), _task_definition(after))
    yield _one("schema", _schema(before), _schema(after))
    old, new = _inputs(before), _inputs(after)
    for name in sorted({*old, *new}):
        if name not in old:
            yield _one(f"input {name}", None, "set")
        elif name not in new:
            yield _one(f"input {name}", "set", None)
        elif old[name] != new[name]:
            yield _one(f"input {name}", "set", "set to another value")


def _one(what: str, before: str | None, after: str | None) -> Difference:
    return Difference(what=what, before=before, after=after)


def _digest(release: Release) -> str | None:
    return release.image.digest if release.image else None


def _task_definition(release: Release) -> str | None:
    if release.stack is None:
        return None
    return release.stack.outputs.task_definition_arn.rpartition("/")[2]


def _schema(release: Release) -> str | None:
    heads = release.migrations.heads if release.migrations else ()
    return ", ".join(heads) or None


def _inputs(release: Release) -> Mapping[str, JsonValue]:
    return release.stack.variables if release.stack else {}
