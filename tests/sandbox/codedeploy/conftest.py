"""A small real service in a sandbox of its own: image, load balancer, ECS service, CodeDeploy."""

import contextlib
import gzip
import hashlib
import io
import itertools
import json
import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from sandbox import lifecycle
from sandbox.codedeploy.switches import VARIABLE
from sandbox.description import SandboxDescription
from sandbox.settings import SandboxSettings

SPEED = 30.0
REPOSITORY = "bench"
ROLLBACK_EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
SERVER = b"""
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        kind = os.environ.get("KIND", "good")
        fails = kind == "failing" and self.path != "/health" or kind == "unhealthy"
        body = os.environ["VERSION"].encode()
        self.send_response(500 if fails else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Answer).serve_forever()
"""
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def process_sandbox(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[SandboxDescription]:
    """Return a sandbox whose tasks are processes, thirty times as fast as the wall.

    Deployments stay in Created long enough to be asked then, even where the machine is busy.
    """
    settings = SandboxSettings(speed=SPEED, tasks="process", prefect=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "created_seconds=6")
        with lifecycle.running(tmp_path_factory.mktemp("codedeploy"), settings) as description:
            yield description


@pytest.fixture(scope="session")
def aws(process_sandbox: SandboxDescription) -> Callable[[str], Any]:
    """Return what makes a boto3 client by service name."""
    session = boto3.Session(
        process_sandbox.access_key_id,
        process_sandbox.secret_access_key,
        region_name=process_sandbox.region,
    )
    return lambda service: session.client(service, endpoint_url=process_sandbox.aws_endpoint_url)


@pytest.fixture(scope="session")
def image(aws: Callable[[str], Any]) -> str:
    """Push the one image of all versions (they differ by environment) and return its reference."""
    ecr = aws("ecr")
    url = ecr.create_repository(repositoryName=REPOSITORY)["repository"]["repositoryUri"]
    (data,) = ecr.get_authorization_token()["authorizationData"]
    headers = {"Authorization": f"Basic {data['authorizationToken']}"}
    with httpx.Client(base_url=data["proxyEndpoint"], headers=headers) as registry:
        return f"{url}:one@{_push(registry)}"


def _push(registry: httpx.Client) -> str:
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {
                "Labels": {"delightful.packaging": "files"},
                "Cmd": ["python3", "server.py"],
                "WorkingDir": "/app",
            },
        }
    ).encode()
    layer = _layer()
    kind = "application/vnd.oci.image"
    parts = [
        {"mediaType": f"{kind}.config.v1+json", **_blob(registry, config)},
        {"mediaType": f"{kind}.layer.v1.tar+gzip", **_blob(registry, layer)},
    ]
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{kind}.manifest.v1+json",
        "config": parts[0],
        "layers": parts[1:],
    }
    body = json.dumps(manifest).encode()
    put = registry.put(
        f"/v2/{REPOSITORY}/manifests/one",
        content=body,
        headers={"Content-Type": manifest["mediaType"]},
    )
    assert put.status_code == 201
    return _digest(body)


def _layer() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("app/server.py")
        entry.size, entry.mode = len(SERVER), 0o644
        archive.addfile(entry, io.BytesIO(SERVER))
    return gzip.compress(buffer.getvalue(), mtime=0)


def _blob(registry: httpx.Client, content: bytes) -> dict[str, object]:
    begun = registry.post(f"/v2/{REPOSITORY}/blobs/uploads/")
    done = registry.put(
        begun.headers["Location"], params={"digest": _digest(content)}, content=content
    )
    assert done.status_code == 201
    return {"digest": _digest(content), "size": len(content)}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass
class Service:
    """One service between two target groups, with a CodeDeploy group over it."""

    aws: Callable[[str], Any]
    image: str
    name: str
    cluster: str
    groups: tuple[str, str]
    listener: str
    test_listener: str
    url: str
    test_url: str
    alarms: list[str] = field(default_factory=list)

    def task_definition(self, version: str, kind: str = "good") -> str:
        """Register a version and return its ARN."""
        container = {
            "name": "web",
            "image": self.image,
            "portMappings": [{"containerPort": 8080}],
            "environment": [
                {"name": "PORT", "value": "8080"},
                {"name": "VERSION", "value": version},
                {"name": "KIND", "value": kind},
            ],
        }
        registered = self.aws("ecs").register_task_definition(
            family=self.name,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[container],
        )
        return str(registered["taskDefinition"]["taskDefinitionArn"])

    def appspec(self, task_definition: str, hooks: Mapping[str, str] | None = None) -> str:
        """Return an AppSpec for a version."""
        balancer = {"ContainerName": "web", "ContainerPort": 8080}
        properties = {"TaskDefinition": task_definition, "LoadBalancerInfo": balancer}
        target = {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}
        listed = [{event: function} for event, function in (hooks or {}).items()]
        return json.dumps({"version": 0.0, "Resources": [target], "Hooks": listed})

    def deploy(
        self, version: str, kind: str = "good", hooks: Mapping[str, str] | None = None, **more: Any
    ) -> str:
        """Create a deployment of a version and return its id."""
        content = self.appspec(self.task_definition(version, kind), hooks)
        revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
        created = self.aws("codedeploy").create_deployment(
            applicationName=self.name,
            deploymentGroupName=self.name,
            revision=revision,
            **more,
        )
        return str(created["deploymentId"])

    def deployment(self, deployment_id: str) -> dict[str, Any]:
        """Return what GetDeployment says."""
        got = self.aws("codedeploy").get_deployment(deploymentId=deployment_id)
        return dict(got["deploymentInfo"])

    def wait_for(self, deployment_id: str, *statuses: str, seconds: float = 40) -> dict[str, Any]:
        """Wait for a status and return the deployment."""
        return wait_until(
            lambda: self._in(deployment_id, statuses), seconds, f"{deployment_id} in {statuses}"
        )

    def _in(self, deployment_id: str, statuses: tuple[str, ...]) -> dict[str, Any] | None:
        found = self.deployment(deployment_id)
        return found if found["status"] in statuses else None

    def target(self, deployment_id: str) -> dict[str, Any]:
        """Return the deployment's only target."""
        client = self.aws("codedeploy")
        (target_id,) = client.list_deployment_targets(deploymentId=deployment_id)["targetIds"]
        got = client.get_deployment_target(deploymentId=deployment_id, targetId=target_id)
        return dict(got["deploymentTarget"]["ecsTarget"])

    def weights(self) -> dict[str, int]:
        """Return weight by target group ARN of the production listener."""
        (listener,) = self.aws("elbv2").describe_listeners(ListenerArns=[self.listener])[
            "Listeners"
        ]
        forward = listener["DefaultActions"][0]["ForwardConfig"]
        return {group["TargetGroupArn"]: group["Weight"] for group in forward["TargetGroups"]}

    def task_sets(self) -> list[dict[str, Any]]:
        """Return the service's task sets."""
        described = self.aws("ecs").describe_services(cluster=self.cluster, services=[self.name])
        return list(described["services"][0]["taskSets"])

    def get(self, url: str | None = None) -> tuple[int, str]:
        """Return status and body of one request."""
        try:
            answer = httpx.get(url or self.url, timeout=5)
        except httpx.HTTPError:
            return 0, ""
        return answer.status_code, answer.text

    def wait_for_answer(self, body: str, url: str | None = None) -> None:
        """Wait until a version answers."""
        wait_until(lambda: self.get(url) == (200, body), 20, f"the answer {body}")

    def change_group(self, **settings: Any) -> None:
        """Update the deployment group."""
        self.aws("codedeploy").update_deployment_group(
            applicationName=self.name, currentDeploymentGroupName=self.name, **settings
        )


def wait_until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Return the first true value of a condition, or fail with what was waited for."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds} s for {what}")
        time.sleep(0.1)
    return found


class Load:
    """Two clients that ask without a pause, one over kept connections, and what came back."""

    def __init__(self, service: Service) -> None:
        self.answers: list[tuple[int, str]] = []
        self._service = service
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(limit,), daemon=True) for limit in (0, 1)
        ]

    def _run(self, kept_connections: int) -> None:
        limits = httpx.Limits(max_keepalive_connections=kept_connections)
        with httpx.Client(limits=limits, timeout=5) as client:
            while not self._stop.wait(0.005):
                self.answers.append(self._ask(client))

    def _ask(self, client: httpx.Client) -> tuple[int, str]:
        try:
            answer = client.get(self._service.url)
        except httpx.HTTPError as error:
            return 0, repr(error)
        return answer.status_code, answer.text

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def failures(self) -> list[tuple[int, str]]:
        """Return the answers that were not 200."""
        return [answer for answer in self.answers if answer[0] != 200]


@pytest.fixture
def service(aws: Callable[[str], Any], image: str) -> Iterator[Service]:
    """Return a fresh service that answers "v1", with a CodeDeploy group; gone after the test."""
    made = _service(aws, image, f"bench-{next(_numbers)}")
    yield made
    _remove(made)


def _service(aws: Callable[[str], Any], image: str, name: str) -> Service:
    elbv2, ecs = aws("elbv2"), aws("ecs")
    subnets = [s["SubnetId"] for s in aws("ec2").describe_subnets()["Subnets"][:2]]
    vpc = aws("ec2").describe_subnets(SubnetIds=subnets[:1])["Subnets"][0]["VpcId"]
    (balancer,) = elbv2.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"]
    groups = [_group(elbv2, f"{name}-{color}", vpc) for color in ("blue", "green")]
    listener, test = (
        elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=port,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )["Listeners"][0]["ListenerArn"]
        for port, group in ((8080, groups[0]), (8081, groups[1]))
    )
    ecs.create_cluster(clusterName=name)
    base = f"http://{balancer['DNSName']}"
    made = Service(
        aws,
        image,
        name,
        name,
        (groups[0], groups[1]),
        listener,
        test,
        f"{base}:8080/",
        f"{base}:8081/",
    )
    ecs.create_service(
        cluster=name,
        serviceName=name,
        taskDefinition=made.task_definition("v1"),
        desiredCount=1,
        launchType="FARGATE",
        deploymentController={"type": "CODE_DEPLOY"},
        healthCheckGracePeriodSeconds=60,
        networkConfiguration={"awsvpcConfiguration": {"subnets": subnets}},
        loadBalancers=[
            {"targetGroupArn": groups[0], "containerName": "web", "containerPort": 8080}
        ],
    )
    _deployment_group(made)
    made.wait_for_answer("v1")
    return made


def _group(elbv2: Any, name: str, vpc: str) -> str:
    (group,) = elbv2.create_target_group(
        Name=name,
        Protocol="HTTP",
        Port=8080,
        VpcId=vpc,
        TargetType="ip",
        HealthCheckPath="/health",
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )["TargetGroups"]
    arn = str(group["TargetGroupArn"])
    elbv2.modify_target_group_attributes(
        TargetGroupArn=arn,
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "15"}],
    )
    return arn


def blue_green(ready_minutes: int = 0, termination_minutes: int = 0) -> dict[str, Any]:
    """Return the waits of a deployment group; no Ready wait when it is 0."""
    action = "STOP_DEPLOYMENT" if ready_minutes else "CONTINUE_DEPLOYMENT"
    return {
        "deploymentReadyOption": {
            "actionOnTimeout": action,
            "waitTimeInMinutes": ready_minutes,
        },
        "terminateBlueInstancesOnDeploymentSuccess": {
            "action": "TERMINATE",
            "terminationWaitTimeInMinutes": termination_minutes,
        },
    }


def _deployment_group(made: Service) -> None:
    codedeploy = made.aws("codedeploy")
    codedeploy.create_application(applicationName=made.name, computePlatform="ECS")
    names = [{"name": f"{made.name}-{color}"} for color in ("blue", "green")]
    pair = {
        "targetGroups": names,
        "prodTrafficRoute": {"listenerArns": [made.listener]},
        "testTrafficRoute": {"listenerArns": [made.test_listener]},
    }
    codedeploy.create_deployment_group(
        applicationName=made.name,
        deploymentGroupName=made.name,
        deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
        serviceRoleArn="arn:aws:iam::123456789012:role/codedeploy",
        deploymentStyle={
            "deploymentType": "BLUE_GREEN",
            "deploymentOption": "WITH_TRAFFIC_CONTROL",
        },
        blueGreenDeploymentConfiguration=blue_green(),
        loadBalancerInfo={"targetGroupPairInfoList": [pair]},
        ecsServices=[{"clusterName": made.cluster, "serviceName": made.name}],
        autoRollbackConfiguration={"enabled": True, "events": ROLLBACK_EVENTS},
    )


def _remove(made: Service) -> None:
    made.aws("codedeploy").delete_application(applicationName=made.name)
    with contextlib.suppress(ClientError):
        made.aws("ecs").delete_service(cluster=made.cluster, service=made.name, force=True)
    elbv2 = made.aws("elbv2")
    (found,) = elbv2.describe_listeners(ListenerArns=[made.listener])["Listeners"]
    elbv2.delete_load_balancer(LoadBalancerArn=found["LoadBalancerArn"])


@pytest.fixture
def load() -> type[Load]:
    """Return what sends requests to a service for the length of a block."""
    return Load


@pytest.fixture(name="blue_green")
def blue_green_fixture() -> Callable[..., dict[str, Any]]:
    """Return what makes a group's blue/green settings."""
    return blue_green


@pytest.fixture
def alarm() -> Callable[[Service], str]:
    """Return what makes an alarm on a service's 5xx answers, over one minute of sandbox time."""

    def made(service: Service) -> str:
        name = f"{service.name}-errors"
        balancer = service.listener.split(":listener/")[1].rsplit("/", 1)[0]
        service.aws("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/ApplicationELB",
            MetricName="HTTPCode_Target_5XX_Count",
            Dimensions=[{"Name": "LoadBalancer", "Value": balancer}],
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=5,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
        )
        return name

    return made
