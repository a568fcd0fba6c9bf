"""What GitHub tells a workflow of what happened."""

from dataclasses import dataclass
from typing import Any

REPOSITORY, REPOSITORY_ID, OWNER_ID = "Acme/shop", 1001, 77
FORK = {"id": 3003, "full_name": "Mallory/shop"}
BASE = {"id": REPOSITORY_ID, "full_name": REPOSITORY}


@dataclass(frozen=True)
class Event:
    """One event: its name, payload, and the commit and ref that the run is on.

    `is_foreign` is true of a fork's pull request, whose runs GitHub gives neither a token that
    writes nor an identity.
    """

    name: str
    payload: dict[str, Any]
    sha: str
    ref: str
    run_id: int = 1
    is_foreign: bool = False


def push(sha: str, run_id: int) -> Event:
    """Return a push to the main branch."""
    return Event("push", {"repository": BASE}, sha, "refs/heads/main", run_id)


def button(sha: str, run_id: int, **inputs: str) -> Event:
    """Return a `workflow_dispatch` on the main branch, with what was filled in."""
    payload = {"repository": BASE, "inputs": inputs}
    return Event("workflow_dispatch", payload, sha, "refs/heads/main", run_id)


def pull_request(
    number: int, head_sha: str, run_id: int, *, is_fork: bool = False, **told: Any
) -> Event:
    """Return a push to a pull request; `told` is what its author chose, such as its title."""
    head = {"sha": head_sha, "repo": FORK if is_fork else BASE, **told.pop("head", {})}
    payload = {
        "repository": BASE,
        "pull_request": {"number": number, "head": head, "base": {"repo": BASE}, **told},
    }
    ref = f"refs/pull/{number}/merge"
    return Event("pull_request", payload, head_sha, ref, run_id, is_foreign=is_fork)


def finished(run: Event, conclusion: str, main_sha: str, run_id: int) -> Event:
    """Return the end of a pull request's run, as `workflow_run` tells it on the main branch."""
    head = run.payload["pull_request"]["head"]
    told = {
        "id": run.run_id,
        "event": run.name,
        "conclusion": conclusion,
        "head_sha": head["sha"],
        "head_branch": head.get("ref"),
        "head_repository": head["repo"],
        "repository": BASE,
        "pull_requests": [],
    }
    payload = {"repository": BASE, "workflow_run": told}
    return Event("workflow_run", payload, main_sha, "refs/heads/main", run_id)
