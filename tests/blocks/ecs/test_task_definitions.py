"""The revisions of a task definition, listed and removed through their block."""

from collections.abc import Callable

import pytest
from prefect_aws import AwsCredentials

from blocks.aws import aws_client
from blocks.ecs.service import EcsService
from blocks.ecs.task_definitions import TaskDefinitions
from delightful.errors import ExternalError
from delightful.retention import Revision, ServiceUse
from tests.blocks.staging import Stage, eventually

pytestmark = pytest.mark.sandbox


def definitions_of(stage: Stage) -> TaskDefinitions:
    """Return the block of a staged service."""
    return TaskDefinitions(
        credentials=stage.delivery.credentials,
        cluster_name=stage.outputs.cluster_name,
        service_name=stage.outputs.service_name,
    )


def registered(credentials: AwsCredentials, family: str, number: int) -> list[str]:
    """Register as many revisions of a family as asked for."""
    ecs = aws_client(credentials, "ecs")
    container = {"name": "web", "image": "web", "memory": 128}
    answers = [
        ecs.register_task_definition(family=family, containerDefinitions=[container])
        for _ in range(number)
    ]
    return [answer["taskDefinition"]["taskDefinitionArn"] for answer in answers]


@pytest.mark.parametrize("strategy", ["blue_green", "rolling"])
def test_service_uses_what_its_sets_of_tasks_run(
    staged: Callable[[str], Stage], strategy: str
) -> None:
    """Task sets under CodeDeploy, deployments else; it is there until its last task has stopped."""
    stage = staged(strategy)
    definitions, first = definitions_of(stage), stage.outputs.task_definition_arn
    second = stage.version("second").task_definition_arn
    ecs, outputs = aws_client(stage.delivery.credentials, "ecs"), stage.outputs
    assert definitions.use() == ServiceUse(is_there=True, task_definition_arns=(first,))
    place = {"cluster": outputs.cluster_name, "service": outputs.service_name}
    if strategy == "blue_green":
        ecs.create_task_set(**place, taskDefinition=second)
    else:
        ecs.update_service(**place, taskDefinition=second)
    assert set(definitions.use().task_definition_arns) == {first, second}
    ecs.delete_service(**place, force=True)
    assert definitions.use().is_there
    eventually(lambda: not definitions.use().is_there)
    assert [one.arn for one in definitions.revisions()] == [first, second]


def test_service_of_a_cluster_that_is_gone_is_gone(credentials: AwsCredentials) -> None:
    """After the platform's destroy there is not even a cluster to ask."""
    definitions = TaskDefinitions(
        credentials=credentials, cluster_name="no-such-cluster", service_name="nobody"
    )
    assert definitions.use() == ServiceUse(is_there=False)
    assert definitions.revisions() == ()


def test_removes_more_than_aws_takes_at_once(credentials: AwsCredentials) -> None:
    """Deregistered ones too, and none of a family whose name only begins alike."""
    arns = registered(credentials, "many-sandbox", 23)
    (other,) = registered(credentials, "many-sandbox-2", 1)
    aws_client(credentials, "ecs").deregister_task_definition(taskDefinition=arns[4])
    definitions = TaskDefinitions(
        credentials=credentials, cluster_name="none", service_name="many-sandbox"
    )
    found = definitions.revisions()
    assert {one.arn for one in found} == set(arns)
    assert [one.arn for one in found if one.status == "INACTIVE"] == [arns[4]]
    definitions.remove(found[:22])
    assert definitions.revisions() == found[22:]
    definitions.remove(found[22:])
    definitions.remove(())
    assert definitions.revisions() == ()
    beside = definitions.model_copy(update={"service_name": "many-sandbox-2"})
    assert [one.arn for one in beside.revisions()] == [other]


def test_names_what_ecs_keeps_and_removes_the_rest(credentials: AwsCredentials) -> None:
    """One that is not deregistered is kept, named, and no other waits for it."""
    kept, gone = registered(credentials, "kept-sandbox", 2)
    definitions = TaskDefinitions(
        credentials=credentials, cluster_name="none", service_name="kept-sandbox"
    )
    seen = [Revision(arn=kept, status="INACTIVE"), Revision(arn=gone, status="ACTIVE")]
    with pytest.raises(
        ExternalError, match=r"1 of 2 revisions were kept.*kept-sandbox:1: .*ACTIVE"
    ):
        definitions.remove(seen)
    assert definitions.revisions() == (Revision(arn=kept, status="ACTIVE"),)


def test_environment_of_a_revision_is_read_until_it_is_gone(credentials: AwsCredentials) -> None:
    """By container, without its secrets; of what nobody registered nothing is known."""
    ecs, web = aws_client(credentials, "ecs"), {"name": "web", "image": "web", "memory": 128}
    secret = {"name": "KEY", "valueFrom": "arn:aws:ssm:us-east-1:123456789012:parameter/key"}
    given = web | {"environment": [{"name": "A", "value": "1"}], "secrets": [secret]}
    answer = ecs.register_task_definition(family="env", containerDefinitions=[given])
    arn = answer["taskDefinition"]["taskDefinitionArn"]
    block = EcsService(credentials=credentials)
    assert block.environment_of(arn, "web") == {"A": "1"}
    assert block.environment_of(arn, "other") == {}
    assert block.environment_of(arn.replace(":1", ":2"), "web") == {}
