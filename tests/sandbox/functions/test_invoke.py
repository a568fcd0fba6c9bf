"""Invoking a function runs the code of its zip."""

import base64
import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}

Client = Callable[[str], Any]
Define = Callable[..., str]


@pytest.fixture(scope="module")
def role(client: Client) -> str:
    """Return the ARN of a role that a function may take."""
    made = client("iam").create_role(
        RoleName="function", AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    return str(made["Role"]["Arn"])


@pytest.fixture
def define(client: Client, role: str) -> Define:
    """Return what defines a function of one file and answers with its name."""

    def defined(code: str, *, timeout: int = 10, handler: str = "main.handle") -> str:
        name = f"function-{uuid4().hex[:8]}"
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("main.py", code)
        client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Handler=handler,
            Role=role,
            Timeout=timeout,
            Code={"ZipFile": buffer.getvalue()},
            Environment={"Variables": {"GREETING": "hello"}},
        )
        client("lambda").get_waiter("function_active_v2").wait(FunctionName=name)
        return name

    return defined


def payload_of(answer: dict[str, Any]) -> Any:
    """Return the answer's payload."""
    return json.loads(answer["Payload"].read())


def test_the_handler_runs_with_event_environment_context_and_role(
    client: Client, define: Define
) -> None:
    """The zip's own code answers, as the function's role, with its variables and its context."""
    name = define(
        "import os, boto3\n"
        "def handle(event, context):\n"
        "    print('said', event['n'])\n"
        "    return {'greeting': os.environ['GREETING'], 'double': event['n'] * 2,\n"
        "            'name': context.function_name,\n"
        "            'left': context.get_remaining_time_in_millis(),\n"
        "            'arn': boto3.client('sts').get_caller_identity()['Arn']}\n"
    )
    answer = client("lambda").invoke(FunctionName=name, Payload=b'{"n": 21}', LogType="Tail")
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in answer
    payload = payload_of(answer)
    assert (payload["greeting"], payload["double"], payload["name"]) == ("hello", 42, name)
    assert 0 < payload["left"] <= 10_000
    assert ":assumed-role/function/" in payload["arn"]
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert tail.startswith("START RequestId: ")
    assert "said 21\nEND RequestId: " in tail
    assert logged(client, name) == tail.splitlines()


def logged(client: Client, name: str) -> list[str]:
    """Return what CloudWatch Logs holds of a function."""
    events = client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    return [event["message"] for event in events]


@pytest.mark.parametrize(
    ("code", "error_type", "part"),
    [
        ("def handle(e, c):\n    raise KeyError('gone')\n", "KeyError", "gone"),
        ("import prefect\n", "Runtime.ImportModuleError", "No module named 'prefect'"),
        ("other = 1\n", "Runtime.HandlerNotFound", "Handler 'handle' missing on module 'main'"),
        ("def handle(e, c):\n    return {1, 2}\n", "Runtime.MarshalError", "Unable to marshal"),
        ("import os\ndef handle(e, c):\n    os._exit(3)\n", "Runtime.ExitError", "exit status 3"),
        (
            "import time\ndef handle(e, c):\n    time.sleep(30)\n",
            "Sandbox.Timedout",
            "Task timed out after 1.00 seconds",
        ),
    ],
)
def test_a_function_error_is_told_with_status_200(
    client: Client, define: Define, code: str, error_type: str, part: str
) -> None:
    """What goes wrong inside a function is its answer, marked as a function error."""
    name = define(code, timeout=1 if error_type == "Sandbox.Timedout" else 10)
    answer = client("lambda").invoke(FunctionName=name)
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    payload = payload_of(answer)
    assert payload["errorType"] == error_type
    assert part in payload["errorMessage"]


def test_an_event_is_accepted_at_once_and_runs_later(client: Client, define: Define) -> None:
    """An asynchronous invocation answers 202 without a payload; its log shows that it ran."""
    name = define("def handle(event, context):\n    print('ran with', event['n'])\n")
    answer = client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'{"n": 7}')
    assert answer["StatusCode"] == 202
    assert answer["Payload"].read() == b""
    for _ in range(100):
        time.sleep(0.05)
        if "ran with 7" in logged_if_any(client, name):
            return
    pytest.fail("the function never ran")


def logged_if_any(client: Client, name: str) -> list[str]:
    """Return what is logged, nothing where the group is not made yet."""
    try:
        return logged(client, name)
    except ClientError:
        return []


def test_what_cannot_run_is_refused_by_name(client: Client, define: Define) -> None:
    """An unknown function, a huge event and a dry run each get Lambda's own answer."""
    lambda_ = client("lambda")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        lambda_.invoke(FunctionName="nobody-made-this")
    name = define("def handle(event, context):\n    return event\n")
    with pytest.raises(ClientError, match="RequestTooLargeException") as refused:
        lambda_.invoke(FunctionName=name, Payload=b'"' + b"x" * 6_300_000 + b'"')
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert lambda_.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204


def test_new_code_answers_after_an_update(client: Client, define: Define) -> None:
    """After UpdateFunctionCode the next invocation runs the new zip."""
    name = define("def handle(event, context):\n    return 'old'\n")
    assert payload_of(client("lambda").invoke(FunctionName=name)) == "old"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", "def handle(event, context):\n    return 'new'\n")
    client("lambda").update_function_code(FunctionName=name, ZipFile=buffer.getvalue())
    assert payload_of(client("lambda").invoke(FunctionName=name)) == "new"


def test_function_tells_where_it_logs_and_logs_there(client: Client, define: Define) -> None:
    """A function has the log group of its name until it is given another one."""
    name = define("def handle(event, context):\n    print('seen')\n")
    configured = client("lambda").get_function(FunctionName=name)["Configuration"]
    assert configured["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}
    client("lambda").update_function_configuration(
        FunctionName=name, LoggingConfig={"LogGroup": f"/chosen/{name}"}
    )
    told = client("lambda").get_function_configuration(FunctionName=name)["LoggingConfig"]
    assert told["LogGroup"] == f"/chosen/{name}"
    client("lambda").invoke(FunctionName=name, Payload=b"{}")
    events = client("logs").filter_log_events(logGroupName=f"/chosen/{name}")["events"]
    assert any("seen" in event["message"] for event in events)
