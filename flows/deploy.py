"""deploy: take one commit of a service to live traffic, or put back what served before."""

from prefect import flow

from delightful.ordering import Order
from delightful.release import Release
from flows.attempts.abandoned import begin_clean
from flows.attempts.attempt import deploy_request, good_release, judge_order, refuse_stale, take_up
from flows.attempts.put_back import put_back_on_failure
from flows.materials.attestations import verify_step
from flows.materials.commit_files import known_history, refuse_source
from flows.plans.dry_run import dry_deploy, is_settled
from flows.plans.pull_request_plan import plan_pull_request, refuse_applying
from flows.runs.outcome import leaving_outcome
from flows.runs.persistence import RESULT_SERIALIZER
from flows.runs.telling import tell
from flows.steps import command_step, prepare_step, prove_step, shift_step


@flow(
    name="deploy",
    flow_run_name="deploy {service} → {environment} @ {commit:.7}",
    persist_result=True,
    result_serializer=RESULT_SERIALIZER,
)
@leaving_outcome
def deploy(
    service: str,
    environment: str,
    commit: str,
    source: str,
    history: list[str],
    dry_run: bool = False,
    pull_request: int | None = None,
) -> Release:
    """Take one commit of a service to live traffic, or put back what served before.

    Args:
        service: Name of the service, as in its manifest.
        environment: Name of the environment's block.
        commit: The full commit id, 40 hexadecimal digits.
        source: Path of the service's git repository or of a folder inside it, or the address of the
            archive in S3 that the build of this very commit left.
        history: The commit's first-parent history, newest first, as `git rev-list --first-parent`
            prints it; the order of releases is judged by it. Empty: read from the source.
        dry_run: Walk the same way and change nothing: analyze, build, plan, report.
        pull_request: Number of the pull request whose head the commit is; with dry_run only. The
            plan becomes a check on the commit.
    """
    refuse_applying(pull_request, dry_run=dry_run)
    refuse_source(source, service, environment, commit, may_be_proposed=dry_run)
    known = known_history(source, history, commit)
    request = deploy_request(service, environment, commit, known)
    if pull_request is not None:
        # Not judged by order: what counts is where the merge will stand.
        return plan_pull_request(request, source, pull_request)
    good = good_release(service, environment)
    if dry_run:
        refuse_stale(request, good)
        return dry_deploy(request, source)
    order = judge_order(request, good)
    if good is not None and order is Order.SAME and is_settled(good, source):
        tell(f"nothing to do: {good.release_id} serves this commit with these inputs")
        return good
    release = take_up(request)
    with put_back_on_failure(release):
        begin_clean(release)
        release = prepare_step(release, source)
        release = verify_step(release)
        release = command_step(release)
        release = shift_step(release)
        return prove_step(release)
