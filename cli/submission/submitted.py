"""The verbs with `--submit`: the same flows, run by the environment's own workers.

No worker sees the caller's folder: a commit's files are read from where its build, or its pull
request, left them.
"""

from pydantic import JsonValue

from cli.asked import Commit, Watching
from cli.submission.submitting import Submission, submit
from flows.environment import as_caller, delivery_environment
from flows.materials.commit_files import leave_source
from flows.runs.prefect_answers import answered


def submit_deploy(
    wanted: Commit,
    history: list[str],
    watching: Watching,
    *,
    dry_run: bool,
    pull_request: int | None,
) -> int:
    """Have a commit deployed, or only planned; of a pull request its files are left first."""
    named = _about(wanted, is_proposed=pull_request is not None)
    how: dict[str, JsonValue] = {"dry_run": dry_run, "pull_request": pull_request}
    asked = Submission(
        flow="deploy",
        verb="plan" if dry_run else "deploy",
        about=wanted.commit,
        parameters={**named, "history": [*history], **how},
    )
    return submit(asked, watching)


def submit_analyze(
    wanted: Commit, since: str | None, pull_request: int | None, watching: Watching
) -> int:
    """Have a commit analyzed, and its pull request told; there its files are left first."""
    named = _about(wanted, is_proposed=pull_request is not None)
    asked = Submission(
        flow="analyze",
        verb="analyze",
        about=wanted.commit,
        parameters={**named, "since": since, "pull_request": pull_request},
    )
    return submit(asked, watching)


def submit_rollback(parameters: dict[str, str], watching: Watching, *, dry_run: bool) -> int:
    """Have an earlier release taken back; the parameters are those of the flow."""
    asked = Submission(
        flow="rollback",
        verb="plan-rollback" if dry_run else "rollback",
        about=parameters["release"],
        parameters={**parameters, "dry_run": dry_run},
    )
    return submit(asked, watching)


def submit_drift(service: str, environment: str, watching: Watching) -> int:
    """Have a service looked at by its environment's own workers."""
    parameters: dict[str, JsonValue] = {"service": service, "environment": environment}
    return submit(
        Submission(flow="drift", verb="drift", about=service, parameters=parameters), watching
    )


def submit_recover(parameters: dict[str, str], watching: Watching, *, dry_run: bool) -> int:
    """Have what a dead run left mended; the parameters are those of the flow."""
    asked = Submission(
        flow="recover",
        verb="plan-recover" if dry_run else "recover",
        about=parameters["service"],
        parameters={**parameters, "dry_run": dry_run},
    )
    return submit(asked, watching)


def submit_drill(parameters: dict[str, JsonValue], watching: Watching) -> int:
    """Have a rollback rehearsed by the environment's own workers."""
    about = str(parameters["service"])
    return submit(
        Submission(flow="drill", verb="drill", about=about, parameters=parameters), watching
    )


def _about(wanted: Commit, *, is_proposed: bool) -> dict[str, JsonValue]:
    return {
        "service": wanted.service,
        "environment": wanted.environment,
        "commit": wanted.commit,
        "source": source_of(wanted, is_proposed=is_proposed),
    }


def source_of(wanted: Commit, *, is_proposed: bool) -> str:
    """Return the address of a commit's files; a pull request's are left there now."""
    service, environment, commit, folder = wanted
    with answered("read environment"):
        delivery = delivery_environment(environment)
    if not is_proposed:
        return delivery.sources(service).place(service, commit).url
    with as_caller(delivery):
        return leave_source(str(folder), service, environment, commit, "proposed")
