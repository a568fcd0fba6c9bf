"""Whether a rollback took back the whole of the earlier release, and not only something good."""

from delightful.release import Check, Release
from delightful.variables import sha256_of, without_stores
from flows.effects import effect
from flows.environment import delivery_environment
from flows.runs.telling import warn
from flows.terraform_apply import stack_of


@effect("compare with restored release")
def restored_checks(release: Release, target: Release) -> tuple[Check, ...]:
    """Look whether image, inputs, task definition and record are the earlier release's.

    The same inputs make another task definition where infrastructure/ or the stores have changed
    since. That is said aloud and is no reason to refuse the way back, so there is a check only
    where they agree.
    """
    delivery = delivery_environment(release.environment)
    ecs = delivery.ecs_service(release.service)
    mine, theirs = (
        ecs.content_sha256(stack_of(one).outputs.task_definition_arn) for one in (release, target)
    )
    stored = delivery.ledger(release.service).get(target.release_id)
    if mine != theirs:
        warn("not restored: the task definition, since infrastructure/ or the stores have changed")
    content = (same("restored task definition content", mine, theirs),) if mine == theirs else ()
    return (
        same("restored image", _digest(release), _digest(target)),
        *content,
        same(
            "restored inputs",
            sha256_of(without_stores(stack_of(release).variables)),
            sha256_of(without_stores(stack_of(target).variables)),
        ),
        same("restored record", stored.model_dump_json(), target.model_dump_json(), shown=False),
    )


def same(name: str, found: str, wanted: str, *, shown: bool = True) -> Check:
    """Return the check that two things are one; long ones are compared and not shown."""
    if shown:
        return Check(name=name, ok=found == wanted, detail=f"{found}, wanted {wanted}")
    is_same = found == wanted
    return Check(name=name, ok=is_same, detail="as the ledger has it" if is_same else "it changed")


def _digest(release: Release) -> str:
    return release.image.digest if release.image else "unknown"
