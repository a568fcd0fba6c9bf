"""What the Prefect UI offers: every flow loads, and what it asks for stands on one page."""

import functools
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.flows import load_flow_from_entrypoint

PROJECT = Path(__file__).parents[2]
PAGE = Path(__file__).parent / "deployments.md"
DEFINITIONS: list[dict[str, Any]] = yaml.safe_load((PROJECT / "deployments.yaml").read_text())[
    "deployments"
]
STORIES = {
    "deploy",
    "rollback",
    "recover",
    "verify",
    "sweep",
    "drill",
    "drift",
    "analyze",
    "build",
    "terraform_apply",
    "codedeploy",
    "observe",
}


@pytest.fixture(params=DEFINITIONS, ids=lambda definition: definition["name"])
def definition(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return one Prefect deployment as it is written."""
    found: dict[str, Any] = request.param
    return found


def loaded(definition: dict[str, Any]) -> Flow[..., Any]:
    """Return the flow of a Prefect deployment, as a worker would load it."""
    return _loaded(definition["entrypoint"])


@functools.cache
def _loaded(entrypoint: str) -> Flow[..., Any]:
    file, _, name = entrypoint.partition(":")
    return load_flow_from_entrypoint(f"{PROJECT / file}:{name}")


def test_every_story_has_a_prefect_deployment_of_its_name() -> None:
    """Nothing that a person may want to run is missing from the UI."""
    assert {definition["name"] for definition in DEFINITIONS} == STORIES


def test_entrypoint_is_the_flow_of_that_name(definition: dict[str, Any]) -> None:
    """`prefect deployment run deploy/deploy` names the flow and its Prefect deployment alike."""
    assert loaded(definition).name == definition["name"]


def test_every_parameter_explains_itself(definition: dict[str, Any]) -> None:
    """The UI's form says what each parameter is."""
    properties = loaded(definition).parameters.properties
    silent = [name for name, schema in properties.items() if not schema.get("description")]
    assert silent == []


def test_defaults_are_parameters_of_the_flow(definition: dict[str, Any]) -> None:
    """A default for a parameter that does not exist would fail only when somebody runs it."""
    assert definition["parameters"].keys() <= loaded(definition).parameters.properties.keys()


def test_the_way_back_never_waits_in_a_queue() -> None:
    """A rollback has no concurrency limit."""
    rollback = next(one for one in DEFINITIONS if one["name"] == "rollback")
    assert "concurrency_limit" not in rollback


def test_no_schedule_changes_what_production_serves() -> None:
    """What starts by itself looks, or mends; the drill moves traffic, in staging alone."""
    scheduled = {one["name"]: one["schedules"] for one in DEFINITIONS if "schedules" in one}
    assert scheduled.keys() == {"drift", "drill", "recover"}
    assert [one["environments"] for one in scheduled["drill"]] == [["staging"]]


def test_page_shows_what_the_definitions_say() -> None:
    """The page is what a reader sees of all this; written anew when they change."""
    assert PAGE.read_text() == page(), "write it anew: python -m tests.definitions.page"


def page() -> str:
    """Return the page: names, pools, limits, tags and parameters with their defaults."""
    parts = ["# Prefect deployments", "", "Written from `deployments.yaml` and the flows."]
    for definition in DEFINITIONS:
        flow = loaded(definition)
        limit = definition.get("concurrency_limit", {}).get("limit", "none")
        parts += [
            "",
            f"## {flow.name}/{definition['name']}",
            "",
            definition["description"],
            "",
            f"- entrypoint `{definition['entrypoint']}`, run name `{flow.flow_run_name}`",
            f"- work pool `{definition['work_pool']['name']}`, tags {definition['tags']}, "
            f"concurrency limit {limit}, {_schedule(definition)}",
            "",
            "| parameter | type | default | |",
            "|---|---|---|---|",
            *_rows(flow, definition["parameters"]),
        ]
    return "\n".join(parts) + "\n"


def _schedule(definition: dict[str, Any]) -> str:
    crons = [
        f"`{one['cron']}` {one['timezone']}"
        + "".join(f" in {name}" for name in one.get("environments", ()))
        for one in definition.get("schedules", ())
    ]
    return f"for each scheduled service at {', '.join(crons)}" if crons else "no schedule"


def _rows(flow: Flow[..., Any], defaults: dict[str, Any]) -> list[str]:
    rows = []
    for name, schema in flow.parameters.properties.items():
        default = defaults.get(name, schema.get("default"))
        shown = "" if default is None else f"`{json.dumps(default)}`"
        kind = schema.get("type") or " or ".join(one["type"] for one in schema["anyOf"])
        required = " (required)" if name in (flow.parameters.required or []) and not shown else ""
        description = " ".join(schema["description"].split())
        rows.append(f"| `{name}`{required} | {kind} | {shown} | {description} |")
    return rows
