"""The calls of CodeDeploy. Reading and checking requests; the backend does the rest."""

from collections.abc import Iterable
from typing import Any, cast

from moto.codedeploy.responses import CodeDeployResponse
from moto.core.responses import ActionResult, EmptyResult

from sandbox.codedeploy.backend import SandboxCodeDeployBackend, sandbox_codedeploy_backends
from sandbox.codedeploy.deployment_calls import DeploymentCalls
from sandbox.codedeploy.group_settings import check_ecs_settings, with_defaults
from sandbox.codedeploy.records import Application, DeploymentGroup, Revision
from sandbox.codedeploy.refusal import Refusal
from sandbox.codedeploy.revisions import Revisions
from sandbox.codedeploy.shifting import Platform
from sandbox.codedeploy.wire import application_wire, group_wire, revision_wire

_PLATFORMS = ("Server", "Lambda", "ECS")


class SandboxCodeDeployResponse(DeploymentCalls, CodeDeployResponse):
    """CodeDeploy's API: everything that an ECS deployment needs."""

    @property
    def codedeploy_backend(self) -> SandboxCodeDeployBackend:
        """Return the backend of the request's account and region."""
        return cast(
            SandboxCodeDeployBackend, sandbox_codedeploy_backends[self.current_account][self.region]
        )

    def create_application(self) -> ActionResult:
        """CreateApplication."""
        name = self._get_param("applicationName")
        if not name:
            raise Refusal("ApplicationNameRequired", "Application name is required.")
        platform = self._platform(self._get_param("computePlatform") or "Server")
        application = Application(name, platform, self.codedeploy_backend.now())
        self.codedeploy_backend.add_application(application, self._get_param("tags"))
        return ActionResult({"applicationId": application.id})

    def get_application(self) -> ActionResult:
        """GetApplication."""
        application = self.codedeploy_backend.application(self._get_param("applicationName"))
        return ActionResult({"application": application_wire(application)})

    def batch_get_applications(self) -> ActionResult:
        """BatchGetApplications."""
        found = [
            self.codedeploy_backend.application(name)
            for name in self._get_param("applicationNames", [])
        ]
        return ActionResult({"applicationsInfo": [application_wire(one) for one in found]})

    def list_applications(self) -> ActionResult:
        """ListApplications."""
        return ActionResult({"applications": sorted(self.codedeploy_backend.applications)})

    def update_application(self) -> ActionResult:
        """UpdateApplication."""
        names = self._get_param("applicationName"), self._get_param("newApplicationName")
        self.codedeploy_backend.rename_application(*names)
        return EmptyResult()

    def delete_application(self) -> ActionResult:
        """DeleteApplication."""
        self.codedeploy_backend.remove_application(self._get_param("applicationName"))
        return EmptyResult()

    def create_deployment_group(self) -> ActionResult:
        """CreateDeploymentGroup."""
        application = self.codedeploy_backend.application(self._get_param("applicationName"))
        name = self._get_param("deploymentGroupName")
        if not name:
            raise Refusal("DeploymentGroupNameRequired", "Deployment group name is required.")
        if not self._get_param("serviceRoleArn"):
            raise Refusal("RoleRequired", "The service role ARN must be specified")
        settings = self._checked(application, self._get_params())
        group = DeploymentGroup(application.name, name, settings)
        self.codedeploy_backend.add_group(group, self._get_param("tags"))
        return ActionResult({"deploymentGroupId": group.id})

    def get_deployment_group(self) -> ActionResult:
        """GetDeploymentGroup."""
        return ActionResult({"deploymentGroupInfo": self._shown(self._group())})

    def batch_get_deployment_groups(self) -> ActionResult:
        """BatchGetDeploymentGroups."""
        application = self._get_param("applicationName")
        groups = [
            self.codedeploy_backend.group(application, name)
            for name in self._get_param("deploymentGroupNames", [])
        ]
        return ActionResult({"deploymentGroupsInfo": [self._shown(group) for group in groups]})

    def list_deployment_groups(self) -> ActionResult:
        """ListDeploymentGroups."""
        application = self.codedeploy_backend.application(self._get_param("applicationName"))
        names = [name for app, name in self.codedeploy_backend.groups if app == application.name]
        return ActionResult({"applicationName": application.name, "deploymentGroups": names})

    def update_deployment_group(self) -> ActionResult:
        """UpdateDeploymentGroup: what is not given stays."""
        application = self.codedeploy_backend.application(self._get_param("applicationName"))
        group = self.codedeploy_backend.group(
            application.name, self._get_param("currentDeploymentGroupName")
        )
        given = {key: value for key, value in self._get_params().items() if value is not None}
        settings = self._checked(application, group.settings | given)
        self.codedeploy_backend.change_group(
            group, self._get_param("newDeploymentGroupName"), settings
        )
        return ActionResult({"hooksNotCleanedUp": []})

    def delete_deployment_group(self) -> ActionResult:
        """DeleteDeploymentGroup."""
        application = self.codedeploy_backend.application(self._get_param("applicationName"))
        name = self._get_param("deploymentGroupName")
        if not name:
            raise Refusal("DeploymentGroupNameRequired", "Deployment group name is required.")
        self.codedeploy_backend.remove_group(application.name, name)
        return ActionResult({"hooksNotCleanedUp": []})

    def create_deployment_config(self) -> ActionResult:
        """CreateDeploymentConfig."""
        platform = self._platform(self._get_param("computePlatform") or "Server")
        given = {
            key: self._get_param(key)
            for key in ("minimumHealthyHosts", "trafficRoutingConfig", "zonalConfig")
        }
        name = self._get_param("deploymentConfigName")
        created = self.codedeploy_backend.configurations.create(name, platform, given)
        return ActionResult({"deploymentConfigId": created})

    def get_deployment_config(self) -> ActionResult:
        """GetDeploymentConfig."""
        name = self._get_param("deploymentConfigName")
        shown = self.codedeploy_backend.configurations.shown(name)
        return ActionResult({"deploymentConfigInfo": shown})

    def list_deployment_configs(self) -> ActionResult:
        """ListDeploymentConfigs."""
        names = self.codedeploy_backend.configurations.names()
        return ActionResult({"deploymentConfigsList": names})

    def delete_deployment_config(self) -> ActionResult:
        """DeleteDeploymentConfig."""
        name = self._get_param("deploymentConfigName")
        is_busy = self.codedeploy_backend.is_busy(name or "")
        self.codedeploy_backend.configurations.delete(name, is_busy=is_busy)
        return EmptyResult()

    def register_application_revision(self) -> ActionResult:
        """RegisterApplicationRevision."""
        application = self.codedeploy_backend.application(self._get_param("applicationName"))
        revision = self._revisions.register(
            application.name, self._get_param("revision"), self.read_object
        )
        revision.description = self._get_param("description")
        return EmptyResult()

    def get_application_revision(self) -> ActionResult:
        """GetApplicationRevision: the one call that shows an AppSpec's content again."""
        application = self.codedeploy_backend.application(self._get_param("applicationName"))
        revision = self._revisions.find(application.name, self._get_param("revision"))
        location, info = revision_wire(revision)
        return ActionResult(
            {"applicationName": application.name, "revision": location, "revisionInfo": info}
        )

    def batch_get_application_revisions(self) -> ActionResult:
        """BatchGetApplicationRevisions."""
        application = self.codedeploy_backend.application(self._get_param("applicationName"))
        found = [
            self._revisions.find(application.name, location)
            for location in self._get_param("revisions", [])
        ]
        return ActionResult({"applicationName": application.name, "revisions": _with_infos(found)})

    def list_application_revisions(self) -> ActionResult:
        """ListApplicationRevisions."""
        application = self.codedeploy_backend.application(self._get_param("applicationName"))
        known = self._revisions.all_of(application.name)
        return ActionResult({"revisions": [revision_wire(one)[0] for one in known]})

    def list_tags_for_resource(self) -> ActionResult:
        """ListTagsForResource."""
        arn = self._get_param("ResourceArn")
        return ActionResult(self.codedeploy_backend.tagger.list_tags_for_resource(arn))

    def tag_resource(self) -> EmptyResult:
        """TagResource."""
        arn = self._get_param("ResourceArn")
        self.codedeploy_backend.tagger.tag_resource(arn, self._get_param("Tags", []))
        return EmptyResult()

    def untag_resource(self) -> EmptyResult:
        """UntagResource."""
        arn = self._get_param("ResourceArn")
        keys = self._get_param("TagKeys", [])
        self.codedeploy_backend.tagger.untag_resource_using_names(arn, keys)
        return EmptyResult()

    @property
    def _revisions(self) -> Revisions:
        return self.codedeploy_backend.revisions

    def _group(self) -> DeploymentGroup:
        return self.codedeploy_backend.group(
            self._get_param("applicationName"), self._get_param("deploymentGroupName")
        )

    def _shown(self, group: DeploymentGroup) -> dict[str, Any]:
        platform = self.codedeploy_backend.application(group.application).platform
        return group_wire(group, platform)

    def _checked(self, application: Application, given: Any) -> dict[str, Any]:
        settings = with_defaults(given, application.platform)
        config = self.codedeploy_backend.configurations.get(settings["deploymentConfigName"])
        if config.platform != application.platform:
            raise Refusal(
                "InvalidDeploymentConfigName",
                f"The deployment configuration {config.name} is for the {config.platform} compute"
                f" platform, not for {application.platform}",
            )
        if application.platform == "ECS":
            check_ecs_settings(settings)
        return settings

    @staticmethod
    def _platform(name: str) -> Platform:
        if name not in _PLATFORMS:
            raise Refusal("InvalidComputePlatform", f"The compute platform {name} is invalid.")
        return cast(Platform, name)


def _with_infos(revisions: Iterable[Revision]) -> list[dict[str, Any]]:
    shown = (revision_wire(revision) for revision in revisions)
    return [{"revisionLocation": location, "genericRevisionInfo": info} for location, info in shown]
