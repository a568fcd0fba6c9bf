"""deployments.yaml for one pool: values from the platform, nothing left for Prefect to guess."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from blocks.child_process import ChildCommand
from delightful.errors import ConfigError
from flows.registering.deployment_file import FILE, deployments_for, work_pool
from flows.registering.registration import RESULTS_BLOCK
from flows.registering.work_pools import ecs_template

DOCUMENT: dict[str, Any] = yaml.safe_load((Path(__file__).parents[3] / FILE).read_text())
PLATFORM: dict[str, Any] = {
    "cluster_arn": "arn:aws:ecs:eu-central-1:123456789012:cluster/delightful-staging",
    "vpc_id": "vpc-1",
    "private_subnet_ids": ["subnet-1", "subnet-2"],
    "prefect": {
        "work_pool": "delightful-ecs",
        "worker_image": "registry.example.com/worker@sha256:1",
        "flow_security_group_id": "sg-1",
        "flow_task_role_arn": "arn:aws:iam::123456789012:role/delightful/worker",
        "flow_execution_role_arn": "arn:aws:iam::123456789012:role/execution",
        "flow_log_group_name": "/delightful/staging/prefect-flow",
        "auth_secret_arn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:auth",
    },
}


def test_pool_of_ecs_takes_its_values_from_the_platform() -> None:
    """Lists stay lists, and the pool is the one that the platform's worker serves."""
    pool = work_pool(DOCUMENT, "ecs", PLATFORM)
    network = pool.job_variables["network_configuration"]
    assert (pool.name, pool.type) == ("delightful-ecs", "ecs")
    assert network == {
        "subnets": ["subnet-1", "subnet-2"],
        "securityGroups": ["sg-1"],
        "assignPublicIp": "DISABLED",
    }
    assert "{{" not in str(pool)


@pytest.mark.parametrize(
    "platform",
    [
        {},
        {**PLATFORM, "prefect": None},
        {**PLATFORM, "private_subnet_ids": []},
        {**PLATFORM, "cluster_arn": ""},
    ],
    ids=["nothing", "no Prefect", "no subnet", "empty"],
)
def test_value_that_is_not_published_is_an_error(platform: dict[str, Any]) -> None:
    """What would silently become empty is refused, with what to apply."""
    with pytest.raises(ConfigError, match=r"E_DEPLOYMENTS .*apply infrastructure/platform"):
        work_pool(DOCUMENT, "ecs", platform)


def test_flows_are_the_same_in_either_pool() -> None:
    """A pool changes where a flow runs and finds its files, never which or with what defaults."""
    local, ecs = (
        deployments_for(DOCUMENT, work_pool(DOCUMENT, kind, PLATFORM), "staging")
        for kind in ("process", "ecs")
    )
    assert [one.pop("work_pool")["name"] for one in local["deployments"]] == [
        "delightful-local"
    ] * len(DOCUMENT["deployments"])
    assert {one.pop("work_pool")["name"] for one in ecs["deployments"]} == {"delightful-ecs"}
    assert local["deployments"] == ecs["deployments"]
    assert {one["parameters"]["environment"] for one in ecs["deployments"]} == {"staging"}
    assert "pull" not in local
    assert ecs["pull"] == [{"prefect.deployments.steps.set_working_directory": {"directory": "."}}]


def test_a_schedule_becomes_one_for_each_service() -> None:
    """Where no service is named nothing starts by itself, and what was scheduled is taken back."""
    pool = work_pool(DOCUMENT, "process", {})
    asked = {
        names: {one["name"]: one for one in prepared["deployments"]}["drift"]["schedules"]
        for names in ((), ("api", "shop"))
        for prepared in [deployments_for(DOCUMENT, pool, "staging", names)]
    }
    assert asked[()] == []
    assert [(one["slug"], one["parameters"]) for one in asked["api", "shop"]] == [
        ("api", {"service": "api"}),
        ("shop", {"service": "shop"}),
    ]
    assert all(one["cron"] and one["timezone"] == "UTC" for one in asked["api", "shop"])


def test_a_schedule_that_names_its_environments_is_in_no_other() -> None:
    """Nothing moves production's traffic by itself; Prefect never sees the name."""
    pool = work_pool(DOCUMENT, "process", {})
    found = {
        environment: {one["name"]: one for one in prepared["deployments"]}["drill"]["schedules"]
        for environment in ("staging", "production")
        for prepared in [deployments_for(DOCUMENT, pool, environment, ["api"])]
    }
    assert found["production"] == []
    assert [one["slug"] for one in found["staging"]] == ["api"]
    assert "environments" not in found["staging"][0]


def test_variable_that_prefect_would_empty_is_refused() -> None:
    """Prefect makes an unset `{{ $VAR }}` empty and says nothing."""
    pool = work_pool(DOCUMENT, "process", {})
    spoilt = {**DOCUMENT["deployments"][0], "description": "{{ $NOBODY_SET_THIS }}"}
    with pytest.raises(ConfigError, match=r"E_DEPLOYMENTS .*NOBODY_SET_THIS"):
        deployments_for({**DOCUMENT, "deployments": [spoilt]}, pool, "staging")


def test_template_is_prefect_aws_own_with_our_defaults() -> None:
    """Every job variable is one that it knows; the stop timeout reaches the container."""
    pool = work_pool(DOCUMENT, "ecs", PLATFORM)
    template = ecs_template(pool, {"$ref": {"block_document_id": "1"}})
    properties = template["variables"]["properties"]
    assert properties["cluster"]["default"] == PLATFORM["cluster_arn"]
    assert properties["aws_credentials"]["default"] == {"$ref": {"block_document_id": "1"}}
    (container,) = template["job_configuration"]["task_definition"]["containerDefinitions"]
    assert container["stopTimeout"] == "{{ stop_timeout_seconds }}"
    per_flow = {
        name for one in DOCUMENT["deployments"] for name in one["work_pool"]["job_variables"]
    }
    assert per_flow == {"cpu", "memory"}
    assert per_flow <= properties.keys()
    with pytest.raises(ValueError, match="knows no job variable memry"):
        ecs_template(pool.model_copy(update={"job_variables": {"memry": 1}}), None)


def test_task_has_longer_to_stop_than_terraform() -> None:
    """Terraform ends in order before ECS kills the task around it."""
    stop_timeout = work_pool(DOCUMENT, "ecs", PLATFORM).job_variables["stop_timeout_seconds"]
    assert ChildCommand.model_fields["stop_seconds"].default < stop_timeout <= 120


def test_results_lie_in_the_block_that_is_registered() -> None:
    """What a run writes its results to is what `register` saves."""
    env = work_pool(DOCUMENT, "ecs", PLATFORM).job_variables["env"]
    assert isinstance(env, dict)
    assert env["PREFECT_DEFAULT_RESULT_STORAGE_BLOCK"] == f"s3-bucket/{RESULTS_BLOCK}"
    assert env["PREFECT_RESULTS_PERSIST_BY_DEFAULT"] == "true"
