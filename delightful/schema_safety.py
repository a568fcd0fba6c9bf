"""Whether the data that later releases have migrated still fits an earlier one."""

from collections.abc import Callable, Sequence

from delightful.errors import Refused
from delightful.frozen import Frozen
from delightful.recommendation import MigrationRisk
from delightful.release import AttemptKind, Release, ReleaseState
from delightful.rollback import restorable

_ONE_WAY: frozenset[MigrationRisk] = frozenset({"irreversible", "contract"})


def _anything(_: Release) -> bool:
    return True


class SchemaObstacle(Frozen):
    """A later attempt that may have migrated the data, and what its migrations do to the target."""

    release_id: str
    commit: str
    risk: MigrationRisk
    paths: tuple[str, ...]


def schema_obstacles(history: Sequence[Release], target: Release) -> tuple[SchemaObstacle, ...]:
    """Return the deploys after the target whose migrations may have run, newest first.

    `history` is newest first. One that failed counts as well: what its release command or its
    tasks have migrated stays. Migrations that only add to the schema are in nobody's way.
    """
    later = [one for one in history if one.sequence > target.sequence and _may_have_migrated(one)]
    found = (_obstacle(one) for one in later)
    return tuple(one for one in found if one is not None)


def refuse_one_way(
    history: Sequence[Release],
    target: Release,
    good: str | None,
    is_there: Callable[[Release], bool] = _anything,
) -> tuple[SchemaObstacle, ...]:
    """Let a rollback pass that crosses no migration that destroys; returns those it cannot judge.

    `is_there` says of a release whether its image still is: no other is named as safe.

    Raises:
        Refused: E_MIGRATION, naming the migrations, the nearest release that is safe, and the way
            forward.
    """
    obstacles = schema_obstacles(history, target)
    one_way = [one for one in obstacles if one.risk in _ONE_WAY]
    if not one_way:
        return obstacles
    safe = nearest_safe(history, good, is_there)
    back = f"go back to {safe.release_id}, or " if safe else "no earlier release is safe: "
    raise Refused(
        "E_MIGRATION",
        f"release {target.release_id}: {_told(one_way)} since, and its code may not work with "
        "what is left",
        hint=f"{back}deploy a commit that works with the schema as it is; or, if the data fits, "
        "repeat with `--across-migrations WHY`",
    )


def nearest_safe(
    history: Sequence[Release], good: str | None, is_there: Callable[[Release], bool] = _anything
) -> Release | None:
    """Return the good release to go back to: the newest behind no one-way migration, and there.

    What was left by a rollback comes last.
    """
    reachable = (one for one in restorable(history, good) if not _is_cut_off(history, one))
    return next((one for one in reachable if is_there(one)), None)


def _is_cut_off(history: Sequence[Release], target: Release) -> bool:
    return any(one.risk in _ONE_WAY for one in schema_obstacles(history, target))


def _obstacle(release: Release) -> SchemaObstacle | None:
    changed = release.migrations
    if changed is None or changed.judgement in (None, "expand"):
        return None
    return SchemaObstacle(
        release_id=release.release_id,
        commit=release.commit,
        risk=changed.judgement,
        paths=tuple(migration.path for migration in changed.changed),
    )


def _may_have_migrated(release: Release) -> bool:
    reached = {step.state for step in release.transitions}
    return release.kind is not AttemptKind.ROLLBACK and ReleaseState.APPLIED in reached


def _told(obstacles: Sequence[SchemaObstacle]) -> str:
    first = obstacles[0]
    paths = ", ".join(first.paths[:3]) or "its migrations"
    more = f" (and {len(obstacles) - 1} more)" if len(obstacles) > 1 else ""
    return f"{first.release_id} has a migration that is {first.risk} ({paths}){more}"
