"""A sandbox whose tasks are processes, with a network, a load balancer and a small image."""

import gzip
import hashlib
import io
import itertools
import json
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import httpx
import pytest

from sandbox import lifecycle
from sandbox.description import SandboxDescription
from sandbox.settings import SandboxSettings

SERVER = b"""
import os, signal, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

print("starting", os.environ.get("VERSION"), os.environ.get("TOKEN"), flush=True)
if os.environ.get("KIND") == "crashing":
    sys.exit(3)

if os.environ.get("KIND") == "slow":
    time.sleep(3)

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        body = os.environ.get("VERSION", "").encode()
        self.send_response(500 if os.environ.get("KIND") == "unhealthy" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer((os.environ.get("HOST", "0.0.0.0"), int(os.environ["PORT"])), Answer)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
print("stopped", flush=True)
"""
_numbers = itertools.count(1)


@dataclass
class Stage:
    """Names of what the tests' services stand on, and short ways to use it."""

    description: SandboxDescription
    image: str
    digest: str
    subnets: list[str]
    vpc: str
    load_balancer: str
    address: str
    clients: dict[str, Any] = field(default_factory=dict)

    def aws(self, service: str) -> Any:
        """Return a client of a service."""
        if service not in self.clients:
            self.clients[service] = boto3.client(
                service,
                endpoint_url=self.description.aws_endpoint_url,
                region_name=self.description.region,
                aws_access_key_id=self.description.access_key_id,
                aws_secret_access_key=self.description.secret_access_key,
            )
        return self.clients[service]

    def target_group(self) -> tuple[str, str]:
        """Make a target group behind a listener of its own; return its ARN and URL."""
        number, elbv2 = next(_numbers), self.aws("elbv2")
        group = elbv2.create_target_group(
            Name=f"group-{number}",
            Protocol="HTTP",
            Port=80,
            VpcId=self.vpc,
            TargetType="ip",
            HealthCheckIntervalSeconds=10,
            HealthCheckTimeoutSeconds=5,
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        elbv2.modify_target_group_attributes(
            TargetGroupArn=group,
            Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}],
        )
        elbv2.create_listener(
            LoadBalancerArn=self.load_balancer,
            Port=9000 + number,
            Protocol="HTTP",
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        return group, f"http://{self.address}:{9000 + number}/"

    def definition(self, *, image: str | None = None, **changes: Any) -> str:
        """Register a task definition of the image; `env` are variables, the rest is ECS's."""
        variables = {"PORT": "8000", "VERSION": "one", **changes.pop("env", {})}
        log = {"awslogs-group": "/stage", "awslogs-stream-prefix": "s", "awslogs-region": "x"}
        container = {
            "name": "web",
            "image": image or self.image,
            "portMappings": [{"containerPort": 8000}],
            "environment": [{"name": key, "value": value} for key, value in variables.items()],
            "logConfiguration": {"logDriver": "awslogs", "options": log},
            "stopTimeout": 2,
            **changes,
        }
        registered = self.aws("ecs").register_task_definition(
            family=f"family-{next(_numbers)}",
            cpu="256",
            memory="512",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            containerDefinitions=[container],
        )
        return str(registered["taskDefinition"]["taskDefinitionArn"])

    def service(self, definition: str, group: str | None = None, **settings: Any) -> str:
        """Create a service and return its name."""
        name = f"service-{next(_numbers)}"
        balancer = {"targetGroupArn": group, "containerName": "web", "containerPort": 8000}
        self.aws("ecs").create_service(
            cluster="stage",
            serviceName=name,
            taskDefinition=definition,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": self.subnets}},
            loadBalancers=[balancer] if group else [],
            **{"desiredCount": 1, **settings},
        )
        return name

    def described(self, name: str) -> dict[str, Any]:
        """Describe a service."""
        answer = self.aws("ecs").describe_services(cluster="stage", services=[name])
        found: dict[str, Any] = answer["services"][0]
        return found

    def run(self, definition: str, **settings: Any) -> str:
        """Run a one-off task and return its ARN."""
        network = {"awsvpcConfiguration": {"subnets": self.subnets}}
        answer = self.aws("ecs").run_task(
            cluster="stage",
            taskDefinition=definition,
            launchType="FARGATE",
            networkConfiguration=network,
            **settings,
        )
        return str(answer["tasks"][0]["taskArn"])

    def stopped(self, task: str) -> dict[str, Any]:
        """Wait until a task has stopped and describe it."""
        ecs = self.aws("ecs")
        waiter = ecs.get_waiter("tasks_stopped")
        waiter.wait(cluster="stage", tasks=[task], WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        found: dict[str, Any] = ecs.describe_tasks(cluster="stage", tasks=[task])["tasks"][0]
        return found

    def delete(self, *names: str) -> None:
        """Delete services and wait until nothing of them runs."""
        ecs = self.aws("ecs")
        for name in names:
            ecs.delete_service(cluster="stage", service=name, force=True)
        waiter = ecs.get_waiter("services_inactive")
        waiter.wait(cluster="stage", services=list(names), WaiterConfig={"Delay": 1})

    def log_lines(self, task: str) -> list[str]:
        """Return what a task wrote."""
        stream = f"s/web/{task.rsplit('/', 1)[-1]}"
        events = self.aws("logs").get_log_events(logGroupName="/stage", logStreamName=stream)
        return [event["message"] for event in events["events"]]


def answer_of(url: str) -> tuple[int, str]:
    """Return status and body of a request."""
    answer = httpx.get(url, timeout=5)
    return answer.status_code, answer.text


@pytest.fixture
def get() -> Callable[[str], tuple[int, str]]:
    """Return what asks a URL for status and body."""
    return answer_of


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    """Return what waits, at most 20 s, until something is true and returns it."""

    def wait(claim: Callable[[], Any]) -> Any:
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            if seen := claim():
                return seen
            time.sleep(0.05)
        raise AssertionError("it did not come true in 20 s")

    return wait


def push_image(
    description: SandboxDescription, name: str, files: Mapping[str, bytes], config: dict[str, Any]
) -> tuple[str, str]:
    """Push a `files` image with one layer; return its reference and digest."""
    ecr = boto3.client(
        "ecr",
        endpoint_url=description.aws_endpoint_url,
        region_name=description.region,
        aws_access_key_id=description.access_key_id,
        aws_secret_access_key=description.secret_access_key,
    )
    ecr.create_repository(repositoryName=name)
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    plain = _archive(files)
    layer = gzip.compress(plain, mtime=0)
    labelled = {"Labels": {"delightful.packaging": "files"}, **config}
    root = {"type": "layers", "diff_ids": [_digest(plain)]}
    body = {"architecture": "amd64", "os": "linux", "config": labelled, "rootfs": root}
    settings = json.dumps(body).encode()
    media = "application/vnd.oci.image"
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": f"{media}.manifest.v1+json",
            "config": _part(f"{media}.config.v1+json", settings),
            "layers": [_part(f"{media}.layer.v1.tar+gzip", layer)],
        }
    ).encode()
    with httpx.Client(
        base_url=f"http://{description.registry}", headers={"Authorization": f"Basic {token}"}
    ) as client:
        for blob in (layer, settings):
            place = client.post(f"/v2/{name}/blobs/uploads/").headers["Location"]
            client.put(place, params={"digest": _digest(blob)}, content=blob).raise_for_status()
        kind = {"Content-Type": f"{media}.manifest.v1+json"}
        pushed = client.put(f"/v2/{name}/manifests/v1", content=manifest, headers=kind)
        pushed.raise_for_status()
    digest = _digest(manifest)
    return f"{description.registry}/{name}:v1@{digest}", digest


def _archive(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _part(media_type: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": _digest(content), "size": len(content)}


@pytest.fixture(scope="session")
def push() -> Callable[..., tuple[str, str]]:
    """Return what pushes a `files` image."""
    return push_image


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return a sandbox ten times as fast as the wall, with everything that services need."""
    settings = SandboxSettings(speed=10, tasks="process", prefect=False)
    with lifecycle.running(tmp_path_factory.mktemp("stage"), settings) as description:
        start = {"Cmd": ["python3", "server.py"], "WorkingDir": "/app"}
        image, digest = push_image(description, "stage", {"app/server.py": SERVER}, start)
        made = Stage(description, image, digest, [], "", "", "")
        ec2, elbv2 = made.aws("ec2"), made.aws("elbv2")
        made.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for number, zone in enumerate("ab"):
            subnet = ec2.create_subnet(
                VpcId=made.vpc,
                CidrBlock=f"10.0.{number}.0/24",
                AvailabilityZone=f"us-east-1{zone}",
            )
            made.subnets.append(subnet["Subnet"]["SubnetId"])
        created = elbv2.create_load_balancer(Name="stage", Subnets=made.subnets)
        made.load_balancer = created["LoadBalancers"][0]["LoadBalancerArn"]
        made.address = created["LoadBalancers"][0]["DNSName"]
        made.aws("ecs").create_cluster(clusterName="stage")
        made.aws("logs").create_log_group(logGroupName="/stage")
        yield made
