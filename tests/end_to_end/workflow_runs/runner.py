"""Runs one workflow file of Delightful's for one event, job after job, on fresh runners."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.definitions.workflow_files import PROJECT, content_of
from tests.end_to_end.workflow_runs.actions import ACTIONS, ActionFailed, World
from tests.end_to_end.workflow_runs.events import REPOSITORY, Event
from tests.end_to_end.workflow_runs.expressions import Functions, filled, written
from tests.end_to_end.workflow_runs.identity import NotTrusted
from tests.end_to_end.workflow_runs.job import Job
from tests.end_to_end.workflow_runs.shell import ran

Content = dict[str, Any]

_JOB_KEYS = {
    *("name", "needs", "if", "runs-on", "timeout-minutes", "permissions", "environment"),
    *("concurrency", "steps"),
}
_STEP_KEYS = {"name", "if", "uses", "with", "run", "env", "shell"}


class UnknownKey(Exception):
    """The file says something that this runner does not know."""


@dataclass
class Runner:
    """GitHub's runners: the world that they reach, and how they are set up.

    `variables` are those of the repository (or of its environments), `machine` what is in every
    step's environment. `folder` is where runners stand while they run.
    """

    world: World
    variables: Mapping[str, str]
    machine: dict[str, str]
    folder: Path
    is_cancelled: Callable[[Job], bool] = lambda _: False
    _runs: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def run(
        self, file: str, event: Event, inputs: Mapping[str, Any], rights: Mapping[str, str]
    ) -> dict[str, Job]:
        """Run a reusable workflow as a job with these rights calls it; return the jobs that ran."""
        content = content_of(PROJECT / ".github" / "workflows" / file)
        context = {
            "inputs": _given(content, inputs),
            "vars": dict(self.variables),
            "github": _github(event),
        }
        jobs: dict[str, Job] = {}
        states: dict[str, str] = {}
        for name, job in content["jobs"].items():
            if unknown := job.keys() - _JOB_KEYS:
                raise UnknownKey(f"{file}: {name}: {unknown}")
            if not _is_wanted(job, states, context):
                states[name] = "skipped"
                continue
            jobs[name] = self._job(name, job, event, context, rights)
            states[name] = jobs[name].state
        return jobs

    def _job(
        self,
        name: str,
        content: Content,
        event: Event,
        context: Content,
        rights: Mapping[str, str],
    ) -> Job:
        named = content.get("environment", {}).get("name")
        job = Job(
            name,
            event,
            self.folder / f"{next(self._runs)}-{name}",
            _rights(content["permissions"], rights, event),
            filled(named, context),
            self.machine,
        )
        github = {**context["github"], "token": job.token}
        here = {**context, "github": github, "runner": {"temp": str(job.temp)}}
        for step in content["steps"]:
            self._step(job, step, here)
        job.clear()
        return job

    def _step(self, job: Job, step: Content, context: Content) -> None:
        if unknown := step.keys() - _STEP_KEYS:
            raise UnknownKey(f"{job.name}: {step.get('name')}: {unknown}")
        if not _holds(step.get("if", "success()"), context, _functions([job.state])):
            return
        job.steps.append(step["name"])
        variables = {
            name: written(filled(value, context)) for name, value in step.get("env", {}).items()
        }
        try:
            if "uses" in step:
                self._used(job, step["uses"], _inputs(step, context))
            elif not ran(job, step["run"], variables, lambda: self.is_cancelled(job)):
                job.state = "cancelled" if self.is_cancelled(job) else "failure"
        except (ActionFailed, NotTrusted) as error:
            job.said.append(f"{type(error).__name__}: {error}\n")
            job.state = "failure"

    def _used(self, job: Job, uses: str, inputs: dict[str, str]) -> None:
        if not uses.startswith("$/"):
            ACTIONS[uses.partition("@")[0]](self.world, job, inputs)
            return
        action = PROJECT / uses.removeprefix("$/")
        content = content_of(action / "action.yml")
        if unknown := inputs.keys() - content["inputs"].keys():
            raise UnknownKey(f"{uses}: inputs {unknown}")
        defaults = {name: one.get("default") for name, one in content["inputs"].items()}
        context = {"inputs": {**defaults, **inputs}}
        for step in content["runs"]["steps"]:
            if not _holds(step.get("if", "success()"), context, _functions([job.state])):
                continue
            here = {"name": step["name"], **step}
            if "run" in here:
                path = {"GITHUB_ACTION_PATH": str(action)}
                if not ran(job, here["run"], path, lambda: self.is_cancelled(job)):
                    raise ActionFailed(f"{uses}: {step['name']}")
            else:
                self._used(job, here["uses"], _inputs(here, context))


def _inputs(step: Content, context: Content) -> dict[str, str]:
    return {name: written(filled(value, context)) for name, value in step.get("with", {}).items()}


def _given(content: Content, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs with their defaults; one too many or too few is refused."""
    declared = content["on"]["workflow_call"]["inputs"]
    if unknown := inputs.keys() - declared.keys():
        raise UnknownKey(f"inputs {unknown}")
    missing = {name for name, one in declared.items() if one.get("required")} - inputs.keys()
    if missing:
        raise UnknownKey(f"inputs {missing} are missing")
    return {name: inputs.get(name, one.get("default")) for name, one in declared.items()}


def _github(event: Event) -> dict[str, Any]:
    return {
        "event": event.payload,
        "event_name": event.name,
        "repository": REPOSITORY,
        "run_id": event.run_id,
        "sha": event.sha,
        "ref": event.ref,
    }


def _rights(asked: Mapping[str, str], granted: Mapping[str, str], event: Event) -> dict[str, str]:
    """Return what a job may: never more than its caller, and of a fork's nothing that writes."""
    rights = {right: level for right, level in asked.items() if right in granted}
    if event.is_foreign:
        return {right: "read" for right in rights if right != "id-token"}
    return rights


def _is_wanted(job: Content, states: Mapping[str, str], context: Content) -> bool:
    needs = job.get("needs", [])
    before = [states[one] for one in ([needs] if isinstance(needs, str) else needs)]
    condition = str(job.get("if", "success()"))
    named = any(f"{function}()" in condition for function in _functions([]))
    functions = _functions(before)
    # Without a function of its own, a condition stands behind `success()`.
    return (named or functions["success"]()) and _holds(condition, context, functions)


def _functions(states: list[str]) -> Functions:
    return {
        "success": lambda: all(state == "success" for state in states),
        "failure": lambda: "failure" in states,
        "cancelled": lambda: "cancelled" in states,
        "always": lambda: True,
    }


def _holds(condition: str, context: Content, functions: Functions) -> bool:
    text = condition.strip()
    whole = text if text.startswith("${{") else f"${{{{ {text} }}}}"
    return bool(filled(whole, context, functions))
