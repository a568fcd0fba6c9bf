"""ECS's calls about task definitions, over moto's backend."""

import threading
from typing import Any

from moto.ecs.exceptions import EcsClientException, TaskDefinitionNotFoundException
from moto.ecs.models import (
    DeleteTaskDefinitionFailure,
    EC2ContainerServiceBackend,
    TaskDefinition,
)

from sandbox.ecs.records import now
from sandbox.ecs.refusals import refuse_fargate_size


class DefinitionCalls(EC2ContainerServiceBackend):
    """moto's ECS whose deleted task definitions stay until nothing uses them."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lock = threading.RLock()
        # By family; a number is never used twice.
        self.last_revisions: dict[str, int] = {}

    def register_task_definition(self, *args: Any, **kwargs: Any) -> TaskDefinition:
        """Register a task definition that Fargate, where it is asked for, can run."""
        if "FARGATE" in (kwargs.get("requires_compatibilities") or ()):
            refuse_fargate_size(kwargs.get("cpu"), kwargs.get("memory"))
        with self.lock:
            registered = super().register_task_definition(*args, **kwargs)
            self.last_revisions[registered.family] = registered.revision
        return registered

    def usable_definition(self, name: str) -> TaskDefinition:
        """Return a task definition that is not deregistered."""
        definition = self.describe_task_definition(name)
        if definition.status != "ACTIVE":
            raise EcsClientException("TaskDefinition is inactive")
        return definition

    def describe_task_definition(self, task_definition_str: str) -> TaskDefinition:
        """Describe a revision; a family's name alone means its last ACTIVE one."""
        with self.lock:
            self._forget_deleted()
            name = task_definition_str.rsplit("/", 1)[-1]
            if ":" in name:
                return super().describe_task_definition(task_definition_str)
            active = self.list_task_definitions(name)
        if not active:
            raise TaskDefinitionNotFoundException()
        return super().describe_task_definition(active[-1])

    def list_task_definitions(self, family_prefix: str | None, status: str = "ACTIVE") -> list[str]:
        """List the revisions of one family, or of all, by family and number."""
        with self.lock:
            self._forget_deleted()
            return [
                definition.arn
                for family in sorted(self.task_definitions)
                if family_prefix in (None, family)
                for _, definition in sorted(self.task_definitions[family].items())
                if definition.status == status
            ]

    def deregister_task_definition(self, task_definition_str: str) -> TaskDefinition:
        """Make a revision INACTIVE; one that is being deleted stays so."""
        with self.lock:
            before = self.describe_task_definition(task_definition_str).status
            definition = super().deregister_task_definition(task_definition_str)
            if before == "ACTIVE":
                definition.deregistered_at = now()
            else:
                definition.status = before
        return definition

    def delete_task_definitions(
        self, task_definitions: list[str]
    ) -> tuple[list[TaskDefinition], list[DeleteTaskDefinitionFailure]]:
        """Delete revisions that are INACTIVE; each goes once nothing uses it any more."""
        with self.lock:
            deleted, failures = super().delete_task_definitions(task_definitions)
            for definition in deleted:
                definition.delete_requested_at = now()
                self.task_definitions[definition.family][definition.revision] = definition
        return deleted, failures

    def _get_last_task_definition_revision_id(self, family: str) -> int:
        return self.last_revisions.get(family, 0)

    def _forget_deleted(self) -> None:
        used = self._used_definitions()
        for revisions in self.task_definitions.values():
            gone = [
                number
                for number, definition in revisions.items()
                if definition.status == "DELETE_IN_PROGRESS" and definition.arn not in used
            ]
            for number in gone:
                del revisions[number]

    def _used_definitions(self) -> set[str]:
        tasks = [task for tasks in self.tasks.values() for task in list(tasks.values())]
        used = {task.task_definition_arn for task in tasks if not task.is_stopped}
        for service in [one for one in self.services.values() if one.status != "INACTIVE"]:
            revisions = [*service.deployments, *service.task_sets]
            used |= {service.task_definition, *(one.task_definition for one in revisions)}
        return used
