"""GitHub deployments of releases: each made once, found again by its task, with its statuses."""

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field

from analyzer.commenting.github_access import GitHubAccess, opened, unreadable
from delightful.frozen import Frozen

if TYPE_CHECKING:
    from github.Deployment import Deployment

DESCRIPTION_CHARACTERS: Final = 140
_OPERATION: Final = "write of a deployment"

DeploymentState = Literal["in_progress", "success", "failure", "inactive"]


class NewDeployment(Frozen):
    """What a GitHub deployment is made of; no two have the same `task`."""

    commit: str
    environment: str
    task: str
    description: str = Field(max_length=DESCRIPTION_CHARACTERS)


class DeploymentStatus(Frozen):
    """What a GitHub deployment's status says; a URL of None is left as it was."""

    state: DeploymentState
    description: str = Field(max_length=DESCRIPTION_CHARACTERS)
    environment_url: str | None = None
    log_url: str | None = None


def make_deployment(access: GitHubAccess, wanted: NewDeployment, *, look_first: bool) -> int:
    """Make a deployment and return its id; with `look_first` one that is there is taken."""
    with opened(access, _OPERATION) as client:
        repository = client.get_repo(access.repository)
        if look_first:
            found = repository.get_deployments(task=wanted.task, environment=wanted.environment)
            for deployment in islice(found, 1):
                return _id_of(deployment)
        made = repository.create_deployment(
            ref=wanted.commit,
            task=wanted.task,
            environment=wanted.environment,
            description=wanted.description,
            # The commit is deployed as it is, whatever its checks say: that was judged already.
            auto_merge=False,
            required_contexts=[],
        )
        return _id_of(made)


def add_status(
    access: GitHubAccess, deployment_id: int, status: DeploymentStatus, *, look_first: bool
) -> None:
    """Add a status; with `look_first` not where the newest one says the same.

    Other deployments of the environment stay as they are: GitHub would set them inactive by rules
    that leave production out.
    """
    with opened(access, _OPERATION) as client:
        deployment = client.get_repo(access.repository).get_deployment(deployment_id)
        if look_first and _says_already(deployment, status):
            return
        wanted: dict[str, Any] = status.model_dump(exclude_none=True)
        # PyGithub's own `create_status` knows no `log_url`.
        _, answer = deployment.requester.requestJsonAndCheck(
            "POST", f"{deployment.url}/statuses", input={**wanted, "auto_inactive": False}
        )
        if not isinstance(answer, dict) or answer.get("state") != status.state:
            raise unreadable(_OPERATION)


def _says_already(deployment: "Deployment", status: DeploymentStatus) -> bool:
    newest = next(islice(deployment.get_statuses(), 1), None)
    said = (newest.state, newest.description) if newest else None
    return said == (status.state, status.description)


def _id_of(deployment: "Deployment") -> int:
    if deployment.id is None:
        raise unreadable(_OPERATION)
    return deployment.id
