"""Reading AppSpecs."""

import json

import pytest

from sandbox.codedeploy.appspec import InvalidAppSpec, read_appspec

YAML = """
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "arn:aws:ecs:us-east-1:123456789012:task-definition/web:3"
        LoadBalancerInfo:
          ContainerName: web
          ContainerPort: 8080
        PlatformVersion: LATEST
        NetworkConfiguration:
          AwsvpcConfiguration:
            Subnets: [subnet-1]
            AssignPublicIp: ENABLED
Hooks:
  - BeforeInstall: check-before
  - AfterAllowTestTraffic: smoke
"""


def _json(**changes: object) -> str:
    balancer = {"containerName": "web", "containerPort": 8080}
    properties = {"taskDefinition": "web:3", "loadBalancerInfo": balancer, **changes}
    service = {"type": "AWS::ECS::Service", "properties": properties}
    return json.dumps({"version": 0.0, "resources": [{"TargetService": service}]})


def test_reads_yaml_with_hooks_and_network() -> None:
    """Everything that the YAML form may say arrives."""
    spec = read_appspec(YAML)
    assert (spec.container_name, spec.container_port) == ("web", 8080)
    assert spec.hooks == {"BeforeInstall": "check-before", "AfterAllowTestTraffic": "smoke"}
    assert spec.platform_version == "LATEST"
    assert spec.network_configuration == {
        "awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "ENABLED"}
    }


def test_reads_json_with_keys_in_any_case() -> None:
    """Keys are compared without case."""
    spec = read_appspec(_json())
    assert (spec.task_definition, spec.container_port) == ("web:3", 8080)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "Resources: [",
        _json(taskDefinition=""),
        _json(taskDefinition=None),
        _json(loadBalancerInfo=[]),
        _json(loadBalancerInfo={"containerName": "web", "containerPort": True}),
        '{"resources": []}',
        '{"resources": [{"A": {"Type": "AWS::Lambda::Function", "Properties": {}}}]}',
        YAML + "  - AllowTraffic: not-hookable\n",
    ],
)
def test_refuses_what_it_cannot_deploy(content: str) -> None:
    """A broken AppSpec is told in the service's words."""
    with pytest.raises(InvalidAppSpec, match="AppSpec file that specifies the deployment"):
        read_appspec(content)
