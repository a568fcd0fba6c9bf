"""rollback: take back the whole of an earlier release, and prove that it is what serves."""

from prefect import flow

from delightful.release import Release
from flows.attempts.abandoned import begin_clean
from flows.attempts.attempt import rollback_request, take_up
from flows.attempts.put_back import put_back_on_failure
from flows.attempts.target import find_target, tell_difference
from flows.materials.attestations import verify_step
from flows.plans.dry_run import dry_rollback, has_restored
from flows.runs.outcome import leaving_outcome
from flows.runs.persistence import RESULT_SERIALIZER
from flows.runs.telling import tell
from flows.steps import prove_step, restore_step, shift_step

NOT_RESTORED = (
    "data in databases, caches and buckets, and those themselves: they stay as they are",
    "what release commands have changed; none is run",
    "values behind secrets (their references are restored)",
    "the platform and the image repository, which other services share",
    "Terraform code: the earlier inputs are applied with today's infrastructure/",
)


@flow(
    name="rollback",
    flow_run_name="rollback {service} → {environment} to {release}",
    persist_result=True,
    result_serializer=RESULT_SERIALIZER,
)
@leaving_outcome
def rollback(
    service: str,
    environment: str,
    release: str = "previous",
    reason: str = "asked for",
    dry_run: bool = False,
    across_migrations: str | None = None,
) -> Release:
    """Take back the whole of an earlier release, and prove that it is what serves.

    Args:
        service: Name of the service, as in its manifest.
        environment: Name of the environment's block.
        release: A release id, the id of a release artifact, or "previous".
        reason: Why; it is kept with the release.
        dry_run: Choose, check and plan, and change nothing.
        across_migrations: Why the earlier code still works with the data, where a later release has
            run a migration that destroys; kept with the release. Empty: that is refused.
    """
    target, good = find_target(service, environment, release, across_migrations)
    if good is not None and has_restored(good, target):
        tell(f"nothing to do: {good.release_id} has taken {target.release_id} back, and serves")
        return good
    request = rollback_request(target, reason, across_migrations)
    tell(f"going back to {target.release_id}: commit {target.commit[:12]}")
    tell_difference(good, target)
    if dry_run:
        return dry_rollback(request, target)
    attempt = take_up(request)
    with put_back_on_failure(attempt):
        begin_clean(attempt)
        attempt = restore_step(attempt, target)
        attempt = verify_step(attempt)
        attempt = shift_step(attempt)
        attempt = prove_step(attempt, restored=target)
    for left_out in NOT_RESTORED:
        tell(f"not restored: {left_out}")
    return attempt
