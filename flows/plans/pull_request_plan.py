"""The plan in the pull request: what a merge would change, in a check on the head commit.

Nothing is built, opened or locked, and the plan is made in the role that reads only.
"""

from blocks.ledger.attempt_request import AttemptRequest
from blocks.messengers.github_checks import Conclusion
from delightful.errors import ConfigError, DelightfulError
from delightful.planned import PlanSummary
from delightful.release import Image, Release
from delightful.render import plan_card
from flows.attempts.attempt import good_release
from flows.build import find_image
from flows.effects import effect
from flows.environment import delivery_environment
from flows.materials.inputs import gather_inputs
from flows.plans.dry_run import dry_apply, unopened
from flows.runs.telling import tell, warn

# Of a digest's form, and of no image: a plan shows that the image changes, not what it is.
_NO_DIGEST = f"sha256:{'0' * 64}"


def refuse_applying(pull_request: int | None, *, dry_run: bool) -> None:
    """Refuse to deploy what is not merged. Raises ConfigError E_PULL_REQUEST."""
    if pull_request is not None and not dry_run:
        raise ConfigError(
            "E_PULL_REQUEST",
            f"pull_request: {pull_request} is planned, never deployed (allowed with dry_run)",
            hint="merge it and deploy the commit of the branch that is live, or give --dry-run",
        )


def plan_pull_request(request: AttemptRequest, source: str, pull_request: int) -> Release:
    """Plan the head commit of a pull request; returns the attempt that was not opened.

    Where its image is not there yet, the good release's stands in, and the check says so.
    """
    image, note = image_for_plan(request)
    inputs = gather_inputs(
        request.service, request.environment, request.commit, source, dry_run=True, image=image
    )
    release = unopened(request).with_parts(
        manifest=inputs.manifest,
        answers=inputs.answers,
        recommended=inputs.recommended,
        migrations=inputs.migrations,
        image=image if note is None else None,
    )
    summary = dry_apply(release, inputs.variables)
    notes = [note] if note else []
    notes += approval_notes(request.environment, summary)
    show_check(release, pull_request, summary, notes)
    return release


def image_for_plan(request: AttemptRequest) -> tuple[Image, str | None]:
    """Return the image to plan with, and what there is to say where it is not the commit's own."""
    found = find_image(request.service, request.environment, request.commit)
    if found is not None:
        return found, None
    good = good_release(request.service, request.environment)
    if good is not None and good.image is not None:
        shown = f"{good.release_id} ({good.image.tag[:12]})"
        return good.image, f"The image is not built yet: planned with the one of {shown}."
    nothing = Image(
        repository_url=request.service,
        tag=request.commit,
        digest=_NO_DIGEST,
        packaging="container",
    )
    return nothing, "No image is built yet: planned with a digest of zeros."


def approval_notes(environment: str, summary: PlanSummary) -> list[str]:
    """Return what a dangerous plan will ask for once it is merged."""
    if not summary.dangers:
        return []
    if delivery_environment(environment).asks_for_approval:
        return [f"In {environment} this plan waits for a named approval: `delightful approve`."]
    return [f"In {environment} nobody is asked: this plan is applied with a warning."]


@effect("show check")
def show_check(release: Release, pull_request: int, summary: PlanSummary, notes: list[str]) -> None:
    """Keep one check with the plan on the commit; without it the plan is as good."""
    github = delivery_environment(release.environment).github
    if github is None:
        tell("no repository is named in the environment: the plan is in this log alone")
        return
    named = f"{release.service} in {release.environment}"
    conclusion: Conclusion = "neutral" if summary.dangers else "success"
    dangers = f"{len(summary.dangers)} dangerous" if summary.dangers else "none dangerous"
    card = plan_card(summary, f"Plan of {named}, pull request {pull_request}", notes=notes)
    title = f"{len(summary.changes)} changes, {dangers}"
    try:
        url = github.check_run(release.commit, f"plan: {named}", conclusion, title, card)
        tell(f"plan of pull request {pull_request}: {url}")
    except DelightfulError as error:
        warn(f"the check of the plan could not be written: {error}")
