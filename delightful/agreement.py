"""Whether what runs, what is stored and what the ledger says are one; each subject by itself."""

from collections.abc import Sequence
from enum import StrEnum

from delightful.errors import DelightfulError, ExitCode
from delightful.frozen import Frozen
from delightful.live import LiveService
from delightful.locks import LockJudgement
from delightful.release import AppliedStack, AttemptKind, Head, Image, Release
from delightful.showing import shows_all


class Standing(StrEnum):
    """How a subject stands to the ledger.

    `adopted` is in order, and known from what was found there instead of from an attempt.
    """

    AGREES = "agrees"
    DRIFTED = "drifted"
    UNKNOWN = "unknown"
    ADOPTED = "adopted"


RECOVER = "delightful recover"

_WEIGHTS = "put the listener's weights back, or deploy a later commit, whose rollout sets them"
_LOST_STATE = frozenset({"E_NO_STATE", "E_STATE_DIGEST", "E_STATE_FORMAT"})
_IN_ORDER = frozenset({Standing.AGREES, Standing.ADOPTED})


class Finding(Frozen):
    """One subject that was looked at, what was seen of it, and what to do next."""

    subject: str
    standing: Standing
    detail: str
    next_step: str | None = None


def disagreements(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what is to be shown: whatever does not simply agree, in the order given."""
    return tuple(one for one in findings if one.standing is not Standing.AGREES)


def is_in_order(findings: Sequence[Finding]) -> bool:
    """Say whether something was looked at and nothing of it is drifted or unknown."""
    return bool(findings) and all(one.standing in _IN_ORDER for one in findings)


def exit_code(findings: Sequence[Finding]) -> ExitCode:
    """Return 0 where all is in order, 1 where something has drifted, 6 where not all was seen."""
    if is_in_order(findings):
        return ExitCode.GOOD
    has_drifted = any(one.standing is Standing.DRIFTED for one in findings)
    return ExitCode.FAILED if has_drifted else ExitCode.UNREACHABLE


def unseen(subject: str, error: DelightfulError) -> Finding:
    """Return the finding of a subject that could not be looked at: never a pass."""
    detail = f"could not be looked at: {error.code} {error.message}"
    return Finding(subject=subject, standing=Standing.UNKNOWN, detail=detail, next_step=error.hint)


def attempt_finding(attempt: Release | None, *, is_gone: bool) -> Finding:
    """Judge the open attempt; `is_gone` says that its owner is proven dead, or let it go."""
    if attempt is None:
        return _agrees("attempt", "none is open")
    if is_gone and not attempt.is_waiting:
        told = f"{attempt.release_id} is open at {attempt.state}, and its run is gone"
        return _drifted("attempt", told)
    return _agrees("attempt", f"{attempt.release_id} is in progress at {attempt.state}")


def ledger_finding(
    head: Head, good: Release | None, attempt: Release | None, *, is_there: bool
) -> Finding:
    """Judge the ledger by itself, and beside whether ECS has the service at all."""
    named = ((head.good, good), (head.in_progress, attempt))
    lost = [name for name, found in named if name is not None and found is None]
    if lost:
        return _drifted("ledger", f"its head names {lost[0]}, which is not kept")
    if good is None:
        if is_there and head.in_progress is None and head.sequence == 0:
            return _unknown("ledger", "the service is there, and the ledger knows no release of it")
        return _agrees("ledger", "no release was good yet")
    if not is_there:
        told = f"{good.release_id} is good, and ECS has no such service"
        return _drifted("ledger", told, _deploy_again(good))
    if good.kind is AttemptKind.ADOPTION and good.restores is None:
        told = f"{good.release_id} was rebuilt from what was found, not recorded by a deploy"
        return Finding(subject="ledger", standing=Standing.ADOPTED, detail=told)
    return _agrees("ledger", f"{good.release_id} is good")


def image_finding(good: Release, attempt: Release | None, live: LiveService) -> Finding:
    """Judge the digests that run: those of the good release, or of the attempt that is open."""
    known = {one.image.digest for one in (good, attempt) if one is not None and one.image}
    running = set(live.image_digests)
    if not running:
        told = f"none runs: {live.running_count} of {live.desired_count} tasks"
        standing = Standing.UNKNOWN if live.running_count else Standing.DRIFTED
        return Finding(
            subject="image", standing=standing, detail=told, next_step=_deploy_again(good)
        )
    if running <= known:
        return _agrees("image", ", ".join(sorted(running)))
    told = f"{_listed(running - known)} runs, {good.release_id} has {_digest(good)}"
    return _drifted("image", told, _deploy_again(good))


def task_definition_finding(
    good: Release, attempt: Release | None, live: LiveService, *, has_good_content: bool
) -> Finding:
    """Judge what runs besides the image; another revision of the same content is the same."""
    seen = live.primary_task_definition_arn
    if seen is None:
        return _unknown("task definition", "no set of tasks is primary")
    if has_good_content or seen in (_task_definition(good), _task_definition(attempt)):
        return _agrees("task definition", seen)
    told = f"{seen} runs, {good.release_id} has {_task_definition(good) or 'none'}"
    return _drifted("task definition", told, _deploy_again(good))


def traffic_finding(attempt: Release | None, live: LiveService) -> Finding:
    """Judge the listener: one target group has all the traffic, but where an attempt moves it."""
    weights = _weights(live)
    if not live.weights:
        return _drifted("traffic", "the listener forwards to no target group", _WEIGHTS)
    if not live.is_answered_for:
        return _drifted(
            "traffic", f"a target group has traffic and no healthy target: {weights}", _WEIGHTS
        )
    if attempt is None and sum(weight > 0 for weight in live.weights.values()) > 1:
        told = f"more than one target group has traffic: {weights}"
        return _drifted("traffic", told, _WEIGHTS)
    return _agrees("traffic", weights)


def rollout_finding(
    good: Release, attempt: Release | None, live: LiveService, made_for: str | None
) -> Finding:
    """Judge the rollout that is active; `made_for` is the release that its description names."""
    active = live.active_deployment_id
    if active is None:
        return _agrees("rollout", "none is active")
    if attempt is not None:
        return _agrees("rollout", f"{active} moves while {attempt.release_id} is in progress")
    if good.rollout is not None and active == good.rollout.deployment_id:
        return _agrees("rollout", f"{active} of {good.release_id} ends by itself")
    told = f"{active} is active, and no attempt is open (made for {made_for or 'nobody known'})"
    return _drifted("rollout", told, "look at it in CodeDeploy: wait for its end, or stop it")


def registry_finding(good: Release, found: Image | None) -> Finding:
    """Judge the image that the registry has under the good commit's tag."""
    tag, wanted = good.commit[:12], _digest(good)
    if found is None:
        told = f"no image has the tag {tag}, {good.release_id} has {wanted}"
        step = f"delightful build --commit {good.commit}, where it can be built"
        return _drifted("registry", told, step)
    if found.digest != wanted:
        told = f"tag {tag} is {found.digest}, {good.release_id} has {wanted}"
        return _drifted("registry", told, "find out who writes there, and deploy a later commit")
    return _agrees("registry", f"tag {tag} is {wanted}")


def state_finding(newest: AppliedStack | None, lineage: str, serial: int) -> Finding:
    """Judge Terraform's state by the newest apply that the ledger has; a serial only grows."""
    if newest is None:
        return _agrees("state", f"serial {serial}, and no apply is recorded")
    if lineage != newest.state_lineage:
        told = f"lineage {lineage}, the ledger has {newest.state_lineage}: it is another state"
        return _drifted("state", told)
    if serial < newest.state_serial:
        return _drifted("state", f"it went back from serial {newest.state_serial} to {serial}")
    return _agrees("state", f"serial {serial}, recorded {newest.state_serial}")


def refused_state_finding(newest: AppliedStack | None, error: DelightfulError) -> Finding:
    """Judge a state that could not be read: gone, or another one than was recorded."""
    if error.code == "E_NO_STATE" and newest is None:
        return _agrees("state", "nothing was applied yet")
    if error.code in _LOST_STATE:
        return _drifted("state", error.message)
    return unseen("state", error)


def lock_finding(judged: Sequence[LockJudgement]) -> Finding:
    """Judge the locks on the state, by the worst of them."""
    stale = [one for one in judged if one.is_stale]
    nobodys = [one for one in judged if one.release_id is None]
    if stale:
        return _drifted("lock", _lock(stale[0]))
    if nobodys:
        return _unknown("lock", _lock(nobodys[0]), "delightful locks")
    return _agrees("lock", "; ".join(map(_lock, judged)) or "the state is not locked")


def unsaved_state_finding(*, is_there: bool) -> Finding:
    """Judge what an apply on this machine could not save."""
    if is_there:
        told = "an apply on this machine could not save its state, which is kept here"
        return _drifted("unsaved state", told)
    return _agrees("unsaved state", "none is kept on this machine")


def artifact_finding(good: Release, shown: Release | None) -> Finding:
    """Judge Prefect's view of the good release; `shown` is None where no artifact shows it."""
    if shown is None:
        told = f"no artifact shows {good.release_id} as {good.state}; the ledger counts"
        return _drifted("artifact", told)
    if not shows_all(shown, good):
        told = f"what shows {good.release_id} is not what the ledger has; the ledger counts"
        return _drifted("artifact", told)
    return _agrees("artifact", f"{good.release_id} is shown as it is recorded")


def _agrees(subject: str, detail: str) -> Finding:
    return Finding(subject=subject, standing=Standing.AGREES, detail=detail)


def _drifted(subject: str, detail: str, next_step: str = RECOVER) -> Finding:
    return Finding(subject=subject, standing=Standing.DRIFTED, detail=detail, next_step=next_step)


def _unknown(subject: str, detail: str, next_step: str = RECOVER) -> Finding:
    return Finding(subject=subject, standing=Standing.UNKNOWN, detail=detail, next_step=next_step)


def _lock(judged: LockJudgement) -> str:
    whose = f" ({judged.release_id})" if judged.release_id else ""
    return f"{judged.lock.lock_id} of {judged.lock.who}{whose}: {judged.reason}"


def _deploy_again(good: Release) -> str:
    where = f"--service {good.service} --environment {good.environment}"
    return f"delightful deploy --commit {good.commit} {where}"


def _digest(release: Release) -> str:
    return release.image.digest if release.image else "none"


def _task_definition(release: Release | None) -> str | None:
    if release is None:
        return None
    if release.rollout is not None:
        return release.rollout.task_definition_arn
    return release.stack.outputs.task_definition_arn if release.stack else None


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _weights(live: LiveService) -> str:
    return ", ".join(
        f"{arn.rsplit(':', 1)[-1]} weight {weight} healthy {live.healthy_targets.get(arn, 0)}"
        for arn, weight in sorted(live.weights.items())
    )
