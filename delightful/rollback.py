"""Which release a rollback takes back."""

from collections.abc import Mapping, Sequence

from delightful.errors import ConfigError
from delightful.release import Release, ReleaseState
from delightful.text import escaped

PREVIOUS = "previous"


def rollback_target(history: Sequence[Release], good: str | None, wanted: str) -> Release:
    """Return the release to restore: one that was GOOD, and never the one that is good now.

    `history` is newest first, `good` the release id that is good now, `wanted` a release id or
    "previous". Previous is the last GOOD one before what serves: after a rollback that is the one
    before the restored release, never the one that was just left.

    Raises:
        ConfigError: E_TARGET, naming the last five that can be restored.
    """
    restorable = [
        release
        for release in history
        if release.state is ReleaseState.GOOD and release.release_id != good
    ]
    found = (
        next(iter(_earlier(restorable, history, good)), None)
        if wanted == PREVIOUS
        else next((release for release in restorable if release.release_id == wanted), None)
    )
    if found is None:
        raise _no_target(restorable, good, wanted)
    return found


def _earlier(
    restorable: Sequence[Release], history: Sequence[Release], good: str | None
) -> list[Release]:
    if good is None:
        return list(restorable)
    by_id = {release.release_id: release for release in history}
    serving = _origin(by_id, good)
    if serving is None:
        return []
    return [release for release in restorable if release.sequence < serving.sequence]


def _origin(by_id: Mapping[str, Release], release_id: str) -> Release | None:
    release = by_id.get(release_id)
    while release is not None and release.restores is not None:
        # A restored release is always older; anything else is a record that lies.
        restored = by_id.get(release.restores)
        release = restored if restored and restored.sequence < release.sequence else None
    return release


def _no_target(restorable: Sequence[Release], good: str | None, wanted: str) -> ConfigError:
    names = ", ".join(release.release_id for release in restorable[:5]) or "none"
    reason = "is good already" if wanted == good else "is not an earlier good release"
    return ConfigError(
        "E_TARGET",
        f"release: {reason} (got {escaped(wanted)!r}, allowed {names})",
        hint="name one of those: `delightful rollback RELEASE`; `delightful releases` lists all",
    )
