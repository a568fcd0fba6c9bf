"""Task definitions from ACTIVE to gone, seen by a client that nobody here wrote."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox


def status(stage: Any, definition: str) -> str:
    """Return a revision's status."""
    described = stage.aws("ecs").describe_task_definition(taskDefinition=definition)
    return str(described["taskDefinition"]["status"])


def delete(stage: Any, *definitions: str) -> dict[str, Any]:
    """Ask for the end of revisions."""
    answer: dict[str, Any] = stage.aws("ecs").delete_task_definitions(
        taskDefinitions=list(definitions)
    )
    return answer


def family_of(definition: str) -> str:
    """Return the name that all revisions share."""
    return definition.rpartition("/")[2].partition(":")[0]


def number_of(definition: str) -> str:
    """Return what tells a revision from the others."""
    return definition.rpartition(":")[2]


def again(stage: Any, definition: str) -> str:
    """Register the next revision of a definition's family."""
    registered = stage.aws("ecs").register_task_definition(
        family=family_of(definition),
        containerDefinitions=[{"name": "web", "image": stage.image, "memory": 512}],
    )
    return str(registered["taskDefinition"]["taskDefinitionArn"])


def test_active_revision_is_not_deleted(stage: Any) -> None:
    """It must be deregistered before; the answer names it, and one that is not there."""
    definition = stage.definition()
    active, unknown = delete(stage, definition, f"{definition}0")["failures"]
    assert (active["arn"], unknown["arn"]) == (definition, f"{definition}0")
    assert "ACTIVE" in active["reason"]
    assert "does not exist" in unknown["reason"]
    assert status(stage, definition) == "ACTIVE"


def test_revision_in_use_stays_until_its_task_has_stopped(stage: Any) -> None:
    """Deleted, it can be described and runs nothing new; unused it is gone, its number for good."""
    ecs, definition = stage.aws("ecs"), stage.definition()
    task = stage.run(definition)
    ecs.deregister_task_definition(taskDefinition=definition)
    assert status(stage, definition) == "INACTIVE"
    (deleted,) = delete(stage, definition)["taskDefinitions"]
    assert deleted["status"] == "DELETE_IN_PROGRESS"
    assert deleted["deregisteredAt"] <= deleted["deleteRequestedAt"]
    assert status(stage, definition) == "DELETE_IN_PROGRESS"
    with pytest.raises(ClientError, match="inactive"):
        stage.run(definition)
    second = again(stage, definition)
    ecs.stop_task(cluster="stage", task=task)
    stage.stopped(task)
    with pytest.raises(ClientError, match="Unable to describe task definition"):
        status(stage, definition)
    assert [number_of(arn) for arn in (definition, second)] == ["1", "2"]
    ecs.deregister_task_definition(taskDefinition=second)
    delete(stage, second)
    with pytest.raises(ClientError, match="Unable to describe task definition"):
        status(stage, family_of(second))
    assert number_of(again(stage, second)) == "3"


def test_ten_at_once_and_pages(stage: Any) -> None:
    """DeleteTaskDefinitions takes ten; lists come in pages, in the order of their numbers."""
    ecs, first = stage.aws("ecs"), stage.definition()
    arns = [first, *(again(stage, first) for _ in range(11))]
    with pytest.raises(ClientError, match="cannot exceed 10"):
        delete(stage, *arns[:11])
    listed = ecs.get_paginator("list_task_definitions").paginate(
        familyPrefix=family_of(first), PaginationConfig={"PageSize": 5}
    )
    pages = list(listed)
    assert [len(page["taskDefinitionArns"]) for page in pages] == [5, 5, 2]
    assert [arn for page in pages for arn in page["taskDefinitionArns"]] == arns
