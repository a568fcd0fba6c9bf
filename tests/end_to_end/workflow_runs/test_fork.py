"""A hostile pull request of a fork: it is read, by a job without any right, and told inert."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from analyzer.commenting.recommendation_comment import comment_request, commented
from analyzer.commenting.settings import CommentSettings
from sandbox.description import SandboxDescription
from tests.end_to_end.workflow_runs.actions import World
from tests.end_to_end.workflow_runs.calls import called, went_well
from tests.end_to_end.workflow_runs.events import FORK, REPOSITORY, Event, finished, pull_request
from tests.end_to_end.workflow_runs.identity import Identities
from tests.end_to_end.workflow_runs.repository import ServiceRepository
from tests.end_to_end.workflow_runs.runner import Runner
from tests.infrastructure.identity.roles import Role
from tests.stand_ins.github import GitHubStandIn, github_stand_in
from tests.stand_ins.local_server import Answer, Asked, local_server

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(900)]

MARK = "HIJACKED"
CANARY = "CANARY_f4_FORK"
SHELL = f"$(touch {MARK})`touch {MARK}`; touch {MARK} #"
TEXTS = (
    "@everyone <img src=x onerror=alert(1)> ![x](https://evil.example/?d=1) </details>",
    "<!-- delightful: analysis-other -->",
)
TOLD = {
    "title": f'{SHELL} "; ${{{{ github.token }}}} {TEXTS[0]}',
    "head": {"ref": f"x';{SHELL}"},
    "body": TEXTS[1],
}
# Modules that a careless `python` would import from where it stands.
MODULES = ("cli/__init__.py", "click.py", "delightful/__init__.py", "sitecustomize.py")
FILES = {
    **dict.fromkeys(MODULES, f"open({MARK!r}, 'w')\n"),
    ".github/workflows/hello-python-analyze.yml": "on: push\njobs: {x: {runs-on: ubuntu-24.04}}\n",
    ".github/actions/delightful/action.yml": "runs: {using: composite, steps: []}\n",
    ".delightful.yaml": (
        f"service: hello-python\nstart_command: [sh, -c, 'touch {MARK}']\n"
        f"build:\n  test_command: [touch, {MARK}]\n"
        f"environment:\n  GREETING: {CANARY}\n"
    ),
    f"-rf {SHELL.replace('/', '')}.py": "import flask\n",
    "Makefile": f"x := $(shell touch {MARK})\n",
    "setup.py": f"open({MARK!r}, 'w')\n",
    f"{TEXTS[0].replace('/', '')}.env": f"X={TEXTS[0]}\n",
    "app.py": f"import os\n# {TEXTS[0]}\nX = os.environ['{TEXTS[0]}']\nPASSWORD = '{CANARY}'\n",
    "Dockerfile": f"FROM python\nEXPOSE 8080\nCMD {TEXTS[0]}\n",
}


@dataclass
class Scene:
    """A repository on GitHub, its runners, and who comments."""

    repository: ServiceRepository
    runner: Runner
    github: GitHubStandIn


@pytest.fixture
def scene(
    sandbox: SandboxDescription,
    account_roles: Mapping[str, Role],
    machine: dict[str, str],
    repository: ServiceRepository,
    tmp_path: Path,
) -> Iterator[Scene]:
    """Return GitHub with its runners, which reach the sandbox's STS and the real commenter."""
    identities = Identities(account_roles, sandbox.aws_endpoint_url, sandbox.region)
    world = World(repository.folder, identities, tmp_path / "artifacts")
    variables = {"AWS_REGION": sandbox.region, "AWS_ACCOUNT_ID": "123456789012"}
    with github_stand_in(repository=REPOSITORY) as github, commenter(github) as function_url:
        reached = {
            "AWS_ENDPOINT_URL": sandbox.aws_endpoint_url,
            "AWS_ENDPOINT_URL_LAMBDA": function_url,
            "GITHUB_API_URL": github.url,
        }
        yield Scene(
            repository,
            Runner(world, variables, {**machine, **reached}, tmp_path / "runners"),
            github,
        )


@contextmanager
def commenter(github: GitHubStandIn) -> Iterator[str]:
    """Serve the function that comments, as Lambda calls it."""
    settings = CommentSettings(
        repository=REPOSITORY,
        secret_arn="arn:aws:secretsmanager:us-east-1:123456789012:secret:github-token",
        api_url=github.url,
    )

    def answer(asked: Asked) -> Answer:
        assert asked.path.endswith("/functions/delightful-commenter/invocations")
        request = comment_request(asked.json())
        return Answer(body=commented(request, settings, "commenter-token").model_dump())

    with local_server(answer) as server:
        yield server.url


def proposed(scene: Scene, files: Mapping[str, str]) -> Event:
    """Let the fork propose files as pull request 7."""
    head = scene.repository.propose(7, files)
    event = pull_request(7, head, run_id=70, is_fork=True, **TOLD)
    scene.github.add_pull(7, is_merged=False, head={"sha": head, "repo": FORK})
    return event


def test_a_hostile_fork_is_read_and_told_inert(scene: Scene) -> None:
    """Nothing of it runs, no token and no role is in reach, and its text comes out harmless."""
    event = proposed(scene, FILES)
    jobs = called(scene.runner, scene.repository.caller("analyze"), event)["analyze"]
    assert jobs.keys() == {"fork"}
    job = jobs["fork"]
    assert job.state == "success", job.log
    assert job.rights == {"contents": "read"}
    for variables in job.environments:
        assert job.token not in "".join(variables.values())
        assert not [name for name in variables if name.startswith(("AWS_SE", "AWS_ACC", "ACTIONS"))]
    assert MARK not in job.file_names
    main = scene.repository.git("rev-parse", "main")
    told = called(
        scene.runner,
        scene.repository.caller("comment"),
        finished(event, job.state, main, run_id=71),
    )["comment"]["comment"]
    assert told.state == "success", told.log
    (body,) = scene.github.bodies(7)
    assert body.startswith("<!-- delightful: analysis-hello-python -->\n")
    assert "<!-- delightful: analysis-other" not in body
    for raw in ("<img", "](https://evil", "@everyone", f"`touch {MARK}`"):
        assert raw not in body, raw
    assert MARK not in told.file_names
    (uploaded,) = scene.runner.world.artifacts.rglob("*.json")
    for secret in (told.token, CANARY):
        assert secret not in job.log + job.summary + uploaded.read_text() + told.log + body


def test_a_hostile_artifact_is_refused_in_one_line(scene: Scene) -> None:
    """What the fork's run could have written instead of the analyzer reaches nobody."""
    event = proposed(scene, {})
    kept = scene.runner.world.artifacts / "70" / "recommendation-hello-python"
    kept.mkdir(parents=True)
    (kept / "recommendation.json").symlink_to("/etc/hostname")
    main = scene.repository.git("rev-parse", "main")
    caller = scene.repository.caller("comment")
    done = called(scene.runner, caller, finished(event, "success", main, run_id=71))
    assert "E_RECOMMENDATION" in done["comment"]["comment"].log
    assert not went_well(done["comment"])
    assert scene.github.bodies(7) == []


def test_a_run_that_failed_is_not_told(scene: Scene) -> None:
    """A manifest that nobody can read makes the fork's own run red, and no comment."""
    event = proposed(scene, {".delightful.yaml": "service: [\n"})
    job = called(scene.runner, scene.repository.caller("analyze"), event)["analyze"]["fork"]
    assert job.state == "failure"
    assert "E_YAML" in job.log
    main = scene.repository.git("rev-parse", "main")
    caller = scene.repository.caller("comment")
    assert called(scene.runner, caller, finished(event, "failure", main, run_id=71)) == {
        "comment": {}
    }


def test_a_fork_that_calls_deploy_gets_no_role(scene: Scene) -> None:
    """A workflow that a fork changed to deploy from its pull request has no identity."""
    event = proposed(scene, {})
    rights = {"contents": "read", "id-token": "write"}
    inputs = {"service": "hello-python", "environment": "staging"}
    jobs = scene.runner.run("deploy.yml", event, inputs, rights)
    assert "deploy" not in jobs
    assert "there is no identity" in jobs["build"].log
