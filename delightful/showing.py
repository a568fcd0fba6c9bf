"""What is shown of a release, and whether it is what the ledger has of it."""

from collections.abc import Callable, Mapping, Sequence

from pydantic import JsonValue

from delightful.release import Release
from delightful.variables import sha256_of

# Stands where a value is that only ledger and task definition know.
WITHHELD = "***"

_VALUES = "environment_variables"


def shown_record(release: Release) -> Release:
    """Return the record as whoever may look at Prefect sees it.

    Of the service's environment variables it has the names: a value may be a secret, even if none
    should stand there.
    """
    return _with_values(release, lambda name, value: WITHHELD)


def with_values(shown: Release, values: Mapping[str, str]) -> Release | None:
    """Return the record whose withheld values are known again from what runs.

    None where they are not those that were applied: the digest of the inputs tells.
    """
    known = _with_values(shown, values.get)
    stack = known.stack
    if stack is not None and sha256_of(stack.variables) != stack.variables_sha256:
        return None
    return known


def differs(shown: Release, stored: Release) -> bool:
    """Say whether an artifact tells another story than the ledger; an earlier state does not."""
    shown, stored = shown_record(shown), shown_record(stored)
    steps = len(shown.transitions)
    if shown.transitions != stored.transitions[:steps]:
        return True
    same = {"commit", "image", "stack", "sequence", "kind"}
    known = {name for name in same if getattr(shown, name) is not None}
    return any(getattr(shown, name) != getattr(stored, name) for name in known)


def shows_all(shown: Release, stored: Release) -> bool:
    """Say whether an artifact shows everything of the record that may be shown."""
    return shown_record(shown) == shown_record(stored)


def unshown(history: Sequence[Release], shown: Sequence[Release]) -> list[Release]:
    """Return the releases that nothing shows as they are, oldest first.

    Both are newest first, and of what shows a release in its state the newest counts. With an older
    release the newest one is shown again, so that it stays the latest that is shown.
    """
    lost = [one for one in history if not _is_shown(one, shown)]
    if lost and lost[0] != history[0]:
        lost = [history[0], *lost]
    return lost[::-1]


def _is_shown(stored: Release, shown: Sequence[Release]) -> bool:
    it = (stored.release_id, stored.state)
    newest = next((one for one in shown if (one.release_id, one.state) == it), None)
    if newest is None:
        return False
    # Of an open attempt the record grows without being shown each time.
    return shows_all(newest, stored) if stored.is_terminal else not differs(newest, stored)


def _with_values(release: Release, value_of: Callable[[str, JsonValue], JsonValue]) -> Release:
    parts: dict[str, object] = {}
    if release.manifest is not None:
        own = {name: value_of(name, old) for name, old in release.manifest.environment.items()}
        parts["manifest"] = release.manifest.model_copy(update={"environment": own})
    if release.stack is not None:
        inputs = release.stack.variables
        given = inputs.get(_VALUES)
        if isinstance(given, dict):
            known = {name: value_of(name, old) for name, old in given.items()}
            parts["stack"] = release.stack.model_copy(
                update={"variables": inputs | {_VALUES: known}}
            )
    return release.with_parts(**parts)
