"""What ECS tells on EventBridge of its tasks, and who gets to hear it."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.sandbox
Until = Callable[[Callable[[], Any]], Any]
EXIT_7 = {"name": "web", "command": ["python3", "-c", "exit(7)"]}
_numbers = itertools.count(1)


def queue(stage: Any) -> tuple[str, str]:
    """Make a queue; return its URL and ARN."""
    sqs = stage.aws("sqs")
    url = sqs.create_queue(QueueName=f"told-{next(_numbers)}")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, attributes["Attributes"]["QueueArn"]


def listening(stage: Any, target: dict[str, Any], **detail: Any) -> str:
    """Make a rule for task states of this cluster, with one target; return its name."""
    events, name = stage.aws("events"), f"rule-{next(_numbers)}"
    cluster = stage.aws("ecs").describe_clusters(clusters=["stage"])["clusters"][0]["clusterArn"]
    pattern = {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Task State Change"],
        "detail": {"clusterArn": [cluster], **detail},
    }
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "one", **target}])
    return name


def messages(stage: Any, url: str) -> list[dict[str, Any]]:
    """Return the messages of a queue, which keeps them."""
    found = {}
    sqs, wanted = stage.aws("sqs"), {"VisibilityTimeout": 0, "MessageAttributeNames": ["All"]}
    for _ in range(3):
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, **wanted)
        found |= {one["MessageId"]: one for one in answer.get("Messages", [])}
    return list(found.values())


def told(stage: Any, url: str, task: str) -> list[dict[str, Any]]:
    """Return the events of a task in a queue, in the order of their versions."""
    bodies = [json.loads(one["Body"]) for one in messages(stage, url)]
    mine = [body for body in bodies if body["detail"]["taskArn"] == task]
    return sorted(mine, key=lambda body: int(body["detail"]["version"]))


def run_to_its_end(stage: Any) -> str:
    """Run a task that ends with exit code 7; return its ARN."""
    overrides = {"containerOverrides": [EXIT_7]}
    task: str = stage.run(stage.definition(), overrides=overrides, startedBy="a test")
    stage.stopped(task)
    return task


def test_every_state_of_a_task_is_told_in_order(stage: Any, until: Until) -> None:
    """From PENDING to STOPPED, each once, the last with stop code, reason and exit code."""
    url, arn = queue(stage)
    listening(stage, {"Arn": arn})
    task = run_to_its_end(stage)
    until(lambda: told(stage, url, task)[-1]["detail"]["lastStatus"] == "STOPPED")
    seen = told(stage, url, task)
    statuses = [event["detail"]["lastStatus"] for event in seen]
    assert statuses == [
        *("PENDING", "ACTIVATING", "RUNNING"),
        *("DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"),
    ]
    assert len({event["id"] for event in seen}) == len(seen)
    last = seen[-1]
    assert (last["version"], last["source"], last["resources"]) == ("0", "aws.ecs", [task])
    assert (last["account"], last["region"]) == (stage.description.account, "us-east-1")
    detail = last["detail"]
    assert (detail["stopCode"], detail["desiredStatus"]) == ("EssentialContainerExited", "STOPPED")
    assert detail["stoppedReason"] == "Essential container in task exited"
    assert (detail["startedBy"], detail["launchType"]) == ("a test", "FARGATE")
    assert detail["group"].startswith("family:")
    assert detail["overrides"]["containerOverrides"] == [EXIT_7]
    (container,) = detail["containers"]
    assert (container["name"], container["lastStatus"]) == ("web", "STOPPED")
    assert (container["exitCode"], container["imageDigest"]) == (7, stage.digest)


def test_pattern_and_state_of_a_rule_decide(stage: Any, until: Until) -> None:
    """A rule hears only what its pattern names, and one that is disabled hears nothing."""
    stopped, stopped_arn = queue(stage)
    other, other_arn = queue(stage)
    silent, silent_arn = queue(stage)
    listening(stage, {"Arn": stopped_arn}, lastStatus=["STOPPED"])
    listening(stage, {"Arn": other_arn}, stopCode=["UserInitiated"])
    stage.aws("events").disable_rule(Name=listening(stage, {"Arn": silent_arn}))
    task = run_to_its_end(stage)
    until(lambda: told(stage, stopped, task))
    assert [one["detail"]["lastStatus"] for one in told(stage, stopped, task)] == ["STOPPED"]
    assert told(stage, other, task) == []
    assert messages(stage, silent) == []


def test_what_a_queue_does_not_take_becomes_a_dead_letter(stage: Any, until: Until) -> None:
    """An event for a queue that is gone lies in the dead-letter queue, with where it should go."""
    gone, (letters, letters_arn) = queue(stage), queue(stage)
    stage.aws("sqs").delete_queue(QueueUrl=gone[0])
    target = {"Arn": gone[1], "DeadLetterConfig": {"Arn": letters_arn}}
    rule = listening(stage, target, lastStatus=["STOPPED"])
    task = run_to_its_end(stage)
    until(lambda: told(stage, letters, task))
    letter = messages(stage, letters)[0]
    attributes = {name: one["StringValue"] for name, one in letter["MessageAttributes"].items()}
    assert attributes["TARGET_ARN"] == gone[1]
    assert attributes["RULE_ARN"].endswith(f":rule/{rule}")
    assert "NonExistentQueue" in attributes["ERROR_CODE"]
