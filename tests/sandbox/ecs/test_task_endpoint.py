"""What a task finds around it: its own ARN, and the credentials of its role."""

import json
import sys
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox

# Runs in the task: no key is handed to it, boto3 finds them by itself.
LOOK = """
import json, os, urllib.request
import botocore.session
task = urllib.request.urlopen(os.environ["ECS_CONTAINER_METADATA_URI_V4"] + "/task")
session = botocore.session.get_session()
keys = session.get_credentials()
caller = session.create_client("sts").get_caller_identity()["Arn"] if keys else None
seen = {"task": json.load(task)["TaskARN"], "home": os.environ["HOME"]}
print(json.dumps({**seen, "found": keys and keys.method, "caller": caller}))
"""


def look(stage: Any, **overrides: Any) -> dict[str, str | None]:
    """Run a task that looks around; return what it saw."""
    command = {"name": "web", "command": [sys.executable, "-c", LOOK]}
    overrides["containerOverrides"] = [command]
    task = stage.run(stage.definition(), overrides=overrides)
    assert stage.stopped(task)["containers"][0]["exitCode"] == 0, stage.log_lines(task)
    seen: dict[str, str | None] = json.loads(stage.log_lines(task)[0])
    assert seen["task"] == task
    return seen


def test_task_learns_who_it_is_and_acts_as_its_role(stage: Any) -> None:
    """The override's role is what the task's calls are made by; the task is its session."""
    role = f"arn:aws:iam::{stage.description.account}:role/delightful/worker"
    seen = look(stage, taskRoleArn=role)
    session = str(seen["task"]).rpartition("/")[2]
    assert seen["found"] == "container-role"
    caller = f"arn:aws:sts::{stage.description.account}:assumed-role/worker/{session}"
    assert seen["caller"] == caller


def test_task_without_a_role_has_no_credentials_and_a_home_of_its_own(stage: Any) -> None:
    """Nothing of another task, nor of the machine, is found by it."""
    first, second = look(stage), look(stage)
    assert (first["found"], second["found"]) == (None, None)
    assert first["home"] != second["home"]


def test_task_size_of_an_override_is_one_that_fargate_has(stage: Any) -> None:
    """RunTask takes another size, and refuses one that nobody sells."""
    definition, text = stage.definition(), json.dumps
    command = {"name": "web", "command": ["python3", "-c", "pass"]}
    bigger = {"cpu": "512", "memory": "2048", "containerOverrides": [command]}
    task = stage.stopped(stage.run(definition, overrides=bigger))
    assert (task["cpu"], task["memory"]) == ("512", "2048"), text(task, default=str)
    with pytest.raises(ClientError, match="No Fargate configuration exists"):
        stage.run(definition, overrides={"cpu": "512", "memory": "512"})
