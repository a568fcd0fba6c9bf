"""A service's own workflow, which calls Delightful's: as `delightful init` writes it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.definitions.workflow_files import content_of
from tests.end_to_end.workflow_runs.events import Event
from tests.end_to_end.workflow_runs.expressions import filled
from tests.end_to_end.workflow_runs.job import Job
from tests.end_to_end.workflow_runs.runner import Runner, UnknownKey

_KEYS = {"name", "needs", "uses", "permissions", "with"}
# The repository in which the called workflows lie, as `delightful init` was told.
DELIGHTFUL = "Acme/delightful"


def called(runner: Runner, caller: Path, event: Event) -> dict[str, dict[str, Job]]:
    """Run a caller's jobs, each after what it needs; return their jobs by the caller's."""
    content = content_of(caller)
    if event.name not in content["on"]:
        raise UnknownKey(f"{caller.name} does not run on {event.name}")
    context = {"inputs": event.payload.get("inputs", {})}
    done: dict[str, dict[str, Job]] = {}
    for name, job in content["jobs"].items():
        if unknown := job.keys() - _KEYS:
            raise UnknownKey(f"{caller.name}: {name}: {unknown}")
        if "needs" in job and not went_well(done.get(job["needs"], {})):
            continue
        done[name] = runner.run(
            _file(job["uses"]), event, _inputs(job, context), job["permissions"]
        )
    return done


def went_well(jobs: Mapping[str, Job]) -> bool:
    """Say whether jobs ran, and all that did went well."""
    return bool(jobs) and all(job.state == "success" for job in jobs.values())


def _inputs(job: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    return {name: filled(value, context) for name, value in job["with"].items()}


def _file(uses: str) -> str:
    place, _, commit = uses.partition("@")
    prefix = f"{DELIGHTFUL}/.github/workflows/"
    if not place.startswith(prefix) or len(commit) != 40:
        raise UnknownKey(uses)
    return place.removeprefix(prefix)
