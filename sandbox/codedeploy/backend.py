"""CodeDeploy's state and verbs, one instance for the sandbox's account and region."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.utilities.tagging_service import TaggingService

from sandbox.codedeploy.configurations import Configurations
from sandbox.codedeploy.lifecycle import Status
from sandbox.codedeploy.records import Application, Deployment, DeploymentGroup
from sandbox.codedeploy.refusal import Refusal
from sandbox.codedeploy.revisions import Revisions

ACTIVE_EXISTS = "The Deployment Group '{group}' already has an active Deployment '{id}'"


@dataclass
class Callbacks:
    """What the running sandbox does with a record; set when the extension starts.

    `check` refuses a group that ECS or the load balancer cannot serve, `settle` is called when a
    group was stored, `launch` runs a deployment.
    """

    check: Callable[[DeploymentGroup], None] = field(default=lambda group: None)
    settle: Callable[[DeploymentGroup], None] = field(default=lambda group: None)
    launch: Callable[[Deployment], None] = field(default=lambda deployment: None)


class SandboxCodeDeployBackend(BaseBackend):
    """Applications, groups and deployments by name."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.applications: dict[str, Application] = {}
        self.groups: dict[tuple[str, str], DeploymentGroup] = {}
        self.deployments: dict[str, Deployment] = {}
        self.configurations = Configurations()
        self.revisions = Revisions()
        self.tagger = TaggingService()
        self.callbacks = Callbacks()
        self.lock = threading.RLock()

    def arn(self, resource: str) -> str:
        """Return the ARN of `application:x`, `deploymentgroup:x/y` or `deployment:d-…`."""
        return f"arn:{self.partition}:codedeploy:{self.region_name}:{self.account_id}:{resource}"

    def now(self) -> datetime:
        """Return the time for the records."""
        return datetime.now(UTC)

    def application(self, name: str | None) -> Application:
        """Return an application.

        Raises:
            Refusal: no name, or no such application.
        """
        if not name:
            raise Refusal("ApplicationNameRequired", "Application name is required.")
        if name not in self.applications:
            raise Refusal("ApplicationDoesNotExist", f"No application found for name: {name}")
        return self.applications[name]

    def group(self, application: str | None, name: str | None) -> DeploymentGroup:
        """Return a group of an application.

        Raises:
            Refusal: either name is missing or unknown.
        """
        app = self.application(application)
        if not name:
            raise Refusal("DeploymentGroupNameRequired", "Deployment group name is required.")
        if (app.name, name) not in self.groups:
            raise Refusal(
                "DeploymentGroupDoesNotExist", f"No Deployment Group found for name: {name}"
            )
        return self.groups[app.name, name]

    def deployment(self, deployment_id: str | None) -> Deployment:
        """Return a deployment.

        Raises:
            Refusal: no id, one that cannot be, or one that is unknown.
        """
        if not deployment_id:
            raise Refusal("DeploymentIdRequired", "Deployment ID is required.")
        if not deployment_id.startswith("d-"):
            raise Refusal("InvalidDeploymentId", f"The deployment ID {deployment_id} is invalid.")
        if deployment_id not in self.deployments:
            raise Refusal(
                "DeploymentDoesNotExist", f"The deployment {deployment_id} could not be found"
            )
        return self.deployments[deployment_id]

    def add_application(self, application: Application, tags: list[dict[str, str]] | None) -> None:
        """Store a new application.

        Raises:
            Refusal: the name is taken.
        """
        with self.lock:
            if application.name in self.applications:
                raise Refusal(
                    "ApplicationAlreadyExists",
                    f"Application already exists: {application.name}",
                )
            self.applications[application.name] = application
        self._tag(f"application:{application.name}", tags)

    def rename_application(self, name: str | None, new: str | None) -> None:
        """Give an application another name; its groups, tags and revisions go with it.

        Raises:
            Refusal: unknown, or the new name is taken.
        """
        with self.lock:
            application = self.application(name)
            if not new or new == application.name:
                return
            if new in self.applications:
                raise Refusal("ApplicationAlreadyExists", f"Application already exists: {new}")
            old = application.name
            self.applications[new] = self.applications.pop(old)
            self.revisions.rename(old, new)
            for key in [key for key in self.groups if key[0] == old]:
                self._move_group(key, (new, key[1]))
            self._move_tags(f"application:{old}", f"application:{new}")
            application.name = new

    def remove_application(self, name: str | None) -> None:
        """Delete an application with its groups; an unknown one is no error."""
        if not name:
            raise Refusal("ApplicationNameRequired", "Application name is required.")
        with self.lock:
            for key in [key for key in self.groups if key[0] == name]:
                self.remove_group(*key)
            self.applications.pop(name, None)
            self.revisions.forget(name)
            self.tagger.delete_all_tags_for_resource(self.arn(f"application:{name}"))

    def add_group(self, group: DeploymentGroup, tags: list[dict[str, str]] | None) -> None:
        """Store a new group, if ECS and the load balancer can serve it.

        Raises:
            Refusal: the name is taken, or the settings do not fit.
        """
        with self.lock:
            if (group.application, group.name) in self.groups:
                raise Refusal(
                    "DeploymentGroupAlreadyExists",
                    f"Deployment group name already exists: {group.name}",
                )
            self._check_service_is_free(group)
            self.callbacks.check(group)
            self.groups[group.application, group.name] = group
        self._tag(f"deploymentgroup:{group.application}/{group.name}", tags)
        self.callbacks.settle(group)

    def change_group(
        self, group: DeploymentGroup, name: str | None, settings: Mapping[str, Any]
    ) -> None:
        """Give a group other settings, and perhaps another name.

        Raises:
            Refusal: the new name is taken, or the settings do not fit.
        """
        with self.lock:
            new = (group.application, name or group.name)
            if new != (group.application, group.name) and new in self.groups:
                raise Refusal(
                    "DeploymentGroupAlreadyExists",
                    f"Deployment group name already exists: {new[1]}",
                )
            changed = DeploymentGroup(group.application, new[1], dict(settings), id=group.id)
            self._check_service_is_free(changed)
            self.callbacks.check(changed)
            group.settings = changed.settings
            self._move_group((group.application, group.name), new)
        self.callbacks.settle(group)

    def remove_group(self, application: str, name: str) -> None:
        """Delete a group; an unknown one is no error."""
        self.groups.pop((application, name), None)
        self.tagger.delete_all_tags_for_resource(self.arn(f"deploymentgroup:{application}/{name}"))

    def add_deployment(self, deployment: Deployment) -> None:
        """Store and launch a deployment.

        Raises:
            Refusal: the group already has an active one.
        """
        with self.lock:
            self._check_group_is_idle(deployment.group)
            self.store(deployment)
        self.callbacks.launch(deployment)

    def store(self, deployment: Deployment) -> None:
        """Store a deployment as its group's last attempt."""
        deployment.previous_revision = (
            deployment.group.last_successful.revision if deployment.group.last_successful else None
        )
        self.deployments[deployment.id] = deployment
        deployment.group.last_attempted = deployment

    def newest_first(self) -> list[Deployment]:
        """Return all deployments, the newest first."""
        return list(reversed(self.deployments.values()))

    def active_deployment(self, group: DeploymentGroup) -> Deployment | None:
        """Return the group's deployment that has not ended, if there is one."""
        own = (one for one in self.newest_first() if one.group is group)
        return next((one for one in own if not one.is_complete), None)

    def _check_group_is_idle(self, group: DeploymentGroup) -> None:
        if active := self.active_deployment(group):
            raise Refusal(
                "DeploymentLimitExceeded", ACTIVE_EXISTS.format(group=group.name, id=active.id)
            )

    def _check_service_is_free(self, group: DeploymentGroup) -> None:
        if not group.settings["ecsServices"]:
            return
        wanted = group.settings["ecsServices"]
        for other in self.groups.values():
            if other.id != group.id and other.settings["ecsServices"] == wanted:
                raise Refusal(
                    "ECSServiceMappingLimitExceeded",
                    "The Amazon ECS service is associated with more than one deployment groups:"
                    f" {other.name}, {group.name}.",
                )

    def _move_group(self, old: tuple[str, str], new: tuple[str, str]) -> None:
        group = self.groups.pop(old)
        group.application, group.name = new
        self.groups[new] = group
        self._move_tags("deploymentgroup:" + "/".join(old), "deploymentgroup:" + "/".join(new))

    def _tag(self, resource: str, tags: list[dict[str, str]] | None) -> None:
        if tags:
            self.tagger.tag_resource(self.arn(resource), tags)

    def _move_tags(self, old: str, new: str) -> None:
        if old == new:
            return
        tags = self.tagger.list_tags_for_resource(self.arn(old))["Tags"]
        self.tagger.delete_all_tags_for_resource(self.arn(old))
        self._tag(new, tags)

    def is_busy(self, config_name: str) -> bool:
        """Say whether a group or a running deployment uses a deployment configuration."""
        return any(group.config_name == config_name for group in self.groups.values()) or any(
            deployment.plan.config.name == config_name and deployment.status is not Status.SUCCEEDED
            for deployment in self.deployments.values()
            if not deployment.is_complete
        )


sandbox_codedeploy_backends = BackendDict(SandboxCodeDeployBackend, "codedeploy")
