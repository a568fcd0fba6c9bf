"""A push deploys, a pull request is told, the button takes back: the very steps of the workflows.

Against a sandbox with real Terraform, real tasks and a Prefect worker, and GitHub's, Slack's and
STS's APIs on loopback.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from blocks.ledger.release_ledger import ReleaseLedger
from delightful.release import Release
from rehearsal.preparation import sandbox_environment
from sandbox.description import SandboxDescription
from tests.end_to_end.stage import until
from tests.end_to_end.workflow_runs.actions import World
from tests.end_to_end.workflow_runs.calls import called
from tests.end_to_end.workflow_runs.conftest import SERVICE, service_repository
from tests.end_to_end.workflow_runs.events import REPOSITORY, button, pull_request, push
from tests.end_to_end.workflow_runs.identity import Identities
from tests.end_to_end.workflow_runs.job import Job
from tests.end_to_end.workflow_runs.repository import ServiceRepository
from tests.end_to_end.workflow_runs.runner import Runner
from tests.end_to_end.workflow_runs.staging import ENVIRONMENT, sandbox_with_staging
from tests.infrastructure.identity.roles import Role
from tests.stand_ins.github import GitHubStandIn, github_stand_in
from tests.stand_ins.slack import SlackStandIn, slack_stand_in

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1500)]

CANARIES = {
    "environment": "CANARY_e1_MANIFEST",
    "code": "CANARY_c2_SOURCE",
    "variables": "CANARY_v3_TFVARS",
}
INFRASTRUCTURE = Path(__file__).parents[3] / "infrastructure"


@dataclass
class Scene:
    """A service on GitHub, its runners, its environment, and who is told."""

    repository: ServiceRepository
    runner: Runner
    sandbox: SandboxDescription
    github: GitHubStandIn
    slack: SlackStandIn

    def ledger(self) -> ReleaseLedger:
        """Return the release ledger, which is the truth."""
        return sandbox_environment(self.sandbox).ledger(SERVICE)

    def good(self) -> Release:
        """Return the release that is good now."""
        ledger = self.ledger()
        return ledger.get(str(ledger.head(SERVICE, ENVIRONMENT).good))

    def listed_by_prefect(self, what: str) -> list[str]:
        """Return all artifacts, or all lines of the logs, that the Prefect server holds."""
        texts: list[str] = []
        while True:
            page = {"limit": 200, "offset": len(texts)}
            url = f"{self.sandbox.prefect_api_url}/{what}/filter"
            answer = httpx.post(url, json=page, timeout=30)
            answer.raise_for_status()
            texts += [str(one) for one in answer.json()]
            if len(answer.json()) < page["limit"]:
                return texts

    def push(self, message: str, run_id: int) -> tuple[str, dict[str, Job]]:
        """Commit to the main branch and let its workflow run; return the commit and the jobs."""
        commit = self.repository.commit(message)
        jobs = called(self.runner, self.repository.caller("deploy"), push(commit, run_id))
        return commit, jobs[ENVIRONMENT]


@pytest.fixture(scope="module")
def scene(
    account_roles: Mapping[str, Role],
    machine: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Scene]:
    """Return a service whose environment stands, before its first push."""
    folder = tmp_path_factory.mktemp("workflows")
    repository = service_repository(folder / "repository")
    plant_canaries(repository)
    with (
        github_stand_in(repository=REPOSITORY) as github,
        slack_stand_in() as slack,
        sandbox_with_staging(
            folder / "sandbox",
            SERVICE,
            github,
            slack,
            infrastructure_directory=planted_variables(folder / "infrastructure"),
        ) as (sandbox, _),
    ):
        identities = Identities(account_roles, sandbox.aws_endpoint_url, sandbox.region)
        world = World(repository.folder, identities, folder / "artifacts")
        variables = {
            "AWS_REGION": sandbox.region,
            "AWS_ACCOUNT_ID": "123456789012",
            "PREFECT_API_URL": str(sandbox.prefect_api_url),
        }
        reached = {
            "AWS_ENDPOINT_URL": sandbox.aws_endpoint_url,
            # Only the sandbox's server says that files are packed instead of an image built.
            "PREFECT_API_URL": str(sandbox.prefect_api_url),
        }
        runner = Runner(world, variables, {**machine, **reached}, folder / "runners")
        yield Scene(repository, runner, sandbox, github, slack)


def plant_canaries(repository: ServiceRepository) -> None:
    """Put text that nobody may ever see elsewhere into the manifest's environment and the code."""
    manifest = repository.folder / ".delightful.yaml"
    planted = f"environment:\n  GREETING: {CANARIES['environment']}\n"
    test = "build:\n  test_command: [python, -m, compileall, -q, server.py]\n"
    manifest.write_text(manifest.read_text() + planted + test)
    code = repository.folder / "server.py"
    code.write_text(f"{code.read_text()}\nINTERNAL = '{CANARIES['code']}'\n")
    repository.commit("Say more")


def planted_variables(folder: Path) -> Path:
    """Return a copy of `infrastructure/` whose sandbox gives every service one more variable."""
    shutil.copytree(INFRASTRUCTURE, folder, ignore=shutil.ignore_patterns(".terraform*"))
    variables = folder / "environments" / "sandbox" / "service.tfvars"
    planted = f'environment_variables = {{ "PLANTED": "{CANARIES["variables"]}" }}\n'
    variables.write_text(f"{variables.read_text()}\n{planted}")
    return folder


@pytest.fixture(scope="module")
def first(scene: Scene) -> tuple[str, dict[str, Job]]:
    """Return the first push, deployed."""
    return scene.push("First", run_id=1)


def test_a_push_is_tested_built_and_deployed(
    scene: Scene, first: tuple[str, dict[str, Job]]
) -> None:
    """The three jobs run in order, each with its own role, and the commit is good at the end."""
    commit, jobs = first
    assert [(name, job.state) for name, job in jobs.items()] == [
        ("test", "success"),
        ("build", "success"),
        ("deploy", "success"),
    ], "".join(job.log for job in jobs.values())
    assert not [name for name in jobs["test"].environments[-1] if name.startswith("AWS_SE")]
    assert scene.good().commit == commit
    assert commit[:7] in jobs["deploy"].summary
    assert jobs["deploy"].environment == ENVIRONMENT


def test_a_pull_request_is_told_once_however_often_it_is_pushed(
    scene: Scene, first: tuple[str, dict[str, Job]]
) -> None:
    """One comment with the recommendation, edited by the second push; nothing is deployed."""
    before = scene.good().release_id
    for run_id, text in ((11, "a"), (12, "b")):
        head = scene.repository.propose(5, {"note.txt": text})
        scene.github.add_pull(5, head, is_merged=False)
        event = pull_request(5, head, run_id)
        job = called(scene.runner, scene.repository.caller("analyze"), event)["analyze"]["analyze"]
        assert job.state == "success", job.log
    marked = [one for one in scene.github.bodies(5) if "analysis-hello-python" in one]
    assert len(marked) == 1
    assert head[:12] in marked[0]
    assert scene.good().release_id == before


def test_the_button_takes_the_whole_release_back(
    scene: Scene, first: tuple[str, dict[str, Job]]
) -> None:
    """After a second push the button restores the first one, with the reason that was given."""
    (scene.repository.folder / "note.txt").write_text("second\n")
    second, jobs = scene.push("Second", run_id=2)
    assert scene.good().commit == second, jobs["deploy"].log
    reason = "orders fail; $(exit 3) `id` \"'"
    event = button(
        second,
        run_id=3,
        service=SERVICE,
        environment=ENVIRONMENT,
        release="previous",
        reason=reason,
    )
    done = called(scene.runner, scene.repository.caller("rollback"), event)["rollback"]["rollback"]
    assert done.state == "success", done.log
    good = scene.good()
    assert (good.commit, good.kind, good.reason) == (first[0], "rollback", reason)


def test_a_cancelled_job_leaves_the_deploy_running(
    scene: Scene, first: tuple[str, dict[str, Job]]
) -> None:
    """The watcher is stopped as a runner stops it; the flow goes on, and the log says where."""
    scene.ledger().thaw(SERVICE, ENVIRONMENT, "what was rolled back is mended", "ann")
    (scene.repository.folder / "note.txt").write_text("third\n")
    scene.runner.is_cancelled = _once_submitted
    try:
        third, jobs = scene.push("Third", run_id=4)
    finally:
        scene.runner.is_cancelled = lambda _: False
    job = jobs["deploy"]
    assert job.state == "cancelled"
    assert job.steps[-1] == "Say where it goes on"
    assert re.search(r"delightful watch [0-9a-f-]{36} --environment staging", job.log)
    assert f"delightful status --service {SERVICE} --environment {ENVIRONMENT}" in job.log
    until(lambda: scene.good().commit == third, "the deploy of the cancelled job")


def _once_submitted(job: Job) -> bool:
    # Steps after the one that was stopped run on.
    if job.name != "deploy" or job.state != "success":
        return False
    log = job.folder / "step.log"
    return log.is_file() and "/runs/flow-run/" in log.read_text()


def test_no_role_is_taken_on_from_another_branch(scene: Scene) -> None:
    """The same workflow on another branch gets neither the build role nor the deploy role."""
    commit = scene.repository.git("rev-parse", "main")
    event = push(commit, run_id=9)
    elsewhere = type(event)(event.name, event.payload, event.sha, "refs/heads/feature", 9)
    inputs = {"service": SERVICE, "environment": ENVIRONMENT, "build": False}
    rights = {"contents": "read", "id-token": "write"}
    jobs = scene.runner.run("deploy.yml", elsewhere, inputs, rights)
    assert jobs["deploy"].state == "failure"
    assert "does not trust" in jobs["deploy"].log
    assert "Deploy" not in jobs["deploy"].steps


def test_no_canary_is_ever_told(scene: Scene, first: tuple[str, dict[str, Job]]) -> None:
    """Not the manifest's values, Terraform's or the code: in no message, log, page or artifact.

    What a fork's run uploads is looked at in `test_fork.py`.
    """
    good = scene.good()
    assert good.stack is not None
    assert CANARIES["variables"] in str(good.stack.variables), "it was never given to Terraform"
    told = [*scene.github.server.asked, *scene.slack.server.asked]
    seen = {
        "messages": [f"{one.path} {one.body!r}" for one in told],
        "jobs": [job.log + job.summary for job in first[1].values()],
        "artifacts": scene.listed_by_prefect("artifacts"),
        "logs": scene.listed_by_prefect("logs"),
    }
    assert all(seen.values()), {place: len(texts) for place, texts in seen.items()}
    found = {
        (place, canary)
        for place, texts in seen.items()
        for canary in CANARIES.values()
        if any(canary in text for text in texts)
    }
    assert not found
