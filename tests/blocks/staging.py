"""A small real service, made by API calls in a second where Terraform takes a minute."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from blocks.aws import aws_client
from blocks.delivery_environment import DeliveryEnvironment
from delightful.manifest import Manifest
from delightful.release import Image, StackOutputs

Found = TypeVar("Found")

SERVER = """\
import http.server, os, sys

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = os.environ["DELIGHTFUL_COMMIT"].encode()
        self.send_response(int(os.environ.get("STATUS", "200")))
        self.send_header("X-Delightful-Commit", os.environ["DELIGHTFUL_COMMIT"])
        self.end_headers()
        self.wfile.write(body)

if os.environ.get("FAIL"):
    sys.exit(os.environ["FAIL"])
address = os.environ["HOST"], int(os.environ["PORT"])
http.server.ThreadingHTTPServer(address, Answer).serve_forever()
"""


@dataclass
class Stage:
    """A service that runs, and what brings other versions of it."""

    delivery: DeliveryEnvironment
    image: Image
    outputs: StackOutputs
    service: str

    def version(self, commit: str, **environment: str) -> StackOutputs:
        """Register a task definition and return the outputs that name it."""
        variables = {"PORT": "8080", "DELIGHTFUL_COMMIT": commit, **environment}
        container = {
            "name": self.outputs.container_name,
            "image": self.image.reference,
            "portMappings": [{"containerPort": 8080}],
            "environment": [{"name": name, "value": text} for name, text in variables.items()],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": self.outputs.log_group_name,
                    "awslogs-region": "us-east-1",
                    "awslogs-stream-prefix": self.outputs.container_name,
                },
            },
        }
        registered = aws_client(self.delivery.credentials, "ecs").register_task_definition(
            family=self.outputs.service_name,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[container],
        )
        arn = registered["taskDefinition"]["taskDefinitionArn"]
        return self.outputs.model_copy(update={"task_definition_arn": arn})


def stage(delivery: DeliveryEnvironment, strategy: str, name: str, folder: Path) -> Stage:
    """Make image, load balancer, ECS service and CodeDeploy group, and wait until it serves."""
    image = _image(delivery, name, folder)
    outputs = _network(delivery, strategy, name)
    made = Stage(delivery, image, outputs, name)
    made.outputs = made.version("first")
    _service(made)
    eventually(lambda: delivery.ecs_service(name).observe(made.outputs).is_answered_for)
    return made


def eventually(look: Callable[[], Found], seconds: float = 30) -> Found:
    """Return the first true answer, or fail."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds} s in vain")
        time.sleep(0.1)
    return found


def _image(delivery: DeliveryEnvironment, name: str, folder: Path) -> Image:
    (folder / "server.py").write_text(SERVER)
    aws_client(delivery.credentials, "ecr").create_repository(
        repositoryName=name, imageTagMutability="IMMUTABLE"
    )
    manifest = Manifest(service=name, start_command=("python3", "server.py"))
    built = delivery.builder().build(folder, manifest, "f" * 40)
    try:
        return delivery.registry(name).push(built, "f" * 40)
    finally:
        built.discard()


def _network(delivery: DeliveryEnvironment, strategy: str, name: str) -> StackOutputs:
    elb, ec2 = aws_client(delivery.credentials, "elbv2"), aws_client(delivery.credentials, "ec2")
    subnets = ec2.describe_subnets()["Subnets"][:2]
    (balancer,) = elb.create_load_balancer(
        Name=name, Subnets=[subnet["SubnetId"] for subnet in subnets]
    )["LoadBalancers"]
    colors = ("blue", "green") if strategy == "blue_green" else ("blue",)
    groups = [_target_group(elb, f"{name}-{color}", subnets[0]["VpcId"]) for color in colors]
    listeners = [
        elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=8080 + number,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )["Listeners"][0]["ListenerArn"]
        for number, group in enumerate(groups)
    ]
    return _outputs(strategy, name, balancer["DNSName"], groups, listeners)


def _target_group(elb: Any, name: str, vpc_id: str) -> str:
    made = elb.create_target_group(
        Name=name,
        Protocol="HTTP",
        Port=8080,
        VpcId=vpc_id,
        TargetType="ip",
        HealthCheckPath="/",
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def _outputs(
    strategy: str, name: str, host: str, groups: list[str], listeners: list[str]
) -> StackOutputs:
    is_blue_green = strategy == "blue_green"
    return StackOutputs(
        service=name,
        environment="sandbox",
        cluster_name=name,
        service_name=name,
        task_definition_arn="none yet",
        container_name="web",
        container_port=8080,
        deployment_strategy="blue_green" if is_blue_green else "rolling",
        codedeploy_application_name=name if is_blue_green else None,
        codedeploy_deployment_group_name=name if is_blue_green else None,
        listener_arn=listeners[0],
        test_listener_arn=listeners[1] if is_blue_green else None,
        target_group_arns=tuple(groups),
        url=f"http://{host}:8080",
        test_url=f"http://{host}:8081" if is_blue_green else None,
        log_group_name=f"/stage/{name}",
        alarm_names=(),
        dashboard_url="",
    )


def _service(made: Stage) -> None:
    outputs, credentials = made.outputs, made.delivery.credentials
    ecs, ec2 = aws_client(credentials, "ecs"), aws_client(credentials, "ec2")
    aws_client(credentials, "logs").create_log_group(logGroupName=outputs.log_group_name)
    ecs.create_cluster(clusterName=outputs.cluster_name)
    is_blue_green = outputs.deployment_strategy == "blue_green"
    ecs.create_service(
        cluster=outputs.cluster_name,
        serviceName=outputs.service_name,
        taskDefinition=outputs.task_definition_arn,
        desiredCount=1,
        launchType="FARGATE",
        deploymentController={"type": "CODE_DEPLOY" if is_blue_green else "ECS"},
        deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
        if not is_blue_green
        else {},
        loadBalancers=[
            {
                "targetGroupArn": outputs.target_group_arns[0],
                "containerName": outputs.container_name,
                "containerPort": 8080,
            }
        ],
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
            }
        },
    )
    if is_blue_green:
        _codedeploy_group(outputs, aws_client(credentials, "codedeploy"))


def _codedeploy_group(outputs: StackOutputs, codedeploy: Any) -> None:
    name = outputs.service_name
    codedeploy.create_application(applicationName=name, computePlatform="ECS")
    groups = [{"name": arn.split("/")[1]} for arn in outputs.target_group_arns]
    codedeploy.create_deployment_group(
        applicationName=name,
        deploymentGroupName=name,
        serviceRoleArn="arn:aws:iam::123456789012:role/codedeploy",
        deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
        deploymentStyle={
            "deploymentType": "BLUE_GREEN",
            "deploymentOption": "WITH_TRAFFIC_CONTROL",
        },
        autoRollbackConfiguration={
            "enabled": True,
            "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
        blueGreenDeploymentConfiguration={
            "deploymentReadyOption": {
                "actionOnTimeout": "STOP_DEPLOYMENT",
                "waitTimeInMinutes": 10,
            },
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE",
                "terminationWaitTimeInMinutes": 30,
            },
        },
        loadBalancerInfo={
            "targetGroupPairInfoList": [
                {
                    "targetGroups": groups,
                    "prodTrafficRoute": {"listenerArns": [outputs.listener_arn]},
                    "testTrafficRoute": {"listenerArns": [outputs.test_listener_arn]},
                }
            ]
        },
        ecsServices=[{"serviceName": name, "clusterName": outputs.cluster_name}],
    )
