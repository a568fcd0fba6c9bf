"""What GitHub runs for Delightful and for services, on one readable page."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.definitions.workflow_files import ACTIONS, WORKFLOWS, Content, content_of

PAGE = Path(__file__).parent / "workflows.md"


def page() -> str:
    """Return the page: who calls what, with which rights, in which order."""
    parts = ["# Workflows", "", "Written from `.github/`."]
    for file in (*WORKFLOWS, *ACTIONS):
        content = content_of(file)
        name = file.stem if file in WORKFLOWS else f"action {file.parent.name}"
        parts += ["", f"## {name}", "", *_header(file), *_asked(content)]
        parts += [line for job in content.get("jobs", {}).items() for line in _job(*job)]
        parts += list(_steps(content.get("runs", {}).get("steps", [])))
    return "\n".join(parts) + "\n"


def _header(file: Path) -> Iterator[str]:
    for line in file.read_text().split("\n"):
        if not line.startswith("#"):
            return
        yield line.removeprefix("#").removeprefix(" ")


def _asked(content: Content) -> Iterator[str]:
    triggers = content.get("on", {})
    if triggers:
        yield from ("", f"- runs on {', '.join(triggers)}; {_concurrency(content)}")
    called = triggers.get("workflow_call") if isinstance(triggers, dict) else None
    if not called:
        return
    yield from ("", "| input | type | default | |", "|---|---|---|---|")
    for name, one in called["inputs"].items():
        required = " (required)" if one.get("required") else ""
        default = f"`{one['default']}`" if "default" in one else ""
        yield f"| `{name}`{required} | {one['type']} | {default} | {one['description']} |"


def _concurrency(content: Content) -> str:
    asked = content.get("concurrency")
    if asked is None:
        return "no group"
    later = (
        f"queue {asked['queue']}" if "queue" in asked else f"cancels {asked['cancel-in-progress']}"
    )
    return f"group `{asked['group']}`, {later}"


def _job(name: str, job: Content) -> Iterator[str]:
    yield from ("", f"### {name}", "")
    if "if" in job:
        yield f"- only if `{' '.join(str(job['if']).split())}`"
    if "needs" in job:
        yield f"- after {job['needs']}"
    if "environment" in job:
        yield f"- GitHub environment `{job['environment']['name']}`"
    rights = ", ".join(f"{right} {level}" for right, level in job["permissions"].items())
    yield f"- rights: {rights}; at most {job['timeout-minutes']} minutes; {_concurrency(job)}"
    yield ""
    yield from _steps(job["steps"])


def _steps(steps: list[Content]) -> Iterator[str]:
    if steps:
        yield from ("| step | does | with |", "|---|---|---|")
    for step in steps:
        does = _used(step["uses"]) if "uses" in step else f"`{_one_line(step['run'])}`"
        given = {**step.get("with", {}), **step.get("env", {})}
        shown = "<br>".join(f"{key}: `{_one_line(value)}`" for key, value in given.items())
        yield f"| {step['name']}{_condition(step)} | {does} | {shown} |"


def _used(uses: str) -> str:
    return f"`{re.sub('@[0-9a-f]{40}$', '', uses)}`"


def _condition(step: Content) -> str:
    return f", if `{step['if']}`" if "if" in step else ""


def _one_line(value: Any) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
