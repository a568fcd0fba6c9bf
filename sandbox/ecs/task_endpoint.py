"""What a task finds around it: who it is, and the credentials of its role.

On AWS both answer on link-local addresses. Here it is a loopback port, which only tasks that are
processes reach; the variables that lead there are AWS's own.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC
from typing import Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response

from sandbox.aws.extension import SandboxContext
from sandbox.aws.http_server import LoopbackServer
from sandbox.ecs.records import EcsTask

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
_CREDENTIAL_SECONDS = 6 * 3600
# Names the task, to itself and to whoever looks for its processes.
METADATA_VARIABLE = "ECS_CONTAINER_METADATA_URI_V4"
_ROUTES = Map(
    [
        Rule("/v4/<task_id>-<int:number>", endpoint="container"),
        Rule("/v4/<task_id>-<int:number>/task", endpoint="task"),
        Rule("/v2/credentials/<task_id>", endpoint="credentials"),
    ]
)


class TaskEndpoint:
    """Answers tasks that ask for their metadata (version 4) or for credentials."""

    def __init__(self, context: SandboxContext, task: Callable[[str], EcsTask | None]) -> None:
        self._context = context
        self._task_of = task
        self._server = LoopbackServer()
        self._running = ExitStack()

    def start(self) -> None:
        """Begin to answer."""
        self._running.enter_context(self._server.answering(self))

    def stop(self) -> None:
        """End."""
        self._running.close()

    def variables(self, task: EcsTask, container: str) -> dict[str, str]:
        """Return what Fargate puts into a container's environment, and where AWS is here."""
        base, region = f"http://{self._server.address}", self._context.region
        number = [one["name"] for one in task.containers].index(container)
        found = {
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
            METADATA_VARIABLE: f"{base}/v4/{task.id}-{number}",
            # Not AWS's: by these anything meets the sandbox in AWS's place.
            "AWS_ENDPOINT_URL": self._context.endpoint_url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if task.own_role_arn:
            found["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{base}/v2/credentials/{task.id}"
        return found

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        try:
            endpoint, values = _ROUTES.bind_to_environ(environ).match()
            document = self._document(endpoint, **values)
            response = Response(json.dumps(document), mimetype="application/json")
        except (HTTPException, IndexError) as error:
            response = Response(f"{error}\n", status=404)
        body: Iterable[bytes] = response(environ, start_response)
        return body

    def _document(self, endpoint: str, task_id: str, number: int = 0) -> dict[str, Any]:
        task = self._task_of(task_id)
        if task is None:
            raise NotFound("no such task")
        if endpoint == "credentials":
            return self._credentials(task)
        return _task(task) if endpoint == "task" else _container(task, task.containers[number])

    def _credentials(self, task: EcsTask) -> dict[str, str]:
        if task.own_role_arn is None:
            raise NotFound("the task has no role")
        role = self._context.backend("sts").assume_role(
            region_name=self._context.region,
            role_session_name=task.id,
            role_arn=task.own_role_arn,
            policy=None,
            duration=_CREDENTIAL_SECONDS,
            external_id=None,
        )
        return {
            "RoleArn": task.own_role_arn,
            "AccessKeyId": role.access_key_id,
            "SecretAccessKey": role.secret_access_key,
            "Token": role.session_token,
            "Expiration": role.expiration.replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


def _task(task: EcsTask) -> dict[str, Any]:
    family, _, revision = task.task_definition_arn.rpartition("/")[2].partition(":")
    return {
        "Cluster": task.cluster_arn,
        "TaskARN": task.task_arn,
        "Family": family,
        "Revision": revision,
        "DesiredStatus": task.desired_status,
        "KnownStatus": task.last_status,
        "AvailabilityZone": task.availability_zone,
        "LaunchType": task.launch_type,
        "Containers": [_container(task, one) for one in task.containers],
    }


def _container(task: EcsTask, record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "DockerId": record.get("runtimeId", ""),
        "Name": record["name"],
        "Image": record["image"],
        "ImageID": record.get("imageDigest", ""),
        "DesiredStatus": task.desired_status,
        "KnownStatus": record["lastStatus"],
        "Type": "NORMAL",
        "ContainerARN": record["containerArn"],
    }
