"""ECS whose services and tasks run: moto's backend, with life in it."""

import threading
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from moto.ecs import urls as ecs_urls
from moto.ecs.exceptions import (
    EcsClientException,
    InvalidParameterException,
    ServiceNotFoundException,
    TaskSetNotFoundException,
)
from moto.ecs.models import Cluster, EC2ContainerServiceBackend, TaskDefinition

from sandbox.clock import SandboxClock
from sandbox.ecs.orders import container_order
from sandbox.ecs.records import (
    EcsService,
    EcsTask,
    EcsTaskSet,
    RollingDeployment,
    new_revision_id,
    now,
)
from sandbox.ecs.refusals import refuse_fargate_size, refuse_update
from sandbox.ecs.scheduler import Scheduler
from sandbox.ecs.task_life import Surroundings, TaskLife

_MOST_DEPLOYMENTS = 5
_KEEP_STOPPED_SECONDS = 3600
_PLAIN_SETTINGS = (
    "deployment_configuration",
    "health_check_grace_period_seconds",
    "enable_execute_command",
    "availability_zone_rebalancing",
    "propagate_tags",
    "placement_constraints",
    "placement_strategy",
    "service_registries",
)
_REVISION_SETTINGS = (
    "network_configuration",
    "load_balancers",
    "platform_version",
    "capacity_provider_strategy",
)


class EcsBackend(EC2ContainerServiceBackend):
    """moto's ECS with a scheduler, and tasks that run."""

    def __init__(
        self, region_name: str, account_id: str, clock: SandboxClock, stopping: threading.Event
    ) -> None:
        super().__init__(region_name, account_id)
        self.lock = threading.RLock()
        self.lives: dict[str, TaskLife] = {}
        self.clock = clock
        self.scheduler = Scheduler(self, clock, stopping)
        self.around: Surroundings

    @property
    def _url_module(self) -> Any:
        # moto finds its paths beside the backend's class; ours stand where they were.
        return ecs_urls

    # What the scheduler asks.

    def live_services(self) -> Sequence[EcsService]:
        """Return the services that are not yet inactive."""
        with self.lock:
            return [item for item in self.services.values() if item.status != "INACTIVE"]

    def tasks_of(self, service: EcsService) -> Sequence[EcsTask]:
        """Return a service's tasks that are not stopped, oldest first."""
        with self.lock:
            return [
                life.task
                for life in self.lives.values()
                if life.task.own_service == service.arn and not life.task.is_stopped
            ]

    def fresh_failures(self, service: EcsService) -> Sequence[EcsTask]:
        """Return stopped tasks that failed by themselves; each is returned once."""
        failed = []
        for life in self.lives.values():
            task = life.task
            if task.own_service == service.arn and task.stop_code and not task.own_counted:
                task.own_counted = True
                by_health = "health check" in (task.stopped_reason or "")
                if task.stop_code in ("TaskFailedToStart", "EssentialContainerExited") or by_health:
                    failed.append(task)
        return failed

    def start_service_tasks(
        self, service: EcsService, revision: RollingDeployment | EcsTaskSet, count: int
    ) -> Sequence[EcsTask]:
        """Start tasks of a rolling deployment or task set."""
        definition = self.describe_task_definition(revision.task_definition)
        cluster = self._get_cluster(service.cluster_arn)
        balancers = (
            revision.load_balancers if isinstance(revision, EcsTaskSet) else service.load_balancers
        )
        started = []
        for _ in range(count):
            task = self._new_task(cluster, definition, {}, f"service:{service.name}")
            task.own_service, task.own_revision = service.arn, revision.id
            task.own_load_balancers = tuple(balancers)
            task.started_by = revision.id
            task.launch_type = revision.launch_type
            task.tags = _propagated(service, definition)
            task.attachments = _attachments(revision.network_configuration)
            task.enable_execute_command = service.enable_execute_command
            started.append(task)
            self._begin(task)
        return started

    def stop_service_task(self, task_id: str, reason: str) -> None:
        """Have a service's task drained and stopped."""
        life = self.lives[task_id]
        life.ask_to_stop("ServiceSchedulerInitiated", reason)
        self._say_drained(life.task)

    def _say_drained(self, task: EcsTask) -> None:
        service = self._service_of(task)
        if service is None or not task.own_targets:
            return
        for group, _ in task.own_targets:
            service.say(
                f"(service {service.name}) deregistered 1 targets in (target-group {group})"
            )
        if service.task_sets:
            service.say(
                f"(service {service.name}, taskSet {task.own_revision}) "
                "has begun draining connections on 1 tasks."
            )

    def _service_of(self, task: EcsTask) -> EcsService | None:
        return next((item for item in self.services.values() if item.arn == task.own_service), None)

    def target_states(self, task: EcsTask) -> Sequence[tuple[str, str]]:
        """Return target group ARN and health state of every target of a task."""
        table = self.around.load_balancers().table
        return [
            (group, table.health(group, endpoint).state) for group, endpoint in task.own_targets
        ]

    # Task definitions.

    def register_task_definition(self, *args: Any, **kwargs: Any) -> TaskDefinition:
        """Register a task definition that Fargate, where it is asked for, can run."""
        if "FARGATE" in (kwargs.get("requires_compatibilities") or ()):
            refuse_fargate_size(kwargs.get("cpu"), kwargs.get("memory"))
        return super().register_task_definition(*args, **kwargs)

    def _usable_definition(self, name: str) -> TaskDefinition:
        definition = self.describe_task_definition(name)
        if definition.status != "ACTIVE":
            raise EcsClientException("TaskDefinition is inactive")
        return definition

    # Services.

    def create_service(
        self,
        cluster_str: str,
        service_name: str,
        desired_count: int,
        task_definition_str: str | None = None,
        load_balancers: list[dict[str, Any]] | None = None,
        scheduling_strategy: Any = None,
        tags: list[dict[str, str]] | None = None,
        deployment_controller: dict[str, str] | None = None,
        launch_type: str | None = None,
        **settings: Any,
    ) -> EcsService:
        """Create a service; the scheduler starts its tasks."""
        with self.lock:
            cluster = self._get_cluster(cluster_str)
            self._refuse_second(cluster, service_name)
            self._refuse_unattached(load_balancers or [])
            named = task_definition_str
            service = EcsService(
                cluster=cluster,
                service_name=service_name,
                desired_count=desired_count or 0,
                task_definition=self._usable_definition(named) if named else None,
                load_balancers=load_balancers,
                scheduling_strategy=scheduling_strategy,
                tags=tags,
                deployment_controller=deployment_controller,
                launch_type=launch_type or "FARGATE",
                backend=self,
                **_completed(settings),
            )
            self.services[service.key] = service
            self._first_revision(service)
        self.scheduler.wake()
        return service

    def _refuse_second(self, cluster: Cluster, name: str) -> None:
        known = self.services.get(f"{cluster.name}:{name}")
        if known is None or known.status == "INACTIVE":
            return
        if known.status == "DRAINING":
            raise InvalidParameterException("Unable to Start a service that is still Draining.")
        raise InvalidParameterException("Creation of service was not idempotent.")

    def _refuse_unattached(self, balancers: Sequence[Mapping[str, Any]]) -> None:
        elbv2 = self.around.load_balancers()
        for group in (item["targetGroupArn"] for item in balancers if "targetGroupArn" in item):
            if group not in elbv2.target_groups:
                raise InvalidParameterException(
                    f"The specified target group does not exist: {group}"
                )
            if not elbv2.is_in_use(group):
                raise InvalidParameterException(
                    f"The target group with targetGroupArn {group} does not have an associated "
                    "load balancer."
                )

    def _first_revision(self, service: EcsService) -> None:
        if service.controller == "ECS":
            service.deployments.append(_deployment(service))
        elif service.controller == "CODE_DEPLOY" and service.task_definition:
            task_set = self._new_task_set(
                service,
                service.task_definition,
                load_balancers=service.load_balancers,
                network_configuration=service.network_configuration,
                launch_type=service.launch_type,
                platform_version=service.platform_version,
            )
            task_set.status = "PRIMARY"

    def describe_services(
        self, cluster_str: str, service_names_or_arns: list[str]
    ) -> tuple[list[EcsService], list[dict[str, str]]]:
        """Describe services with their counts as they are now."""
        with self.lock:
            found, failures = super().describe_services(cluster_str, service_names_or_arns)
            for service in found:
                self.scheduler.count(service)
            return found, failures

    def update_service(self, service_properties: dict[str, Any]) -> EcsService:
        """Change a service; a new revision rolls out under the ECS controller."""
        settings = {name: value for name, value in service_properties.items() if value is not None}
        with self.lock:
            service = self._active_service(settings)
            refuse_update(service.controller, settings)
            revision_changes = self._apply(service, settings)
            if revision_changes and service.controller == "ECS":
                self._roll_out(service)
        self.scheduler.wake()
        return service

    def _active_service(self, settings: Mapping[str, Any]) -> EcsService:
        cluster = self._get_cluster(settings.get("cluster", "default"))
        name = settings["service"].rsplit("/", 1)[-1]
        service = self.services.get(f"{cluster.name}:{name}")
        if service is None:
            raise ServiceNotFoundException()
        if service.status != "ACTIVE":
            raise EcsClientException("Service was not ACTIVE.")
        found: EcsService = service
        return found

    def _apply(self, service: EcsService, settings: Mapping[str, Any]) -> bool:
        if "desired_count" in settings:
            service.desired_count = int(settings["desired_count"])
        self.settle(service, settings)
        changed = bool(settings.get("force_new_deployment"))
        for name in _REVISION_SETTINGS:
            if name in settings and settings[name] != getattr(service, name):
                setattr(service, name, settings[name])
                changed = True
        if wanted := settings.get("task_definition"):
            arn = self._usable_definition(wanted).arn
            changed = changed or arn != service.task_definition
            service.task_definition = arn
        return changed

    def settle(self, service: EcsService, settings: Mapping[str, Any]) -> None:
        """Take in settings that need no new revision, by their API names in snake case."""
        for name in _PLAIN_SETTINGS:
            if settings.get(name) is not None:
                setattr(service, name, settings[name])
        if settings.get("enable_ecs_managed_tags") is not None:
            service.enableECSManagedTags = settings["enable_ecs_managed_tags"]

    def _roll_out(self, service: EcsService) -> None:
        if len(service.deployments) >= _MOST_DEPLOYMENTS:
            raise InvalidParameterException(
                "5 active deployments exist, unable to create new deployment."
            )
        for deployment in service.deployments:
            deployment.status = "ACTIVE"
        service.deployments.insert(0, _deployment(service))
        service.was_steady, service.started_failures = False, 0
        service.may_start_at = 0.0

    def delete_service(self, cluster_name: str, service_name: str, force: bool) -> EcsService:
        """Drain a service; it is INACTIVE once its last task has stopped."""
        with self.lock:
            service: EcsService = self._get_service(cluster_name, service_name)
            if service.status == "INACTIVE":
                raise ServiceNotFoundException()
            if service.desired_count > 0 and not force:
                raise InvalidParameterException(
                    "The service cannot be stopped while it is scaled above 0."
                )
            service.status, service.desired_count = "DRAINING", 0
        self.scheduler.wake()
        return service

    # Task sets.

    def create_task_set(
        self, service: str, cluster_str: str, task_definition: str, **settings: Any
    ) -> EcsTaskSet:
        """Add a task set to a service; the scheduler starts its tasks."""
        with self.lock:
            found = self._active_service({"cluster": cluster_str, "service": service})
            if len(found.task_sets) >= _MOST_DEPLOYMENTS:
                raise InvalidParameterException(
                    "5 deployments exist on the service. Unable to create new TaskSet since this "
                    "exceeds the maximum limit."
                )
            arn = self._usable_definition(task_definition).arn
            created = self._new_task_set(found, arn, **settings)
            found.started_failures, found.may_start_at = 0, 0.0
        self.scheduler.wake()
        return created

    def _new_task_set(self, service: EcsService, definition: str, **settings: Any) -> EcsTaskSet:
        created = EcsTaskSet(
            service=service.name,
            cluster=service.cluster_name,
            task_definition=definition,
            account_id=self.account_id,
            region_name=self.region_name,
            **settings,
        )
        created.id = new_revision_id()
        created.task_set_arn = f"{created.task_set_arn.split(':task-set/')[0]}:task-set/" + (
            f"{service.cluster_name}/{service.name}/{created.id}"
        )
        created.service_arn, created.cluster_arn = service.arn, service.cluster_arn
        service.task_sets.append(created)
        self.scheduler.count(service)
        return created

    def update_task_set(
        self, cluster: str, service: str, task_set: str, scale: dict[str, Any]
    ) -> EcsTaskSet:
        """Scale a task set."""
        with self.lock:
            found = self._task_set(cluster, service, task_set)
            found.scale, found.updatedAt = scale, now()
            found.stabilityStatus = "STABILIZING"
        self.scheduler.wake()
        return found

    def update_service_primary_task_set(
        self, cluster: str, service: str, primary_task_set: str
    ) -> EcsTaskSet:
        """Make a task set primary; the service takes its task definition and load balancers."""
        with self.lock:
            found = self._task_set(cluster, service, primary_task_set)
            owner = self._active_service({"cluster": cluster, "service": service})
            owner.load_balancers = found.load_balancers
            owner.task_definition = found.task_definition
            for item in owner.task_sets:
                if item is found or item.status == "PRIMARY":
                    item.status = "PRIMARY" if item is found else "ACTIVE"
        return found

    def delete_task_set(
        self, cluster: str, service: str, task_set: str, force: bool = False
    ) -> EcsTaskSet:
        """Drain a task set; it is gone once its last task has stopped."""
        with self.lock:
            found = self._task_set(cluster, service, task_set)
            if found.status == "PRIMARY" and found.scale_percent > 0 and not force:
                raise InvalidParameterException(
                    "TaskSet cannot be deleted while it is the primary and scaled above 0."
                )
            found.scale, found.status = {"value": 0.0, "unit": "PERCENT"}, "DRAINING"
            found.is_deleted = True
        self.scheduler.wake()
        return found

    def _task_set(self, cluster: str, service: str, name: str) -> EcsTaskSet:
        found = self.describe_task_sets(cluster, service, [name])
        if not found:
            raise TaskSetNotFoundException()
        task_set: EcsTaskSet = found[0]
        return task_set

    # Tasks.

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
            definition = self._usable_definition(task_definition_str)
            if definition.network_mode == "awsvpc" and not networking_configuration:
                raise InvalidParameterException(
                    "Network Configuration must be provided when networkMode 'awsvpc' is specified."
                )
            named = group or f"family:{definition.family}"
            tasks = [
                self._new_task(cluster, definition, overrides or {}, named) for _ in range(count)
            ]
            for task in tasks:
                task.started_by, task.tags = started_by or None, list(tags or ())
                task.launch_type, task.platform_version = launch_type, platform_version
                task.attachments = _attachments(networking_configuration)
                if capacity_provider_strategy:
                    task.capacity_provider_name = capacity_provider_strategy[0]["capacityProvider"]
                self._begin(task)
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
        self.scheduler.wake()
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
        cluster = self._get_cluster(cluster_str or "default")
        name = service_name.rsplit("/", 1)[-1] if service_name else None
        wanted = {
            "desired_status": desiredStatus or "RUNNING",
            "cluster_arn": cluster.arn,
            "group": f"service:{name}" if name else None,
            "started_by": started_by,
        }
        with self.lock:
            self._forget_stopped()
            tasks = [life.task for life in self.lives.values()]
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
            del self.lives[task_id]

    def _new_task(
        self,
        cluster: Cluster,
        definition: TaskDefinition,
        overrides: Mapping[str, Any],
        group: str,
    ) -> EcsTask:
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
            availability_zone=f"{self.region_name}a",
        )

    def _begin(self, task: EcsTask) -> None:
        life = TaskLife(task, self.around)
        self.lives[task.id] = life
        life.begin()

    def stop_all(self) -> None:
        """Stop every task at once and wait for it: the sandbox goes down."""
        lives = [life for life in self.lives.values() if not life.task.is_stopped]
        for life in lives:
            life.hurry()
        for life in lives:
            life.join(timeout_seconds=10.0)


def _deployment(service: EcsService) -> RollingDeployment:
    return RollingDeployment(
        str(service.task_definition),
        service.desired_count,
        service.launch_type,
        service.platform_version,
        service.network_configuration or None,
    )


def _completed(settings: dict[str, Any]) -> dict[str, Any]:
    network = settings.get("network_configuration")
    if network:
        network["awsvpcConfiguration"].setdefault("securityGroups", [])
        network["awsvpcConfiguration"].setdefault("assignPublicIp", "DISABLED")
    return settings


def _container(base: str, cluster: str, task_arn: str, order: Any) -> dict[str, Any]:
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


def _attachments(network: Mapping[str, Any] | None) -> list[dict[str, Any]]:
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


def _propagated(service: EcsService, definition: TaskDefinition) -> list[dict[str, str]]:
    sources = {"SERVICE": service.tags, "TASK_DEFINITION": definition.tags}
    return list(sources.get(service.propagate_tags) or ())


def _number(text: str | None) -> int | None:
    return int(text) if text and str(text).isdigit() else None
