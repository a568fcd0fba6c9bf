"""One-off tasks: life cycle, exit codes, reasons, digests, logs and secrets."""

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError

from sandbox.ecs.engines import probe_archive
from sandbox.ecs.layers import unpack

pytestmark = pytest.mark.sandbox
Until = Callable[[Callable[[], Any]], Any]


def test_runs_the_digest_that_the_task_definition_names(stage: Any, until: Until) -> None:
    """A running task tells the digest of its image, and ends with SIGTERM's exit code or 0."""
    task = stage.run(stage.definition())
    ecs = stage.aws("ecs")
    waiter = ecs.get_waiter("tasks_running")
    waiter.wait(cluster="stage", tasks=[task], WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    (running,) = ecs.describe_tasks(cluster="stage", tasks=[task])["tasks"]
    assert running["containers"][0]["imageDigest"] == stage.digest
    assert running["lastStatus"] == "RUNNING"
    until(lambda: stage.log_lines(task) == ["starting one None"])
    ecs.stop_task(cluster="stage", task=task, reason="enough")
    stopped = stage.stopped(task)
    assert stopped["containers"][0]["exitCode"] == 0
    assert stopped["stoppedReason"] == "enough"
    assert stage.log_lines(task)[-1] == "stopped"


def test_command_and_environment_can_be_overridden(stage: Any) -> None:
    """RunTask's overrides reach the process; its exit code comes back."""
    override = {
        "name": "web",
        "command": ["python3", "-c", "import os; exit(int(os.environ['N']))"],
    }
    override["environment"] = [{"name": "N", "value": "7"}]  # type: ignore[assignment]
    task = stage.run(stage.definition(), overrides={"containerOverrides": [override]})
    stopped = stage.stopped(task)
    assert stopped["stopCode"] == "EssentialContainerExited"
    assert stopped["containers"][0]["exitCode"] == 7


def test_a_client_token_starts_one_task(stage: Any) -> None:
    """Asked again with the same token ECS names the task that it has; another wish is refused."""
    definition = stage.definition()
    first = stage.run(definition, clientToken="token-1", startedBy="one")
    assert stage.run(definition, clientToken="token-1", startedBy="one") == first
    with pytest.raises(ClientError, match="ConflictException"):
        stage.run(definition, clientToken="token-1", startedBy="another")
    assert stage.run(definition, clientToken="token-2", startedBy="one") != first


def test_missing_image_never_runs(stage: Any) -> None:
    """A digest that is not there fails the pull with ECS's words and leaves no exit code."""
    missing = f"{stage.description.registry}/stage@sha256:{'0' * 64}"
    stopped = stage.stopped(stage.run(stage.definition(image=missing)))
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert stopped["stoppedReason"].startswith("CannotPullContainerError: pull image manifest")
    assert "not found" in stopped["stoppedReason"]
    assert "exitCode" not in stopped["containers"][0]


def test_missing_program_is_told(stage: Any) -> None:
    """A start command that does not exist is a failed start, not a crash of the sandbox."""
    stopped = stage.stopped(stage.run(stage.definition(command=["no-such-program"])))
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert stopped["stoppedReason"].startswith("CannotStartContainerError")


def test_missing_log_group_is_told(stage: Any) -> None:
    """A task whose log group does not exist does not start."""
    options = {"awslogs-group": "/none", "awslogs-stream-prefix": "s", "awslogs-region": "x"}
    log = {"logDriver": "awslogs", "options": options}
    stopped = stage.stopped(stage.run(stage.definition(logConfiguration=log)))
    assert "The specified log group does not exist" in stopped["stoppedReason"]


def test_waiter_for_running_sees_the_failure(stage: Any) -> None:
    """AWS's own waiter for running tasks ends as soon as the task has stopped."""
    task = stage.run(stage.definition(env={"KIND": "crashing"}))
    stage.stopped(task)
    waiter = stage.aws("ecs").get_waiter("tasks_running")
    with pytest.raises(WaiterError):
        waiter.wait(cluster="stage", tasks=[task], WaiterConfig={"Delay": 1, "MaxAttempts": 3})


def test_secrets_reach_the_process_only(stage: Any) -> None:
    """A secret is resolved when the task starts, and no description shows its value."""
    stage.aws("ssm").put_parameter(Name="/stage/token", Value="open sesame", Type="SecureString")
    secrets = [{"name": "TOKEN", "valueFrom": "/stage/token"}]
    task = stage.run(stage.definition(secrets=secrets, env={"KIND": "crashing"}))
    stopped = stage.stopped(task)
    assert stage.log_lines(task) == ["starting one open sesame"]
    assert "open sesame" not in str(stopped)


def test_missing_secret_is_told(stage: Any) -> None:
    """A secret that cannot be read keeps the task from starting, and is named."""
    secrets = [{"name": "TOKEN", "valueFrom": "/stage/nothing"}]
    stopped = stage.stopped(stage.run(stage.definition(secrets=secrets)))
    assert "unable to retrieve secret from /stage/nothing" in stopped["stoppedReason"]


def test_container_health_check_is_asked(stage: Any, until: Until) -> None:
    """A container's own health check decides its health status; failing ends the task."""
    check = {"command": ["CMD-SHELL", "exit 1"], "interval": 5, "retries": 1}
    stopped = stage.stopped(stage.run(stage.definition(healthCheck=check)))
    assert stopped["stoppedReason"] == "Task failed container health checks"
    good = {"command": ["CMD", "true"], "interval": 5}
    task = stage.run(stage.definition(healthCheck=good))
    ecs = stage.aws("ecs")

    def health() -> Any:
        return ecs.describe_tasks(cluster="stage", tasks=[task])["tasks"][0]["healthStatus"]

    until(lambda: health() == "HEALTHY")
    ecs.stop_task(cluster="stage", task=task)
    stage.stopped(task)


def test_memory_on_the_task_alone_is_enough(stage: Any) -> None:
    """A task definition as prefect-aws registers it runs, without security groups."""
    registered = stage.aws("ecs").register_task_definition(
        family="plain",
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        containerDefinitions=[
            {"name": "web", "image": stage.image, "command": ["python3", "-c", "print(1)"]}
        ],
    )
    task = stage.run(registered["taskDefinition"]["taskDefinitionArn"])
    assert stage.stopped(task)["containers"][0]["exitCode"] == 0


def test_names_missing_tasks(stage: Any) -> None:
    """Tasks that are not there are failures, as the waiters expect."""
    answer = stage.aws("ecs").describe_tasks(cluster="stage", tasks=["f" * 32])
    assert [failure["reason"] for failure in answer["failures"]] == ["MISSING"]


def test_runs_in_whichever_way_the_sandbox_runs_tasks(
    sandbox: Any, push: Callable[..., tuple[str, str]], tmp_path: Any, until: Until
) -> None:
    """The same image gives the same digest and exit code as a container and as a process."""
    archive = probe_archive(platform.machine())
    assert archive is not None
    (tmp_path / "probe.tar").write_bytes(archive)
    unpack(tmp_path / "probe.tar", tmp_path)
    program = {"probe": (tmp_path / "probe").read_bytes()}
    image, digest = push(sandbox, "probe", program, {"Cmd": ["./probe"], "WorkingDir": "/"})
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": sandbox.region}
    ecs = boto3.client("ecs", endpoint_url=sandbox.aws_endpoint_url, **keys)
    ecs.create_cluster(clusterName="whichever")
    ecs.register_task_definition(
        family="probe",
        cpu="256",
        memory="512",
        requiresCompatibilities=["EC2"],
        networkMode="bridge",
        containerDefinitions=[{"name": "probe", "image": image}],
    )
    (task,) = ecs.run_task(cluster="whichever", taskDefinition="probe")["tasks"]

    def ended() -> Any:
        (found,) = ecs.describe_tasks(cluster="whichever", tasks=[task["taskArn"]])["tasks"]
        return found if found["lastStatus"] == "STOPPED" else None

    (container,) = until(ended)["containers"]
    assert container["exitCode"] == 42
    assert container["imageDigest"] == digest


def test_nothing_of_a_task_outlives_its_first_process(stage: Any, until: Until) -> None:
    """What left the first process's session ends with it, as in a container."""
    start = "import subprocess, sys; print(subprocess.Popen(['sleep', '60'], {}).pid)"
    leave = "bufsize=-1, start_new_session=True, stdout=subprocess.DEVNULL"
    command = ["python3", "-u", "-c", start.replace("{}", leave)]
    override = {"name": "web", "command": command}
    task = stage.run(stage.definition(), overrides={"containerOverrides": [override]})
    assert stage.stopped(task)["containers"][0]["exitCode"] == 0
    pid = int(stage.log_lines(task)[0])
    until(lambda: not Path(f"/proc/{pid}").exists())
