"""ECS's calls about services, over moto's backend."""

from collections.abc import Mapping, Sequence
from typing import Any

from moto.ecs.exceptions import (
    EcsClientException,
    InvalidParameterException,
    ServiceNotFoundException,
)
from moto.ecs.models import Cluster

from sandbox.ecs.records import (
    EcsService,
    EcsTaskSet,
    RollingDeployment,
    count_tasks,
    new_revision_id,
)
from sandbox.ecs.refusals import refuse_update
from sandbox.ecs.task_calls import TaskCalls

MOST_REVISIONS = 5
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


class ServiceCalls(TaskCalls):
    """moto's ECS with services that the scheduler keeps."""

    def describe_clusters(self, cluster_names: list[str]) -> tuple[list[Cluster], list[Any]]:
        """Describe clusters with what runs in them now."""
        found, failures = super().describe_clusters(cluster_names)
        for cluster in found:
            tasks = [t for t in self.all_tasks() if t.cluster_arn == cluster.arn]
            cluster.running_tasks_count = sum(task.is_running for task in tasks)
            cluster.pending_tasks_count = sum(task.is_pending for task in tasks)
            cluster.active_services_count = sum(
                item.status == "ACTIVE" and item.cluster_arn == cluster.arn
                for item in self.services.values()
            )
        return found, failures

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
                task_definition=self.usable_definition(named) if named else None,
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
        self.around.changed()
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
            task_set = self.new_task_set(
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
                count_tasks(service, self.tasks_of(service))
            return found, failures

    def update_service(self, service_properties: dict[str, Any]) -> EcsService:
        """Change a service; a new revision rolls out under the ECS controller."""
        settings = {name: value for name, value in service_properties.items() if value is not None}
        with self.lock:
            service = self.active_service(settings)
            refuse_update(service.controller, settings)
            revision_changes = self._apply(service, settings)
            if revision_changes and service.controller == "ECS":
                self._roll_out(service)
        self.around.changed()
        return service

    def active_service(self, settings: Mapping[str, Any]) -> EcsService:
        """Return the service that `cluster` and `service` name."""
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
            arn = self.usable_definition(wanted).arn
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
        if len(service.deployments) >= MOST_REVISIONS:
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
        self.around.changed()
        return service

    def new_task_set(self, service: EcsService, definition: str, **settings: Any) -> EcsTaskSet:
        """Add a task set to a service."""
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
        count_tasks(service, self.tasks_of(service))
        return created


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
