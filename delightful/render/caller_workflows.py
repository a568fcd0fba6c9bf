"""The workflows of a service's own repository: a few lines each, which call Delightful's."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Callers:
    """What the workflows of one service are written for.

    `folder` is the service's within its repository, "." for the root. `environments` are deployed
    one after the other, and pull requests are compared with the first. `workflows` is where
    Delightful's own lie, as OWNER/NAME@COMMIT, or None where that is this repository.
    """

    service: str
    folder: str
    environments: tuple[str, ...]
    branch: str
    workflows: str | None


def caller_workflows(callers: Callers) -> dict[str, str]:
    """Return the text of each workflow by its path in the repository."""
    texts = {
        "analyze": _analyze(callers),
        "comment": _comment(callers),
        "deploy": _deploy(callers),
        "rollback": _rollback(callers),
        "drift": _drift(callers),
    }
    return {
        f".github/workflows/{callers.service}-{verb}.yml": "\n".join(lines) + "\n"
        for verb, lines in texts.items()
    }


def _analyze(callers: Callers) -> Iterator[str]:
    yield "# What a pull request is told: what the service needs, and what merging would change."
    yield f"name: {callers.service} analyze"
    yield from ("", "on:", "  pull_request:")
    yield from _paths(callers)
    yield from ("", "permissions: {}", "", "jobs:", "  analyze:", "    name: analyze")
    yield _uses(callers, "analyze")
    yield "    permissions:"
    yield "      contents: read # to check the commit out"
    yield "      id-token: write # to take on the role that reads; a fork's run gets none"
    yield from ("    with:", f"      service: {callers.service}")
    yield f"      environment: {callers.environments[0]}"
    yield f'      folder: "{callers.folder}"'


def _comment(callers: Callers) -> Iterator[str]:
    yield "# Puts what a fork's run recommended on its pull request. Nothing of the fork is run:"
    yield "# its artifact is read as data, and the pull request is looked up at GitHub."
    yield f"name: {callers.service} comment"
    yield from ("", "on:")
    yield "  workflow_run: # zizmor: ignore[dangerous-triggers] its artifact is only data"
    yield f"    workflows: [{callers.service} analyze]"
    yield "    types: [completed]"
    yield from ("", "permissions: {}", "", "jobs:", "  comment:", "    name: comment")
    yield _uses(callers, "comment")
    yield "    permissions:"
    yield "      actions: read # to fetch what the fork's run left"
    yield "      id-token: write # to take on the role that may call the function that comments"
    yield "      pull-requests: read # to find the pull request by its head"
    yield from ("    with:", f"      service: {callers.service}")


def _deploy(callers: Callers) -> Iterator[str]:
    yield "# Takes every commit of the main branch to its environments, one after the other."
    yield f"name: {callers.service} deploy"
    yield from ("", "on:", "  push:", f"    branches: [{callers.branch}]")
    yield from _paths(callers)
    yield from ("", "permissions: {}", "", "jobs:")
    earlier: str | None = None
    for environment in callers.environments:
        yield from (f"  {environment}:", f"    name: {environment}")
        if earlier is not None:
            yield f"    needs: {earlier}"
        yield _uses(callers, "deploy")
        yield "    permissions:"
        yield "      contents: read # to check the commit out"
        yield "      id-token: write # to take on the roles that push the image and roll it out"
        yield from ("    with:", f"      service: {callers.service}")
        yield f"      environment: {environment}"
        yield f'      folder: "{callers.folder}"'
        if earlier is not None:
            yield "      build: false"
        earlier = environment


def _rollback(callers: Callers) -> Iterator[str]:
    yield "# The button: takes live traffic back to an earlier release."
    yield f"name: {callers.service} rollback"
    yield from ("", "on:", "  workflow_dispatch:", "    inputs:")
    yield from _choice("service", "Service to take back.", (callers.service,))
    yield from _choice("environment", "Environment to take back.", callers.environments)
    yield from ("      release:", "        description: Release id, artifact id, or previous.")
    yield from ("        type: string", "        required: true", "        default: previous")
    yield from ("      reason:", "        description: Why; it is kept with the release.")
    yield from ("        type: string", "        required: true")
    yield from ("", "permissions: {}", "", "jobs:", "  rollback:", "    name: rollback")
    yield _uses(callers, "rollback")
    yield "    permissions:"
    yield "      id-token: write # to take on the role that rolls the service out"
    yield "    with:"
    for name in ("service", "environment", "release", "reason"):
        yield f"      {name}: ${{{{ inputs.{name} }}}}"


def _drift(callers: Callers) -> Iterator[str]:
    yield "# Says every day, and when it is asked to, what is not as the last good release left it."
    yield f"name: {callers.service} drift"
    yield from ("", "on:", "  schedule:", f'    - cron: "{_daily(callers.service)}"')
    yield "  workflow_dispatch:"
    yield from ("", "permissions: {}", "", "jobs:")
    for environment in callers.environments:
        yield from (f"  {environment}:", f"    name: {environment}")
        yield _uses(callers, "drift")
        yield "    permissions:"
        yield "      id-token: write # to take on the role that reads, and changes nothing"
        yield from ("    with:", f"      service: {callers.service}")
        yield f"      environment: {environment}"


def _daily(service: str) -> str:
    """Return a minute of the night that is the service's own: on the hour everybody runs."""
    minute = int(hashlib.sha256(service.encode()).hexdigest(), 16) % 58 + 1
    return f"{minute} 3 * * *"


def _choice(name: str, description: str, options: tuple[str, ...]) -> Iterator[str]:
    yield from (f"      {name}:", f"        description: {description}")
    yield from ("        type: choice", "        required: true")
    yield f"        options: [{', '.join(options)}]"


def _paths(callers: Callers) -> Iterator[str]:
    if callers.folder != ".":
        yield f'    paths: ["{callers.folder}/**"]'


def _uses(callers: Callers, verb: str) -> str:
    file = f".github/workflows/{verb}.yml"
    if callers.workflows is None:
        return f"    uses: $/{file}"
    repository, _, commit = callers.workflows.partition("@")
    return f"    uses: {repository}/{file}@{commit}"
