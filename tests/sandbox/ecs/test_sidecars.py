"""Tasks of more than one container: who carries the task, who reaches whom, the collector."""

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from delightful.reading.tfvars import read_tfvars

pytestmark = pytest.mark.sandbox
Until = Callable[[Callable[[], Any]], Any]
ENVIRONMENTS = Path(__file__).parents[3] / "infrastructure" / "environments"
COLLECTOR_IMAGE = read_tfvars(
    (ENVIRONMENTS / "sandbox" / "service.tfvars").read_text(), "service.tfvars"
)["collector_image"]
CONFIG = {
    "receivers": {"otlp": {"protocols": {"http": {"endpoint": "127.0.0.1:4318"}}}},
    "exporters": {"awsxray": {"region": "us-east-1", "indexed_attributes": ["team"]}},
    "service": {"pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["awsxray"]}}},
}
# Sends one span to where it is told to, once somebody listens there.
SENDER = """
import json, os, time, urllib.request
span = {"traceId": os.environ["TRACE"], "spanId": "eee19b7ec3c1b174", "name": "work", "kind": 2,
        "startTimeUnixNano": str(time.time_ns() - 10**9), "endTimeUnixNano": str(time.time_ns()),
        "attributes": [{"key": "team", "value": {"stringValue": "a"}}]}
name = {"key": "service.name", "value": {"stringValue": "sender"}}
body = {"resourceSpans": [{"resource": {"attributes": [name]}, "scopeSpans": [{"spans": [span]}]}]}
url = os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] + "/v1/traces"
sent = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
for attempt in range(100):
    try:
        exit(urllib.request.urlopen(sent).status != 200)
    except OSError as error:
        time.sleep(0.1)
exit(str(error))
"""


def container(stage: Any, name: str, code: str, **settings: Any) -> dict[str, Any]:
    """Return a container that runs Python code of the stage's image."""
    log = {"awslogs-group": "/stage", "awslogs-stream-prefix": "s", "awslogs-region": "x"}
    variables = settings.pop("env", {})
    return {
        "name": name,
        "image": stage.image,
        "command": ["python3", "-c", code],
        "environment": [{"name": key, "value": value} for key, value in variables.items()],
        "logConfiguration": {"logDriver": "awslogs", "options": log},
        "stopTimeout": 2,
        **settings,
    }


def collector(stage: Any, **settings: Any) -> dict[str, Any]:
    """Return the collector as `infrastructure/` puts it into a task."""
    given = {
        "env": {"AOT_CONFIG_CONTENT": json.dumps(CONFIG)},
        "image": COLLECTOR_IMAGE,
        "command": [],
        "essential": False,
        "portMappings": [{"containerPort": 4317}, {"containerPort": 4318}],
        # What is left is put into X-Ray before it ends, however busy this machine is.
        "stopTimeout": 100,
        **settings,
    }
    return container(stage, "collector", "", **given)


def registered(stage: Any, family: str, containers: Sequence[dict[str, Any]]) -> str:
    """Register a task definition of these containers."""
    answer = stage.aws("ecs").register_task_definition(
        family=family,
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        containerDefinitions=list(containers),
    )
    return str(answer["taskDefinition"]["taskDefinitionArn"])


def both_orders(*containers: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Return the containers as listed, and the other way round."""
    return [list(containers), list(reversed(containers))]


def described(stage: Any, task: str) -> dict[str, Any]:
    """Describe a task."""
    (found,) = stage.aws("ecs").describe_tasks(cluster="stage", tasks=[task])["tasks"]
    return dict(found)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_sidecar_that_exits_leaves_the_task_running(
    stage: Any, until: Until, is_first: bool
) -> None:
    """Wherever it is listed: its exit is told at its own container, and the service serves on."""
    web = container(stage, "web", "import time; time.sleep(60)")
    side = container(stage, "side", "exit(9)", essential=False)
    containers = both_orders(side, web)[0 if is_first else 1]
    task = stage.run(registered(stage, f"side-exits-{is_first}", containers))

    def exited() -> Any:
        found = described(stage, task)
        codes = {one["name"]: one.get("exitCode") for one in found["containers"]}
        return found if codes["side"] == 9 else None

    found = until(exited)
    assert found["lastStatus"] == "RUNNING"
    assert "exitCode" not in next(one for one in found["containers"] if one["name"] == "web")
    stage.aws("ecs").stop_task(cluster="stage", task=task)
    assert stage.stopped(task)["stopCode"] == "UserInitiated"


@pytest.mark.parametrize("is_first", [True, False])
def test_the_service_ends_the_task_and_the_sidecar_with_it(stage: Any, is_first: bool) -> None:
    """Its exit code is its own, however its sidecar ended."""
    web = container(stage, "web", "exit(3)")
    side = container(stage, "side", "import time; time.sleep(60)", essential=False)
    containers = both_orders(side, web)[0 if is_first else 1]
    stopped = stage.stopped(stage.run(registered(stage, f"web-exits-{is_first}", containers)))
    assert stopped["stopCode"] == "EssentialContainerExited"
    codes = {one["name"]: one["exitCode"] for one in stopped["containers"]}
    assert codes["web"] == 3
    assert codes["side"] in (137, 143)


def test_health_of_a_sidecar_is_not_the_tasks(stage: Any, until: Until) -> None:
    """ECS looks at essential containers only."""
    check = {"command": ["CMD-SHELL", "exit 1"], "interval": 5, "retries": 1}
    web = container(stage, "web", "import time; time.sleep(60)")
    side = container(
        stage, "side", "import time; time.sleep(60)", essential=False, healthCheck=check
    )
    task = stage.run(registered(stage, "side-ill", [side, web]))

    def side_is_ill() -> Any:
        found = described(stage, task)
        health = {one["name"]: one["healthStatus"] for one in found["containers"]}
        return found if health["side"] == "UNHEALTHY" else None

    found = until(side_is_ill)
    assert (found["lastStatus"], found["healthStatus"]) == ("RUNNING", "UNKNOWN")
    stage.aws("ecs").stop_task(cluster="stage", task=task)
    stage.stopped(task)


@pytest.mark.parametrize("is_first", [True, False])
def test_spans_of_a_service_arrive_in_xray(stage: Any, until: Until, is_first: bool) -> None:
    """What is sent to the collector's port on localhost is a trace in X-Ray."""
    trace = f"{int(time.time()):08x}" + ("a" if is_first else "b") * 24
    variables = {"TRACE": trace, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}
    web = container(stage, "web", SENDER, env=variables)
    containers = both_orders(collector(stage), web)[0 if is_first else 1]
    stopped = stage.stopped(stage.run(registered(stage, f"traced-{is_first}", containers)))
    codes = {one["name"]: one["exitCode"] for one in stopped["containers"]}
    assert codes == {"web": 0, "collector": 0}
    xray_id = f"1-{trace[:8]}-{trace[8:]}"

    def found() -> Any:
        return stage.aws("xray").batch_get_traces(TraceIds=[xray_id])["Traces"]

    (segment,) = until(found)[0]["Segments"]
    document = json.loads(segment["Document"])
    assert document["name"] == "sender"
    assert document["annotations"] == {"team": "a"}
    now = datetime.now(UTC)
    summaries = stage.aws("xray").get_trace_summaries(
        StartTime=now - timedelta(minutes=5), EndTime=now + timedelta(minutes=5)
    )["TraceSummaries"]
    assert xray_id in [summary["Id"] for summary in summaries]


def test_two_tasks_have_collectors_of_their_own(stage: Any, until: Until) -> None:
    """They share this machine's localhost, and still each listens; the log says what it is."""
    web = container(stage, "web", "import time; time.sleep(60)")
    check = {"command": ["CMD", "/healthcheck"], "interval": 5, "retries": 1}
    definition = registered(stage, "twice", [web, collector(stage, healthCheck=check)])
    tasks = [stage.run(definition) for _ in range(2)]

    def are_healthy() -> Any:
        found = [described(stage, task) for task in tasks]
        sides = [one["containers"][1] for one in found]
        return sides if all(one["healthStatus"] == "HEALTHY" for one in sides) else None

    sides = until(are_healthy)
    ports = [binding["hostPort"] for side in sides for binding in side["networkBindings"]]
    assert len(set(ports)) == 4
    stream = f"s/collector/{tasks[0].rsplit('/', 1)[-1]}"
    (first, *_) = stage.aws("logs").get_log_events(logGroupName="/stage", logStreamName=stream)[
        "events"
    ]
    assert first["message"].startswith("stand-in for the OpenTelemetry collector")
    for task in tasks:
        stage.aws("ecs").stop_task(cluster="stage", task=task)
        stage.stopped(task)


def test_a_collector_that_cannot_start_ends_nothing(stage: Any, until: Until) -> None:
    """Without a usable configuration it says why and exits; the service goes on."""
    web = container(stage, "web", "import time; time.sleep(60)")
    broken = collector(stage, env={"AOT_CONFIG_CONTENT": "{}"})
    task = stage.run(registered(stage, "misled", [broken, web]))

    def exited() -> Any:
        side = described(stage, task)["containers"][0]
        return side if side.get("exitCode") else None

    assert until(exited)["exitCode"] == 1
    assert described(stage, task)["lastStatus"] == "RUNNING"
    stage.aws("ecs").stop_task(cluster="stage", task=task)
    stage.stopped(task)
