"""SQS through botocore: attributes stay as they were set."""

import json
from typing import Any

import boto3
import pytest

from sandbox.description import SandboxDescription

pytestmark = pytest.mark.sandbox
ALLOW = json.dumps({"redrivePermission": "denyAll"})
_STATEMENT = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [_STATEMENT]})


@pytest.fixture(scope="module")
def queues(sandbox: SandboxDescription) -> Any:
    """Return SQS's client."""
    session = boto3.Session(
        sandbox.access_key_id, sandbox.secret_access_key, region_name=sandbox.region
    )
    return session.client("sqs", endpoint_url=sandbox.aws_endpoint_url)


def test_setting_one_attribute_leaves_the_others(queues: Any) -> None:
    """A policy survives a change of something else, and goes when it is taken away."""
    url = queues.create_queue(QueueName="kept", Attributes={"Policy": POLICY})["QueueUrl"]
    queues.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    assert json.loads(attributes(queues, url)["Policy"]) == json.loads(POLICY)
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Policy" not in attributes(queues, url)


def test_who_may_redrive_can_be_read_back(queues: Any) -> None:
    """Terraform waits until it reads what it wrote."""
    made = queues.create_queue(QueueName="allowing", Attributes={"RedriveAllowPolicy": ALLOW})
    assert attributes(queues, made["QueueUrl"])["RedriveAllowPolicy"] == ALLOW
    later = queues.create_queue(QueueName="allowing-later")["QueueUrl"]
    queues.set_queue_attributes(QueueUrl=later, Attributes={"RedriveAllowPolicy": ALLOW})
    read = queues.get_queue_attributes(QueueUrl=later, AttributeNames=["RedriveAllowPolicy"])
    assert read["Attributes"] == {"RedriveAllowPolicy": ALLOW}


def test_a_redrive_policy_is_read_as_it_was_written(queues: Any) -> None:
    """Terraform compares it as text."""
    target = queues.create_queue(QueueName="dead")["QueueUrl"]
    arn = attributes(queues, target)["QueueArn"]
    written = f'{{"deadLetterTargetArn":"{arn}","maxReceiveCount":3}}'
    made = queues.create_queue(QueueName="living", Attributes={"RedrivePolicy": written})
    assert attributes(queues, made["QueueUrl"])["RedrivePolicy"] == written


def attributes(queues: Any, url: str) -> dict[str, str]:
    """Return all attributes of a queue."""
    found = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    named: dict[str, str] = found["Attributes"]
    return named
