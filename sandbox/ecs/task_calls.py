"""ECS's calls about tasks, over moto's backend."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from moto.ecs import urls as ecs_urls
from moto.ecs.exceptions import EcsClientException, InvalidParameterException
from moto.ecs.models import Cluster, TaskDefinition

from sandbox.ecs.definition_calls import DefinitionCalls
from sandbox.ecs.orders import ContainerOrder, container_order
from sandbox.ecs.records import EcsService, EcsTask, now
from sandbox.ecs.refusals import refuse_fargate_size
from sandbox.ecs.task_life import Surroundings, TaskLife

_KEEP_STOPPED_SECONDS = 3600


class TaskCalls(DefinitionCalls):
    """moto's ECS whose tasks run."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lives: dict[str, TaskLife] = {}
        # By RunTask's client token: what was asked, and what was answered.
        self.started: dict[str, tuple[dict[str, Any], Any]] = {}
        self.around: Surroundings

    @property
    def _url_module(self) -> Any:
        # moto finds its paths beside the backend's class; ours stand where they were.
        return ecs_urls

    def run_task(
        self,
        cluster_str: str,
        task_definition_str: str,
        count: int,
        overrides: dict[str, Any] | None,
        started_by: str,
        tags: list[dict[str, str]] | None,
        launch_type: str | None,
        networking_configuration: dict[str, Any] | None = None,
        group: str | None = None,
        platform_version: str | None = None,
        capacity_provider_strategy: list[dict[str, Any]] | None = None,
    ) -> list[EcsTask]:
        """Run one-off tasks."""
        with self.lock:
            cluster = self._get_cluster(cluster_str)
            definition = self.usable_definition(task_definition_str)
            if definition.network_mode == "awsvpc" and not networking_configuration:
                raise InvalidParameterException(
                    "Network Configuration must be provided when networkMode 'awsvpc' is specified."
                )
            changes = overrides or {}
            if launch_type == "FARGATE" and {"cpu", "memory"} & changes.keys():
                refuse_fargate_size(
                    changes.get("cpu", definition.cpu), changes.get("memory", definition.memory)
                )
            named = group or f"family:{definition.family}"
            tasks = [self.new_task(cluster, definition, changes, named) for _ in range(count)]
            for task in tasks:
                task.started_by, task.tags = started_by or None, list(tags or ())
                task.launch_type, task.platform_version = launch_type, platform_version
                task.attachments = attachments(networking_configuration)
                if capacity_provider_strategy:
                    task.capacity_provider_name = capacity_provider_strategy[0]["capacityProvider"]
                self.begin_task(task)
        return tasks

    def start_task(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Refuse: there are no container instances to place a task on."""
        raise EcsClientException("Container instances are not supported by the sandbox.")

    def stop_task(self, cluster_str: str, task_str: str, reason: str) -> EcsTask:
        """Stop a task."""
        self._get_cluster(cluster_str)
        life = self.lives.get(task_str.rsplit("/", 1)[-1])
        if life is None:
            raise InvalidParameterException("The referenced task was not found.")
        life.ask_to_stop("UserInitiated", reason or "Task stopped by user")
        self.around.changed()
        return life.task

    def describe_tasks(self, cluster_str: str, tasks: list[str]) -> list[EcsTask]:
        """Describe tasks; those that are not there are left out."""
        self._get_cluster(cluster_str)
        if not tasks:
            raise InvalidParameterException("Tasks cannot be empty.")
        ids = [name.rsplit("/", 1)[-1] for name in tasks]
        return [self.lives[task_id].task for task_id in ids if task_id in self.lives]

    def list_tasks(
        self,
        cluster_str: str | None = None,
        container_instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service_name: str | None = None,
        desiredStatus: str | None = None,  # noqa: N803 - moto's name
    ) -> list[EcsTask]:
        """List tasks, those that shall run unless asked otherwise."""
        cluster = self._get_cluster(cluster_str) if cluster_str else None
        name = service_name.rsplit("/", 1)[-1] if service_name else None
        wanted = {
            "desired_status": desiredStatus or "RUNNING",
            "cluster_arn": cluster.arn if cluster else None,
            "group": f"service:{name}" if name else None,
            "started_by": started_by,
        }
        with self.lock:
            self._forget_stopped()
            tasks = self.all_tasks()
        return [
            task
            for task in tasks
            if all(value is None or getattr(task, key) == value for key, value in wanted.items())
            and (family is None or f"/{family}:" in task.task_definition_arn)
        ]

    def _forget_stopped(self) -> None:
        old = [
            task_id
            for task_id, life in self.lives.items()
            if life.task.stopped_at
            and (now() - life.task.stopped_at).total_seconds() > _KEEP_STOPPED_SECONDS
        ]
        for task_id in old:
            task = self.lives.pop(task_id).task
            self.tasks[task.cluster_arn.rsplit("/", 1)[-1]].pop(task.task_arn, None)

    def new_task(
        self,
        cluster: Cluster,
        definition: TaskDefinition,
        overrides: Mapping[str, Any],
        group: str,
    ) -> EcsTask:
        """Return the record of a new task; it begins with `begin_task`."""
        task_id = uuid.uuid4().hex
        base = f"arn:aws:ecs:{self.region_name}:{self.account_id}"
        changes = {item["name"]: item for item in overrides.get("containerOverrides") or ()}
        memory = overrides.get("memory") or definition.memory
        orders = tuple(
            container_order(item, changes.get(item["name"], {}), task_id, _number(memory))
            for item in definition.container_definitions
        )
        arn = f"{base}:task/{cluster.name}/{task_id}"
        return EcsTask(
            task_arn=arn,
            cluster_arn=cluster.arn,
            task_definition_arn=definition.arn,
            group=group,
            launch_type="FARGATE",
            platform_version="1.4.0",
            cpu=overrides.get("cpu") or definition.cpu,
            memory=memory,
            containers=[_container(base, cluster.name, arn, order) for order in orders],
            overrides={"containerOverrides": [], "inferenceAcceleratorOverrides": [], **overrides},
            attachments=[],
            started_by=None,
            tags=[],
            own_orders=orders,
            own_role_arn=overrides.get("taskRoleArn") or getattr(definition, "task_role_arn", None),
            availability_zone=f"{self.region_name}a",
        )

    def begin_task(self, task: EcsTask) -> None:
        """Start a task's life."""
        life = TaskLife(task, self.around)
        self.lives[task.id] = life
        # moto's own table, where its tagging calls look.
        self.tasks.setdefault(task.cluster_arn.rsplit("/", 1)[-1], {})[task.task_arn] = task
        life.begin()

    def stop_all(self) -> None:
        """Stop every task at once and wait for it: the sandbox goes down."""
        lives = [life for life in self.lives.values() if not life.task.is_stopped]
        for life in lives:
            life.hurry()
        for life in lives:
            life.join(timeout_seconds=10.0)

    def known_task(self, task_id: str) -> EcsTask | None:
        """Return a task by its id, None where there is none or it is forgotten."""
        life = self.lives.get(task_id)
        return life.task if life else None

    def all_tasks(self) -> Sequence[EcsTask]:
        """Return every task that is known, oldest first."""
        with self.lock:
            return [life.task for life in self.lives.values()]

    def tasks_of(self, service: EcsService) -> Sequence[EcsTask]:
        """Return a service's tasks that are not stopped, oldest first."""
        mine = (task for task in self.all_tasks() if task.own_service == service.arn)
        return [task for task in mine if not task.is_stopped]


def _container(base: str, cluster: str, task_arn: str, order: ContainerOrder) -> dict[str, Any]:
    task_id = task_arn.rsplit("/", 1)[-1]
    return {
        "containerArn": f"{base}:container/{cluster}/{task_id}/{uuid.uuid4()}",
        "taskArn": task_arn,
        "name": order.name,
        "image": order.image,
        "lastStatus": "PENDING",
        "networkInterfaces": [],
        "networkBindings": [],
        "healthStatus": "UNKNOWN",
        "cpu": str(order.cpu_units or 0),
        "memory": str(order.memory_mib) if order.memory_mib else None,
    }


def attachments(network: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the network interface that a task shows; it really listens on loopback."""
    subnets = ((network or {}).get("awsvpcConfiguration") or {}).get("subnets") or []
    if not subnets:
        return []
    details = {"subnetId": subnets[0], "privateIPv4Address": "127.0.0.1"}
    return [
        {
            "id": str(uuid.uuid4()),
            "type": "ElasticNetworkInterface",
            "status": "ATTACHED",
            "details": [{"name": name, "value": value} for name, value in details.items()],
        }
    ]


def _number(text: str | None) -> int | None:
    return int(text) if text and str(text).isdigit() else None
