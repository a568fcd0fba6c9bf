"""One environment: where it lives, and every block that works on it."""

from pathlib import Path
from typing import Literal, Self

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl, model_validator

from blocks.code_analyzer import KEY_ARN_PATTERN, CodeAnalyzer
from blocks.ecs.codedeploy_rollout import CodeDeployRollout
from blocks.ecs.preflight import ServicePreflight
from blocks.ecs.probe import ServiceProbe
from blocks.ecs.release_command import ReleaseCommand
from blocks.ecs.rolling_rollout import RollingRollout
from blocks.ecs.service import EcsService
from blocks.ecs.task_definitions import TaskDefinitions
from blocks.images.attestation_store import AttestationStore
from blocks.images.builder import ImageBuilder
from blocks.images.registry import ImageRegistry
from blocks.ledger.announcement_log import AnnouncementLog
from blocks.ledger.plan_approvals import PlanApprovals
from blocks.ledger.release_ledger import ReleaseLedger
from blocks.messengers.github_repository import GitHubRepository
from blocks.messengers.pull_request_commenter import PullRequestCommenter
from blocks.messengers.slack_channel import SlackChannel
from blocks.scanning.dependency_scanner import DependencyScanner
from blocks.signed_identity import caller_arn
from blocks.source_archives import SourceArchives
from blocks.step_roles import as_apply, as_deploy, as_plan
from blocks.terraform.stack import TerraformStack
from delightful.approval import Approvers, machinery_roles
from delightful.names import environment_name, service_name
from delightful.release import StackOutputs

Root = Literal["registry", "platform", "service"]


class DeliveryEnvironment(Block):
    """
    Settings of one environment; hands out the blocks that work on it.

    Example:
        See what is good in an environment:
        ```python
        from blocks.delivery_environment import DeliveryEnvironment

        delivery = DeliveryEnvironment.load("BLOCK_NAME")
        print(delivery.ledger("hello").head("hello", delivery.environment).good)
        ```
    """

    _block_type_name = "Delivery Environment"
    _block_type_slug = "delivery-environment"
    _documentation_url = HttpUrl("https://docs.prefect.io/v3/concepts/blocks")

    environment: str = Field(
        pattern=r"^[a-z][a-z0-9]{1,15}$",
        description="Name of the environment, which is this block's name too.",
    )
    credentials: AwsCredentials = Field(description="Credentials for the environment's account.")
    roles_arn: str | None = Field(
        default=None,
        pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[a-z][a-z0-9-]*$",
        description="Path of the roles that steps take on, as ARN, or none: the credentials do.",
    )
    state_bucket: str = Field(
        min_length=3, max_length=63, description="Bucket of the Terraform states."
    )
    lock_table: str = Field(
        min_length=3, max_length=255, description="DynamoDB table of the Terraform state locks."
    )
    ledger_table: str = Field(
        min_length=3, max_length=255, description="DynamoDB table of the release ledger."
    )
    artifact_bucket: str = Field(
        min_length=3, max_length=63, description="Bucket of recommendations and results."
    )
    infrastructure_directory: Path = Field(
        description="Path of the folder `infrastructure/`, with its roots and modules."
    )
    variables_directory: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
        description="Folder of `platform.tfvars` and `service.tfvars`, below `infrastructure/`.",
    )
    packaging: Literal["container", "files", "adopt"] = Field(
        default="container",
        description="Build with a container engine, pack the files alone, or never build.",
    )
    analyzer_function_name: str | None = Field(
        default=None,
        max_length=140,
        description="Lambda function of the analyzer, or none to analyze in process.",
    )
    language_model_key_arn: str | None = Field(
        default=None,
        pattern=KEY_ARN_PATTERN,
        description="Secret with the key of a model that is asked where no function is named.",
    )
    language_model: str | None = Field(
        default=None, max_length=60, description="Model that is asked, or none for the default."
    )
    commenter_function_name: str | None = Field(
        default=None,
        max_length=140,
        description="Lambda function that comments on pull requests, or none to do so from here.",
    )
    poll_seconds: float = Field(
        default=5.0, ge=0.1, le=60.0, description="How long to wait between two looks."
    )
    requires_approval: bool | None = Field(
        default=None,
        description="Whether a dangerous plan waits for a named approval; unset: production alone.",
    )
    approval_seconds: int = Field(
        default=3600, ge=1, le=43200, description="How long a plan waits, and an approval counts."
    )
    approvers: tuple[str, ...] = Field(
        default=(),
        description="ARNs, with * in them, of who may approve; none: who may write the ledger.",
    )
    scheduled_services: tuple[str, ...] = Field(
        default=(), description="Services that the schedules of the flows look after."
    )
    requires_scan: bool | None = Field(
        default=None,
        description="Whether only what was scanned, with nothing found, goes on; unset: production "
        "alone.",
    )
    scanner: DependencyScanner | None = Field(
        default=None, description="Scanner with its advisory services, or none for the public ones."
    )
    lock_wait_seconds: int = Field(
        default=600,
        ge=0,
        le=86_400,
        description="How long a deploy waits for the one before it, and a rollback for another.",
    )
    github: GitHubRepository | None = Field(
        default=None, description="Repository that gets the comments, or none."
    )
    slack: SlackChannel | None = Field(
        default=None, description="Channel that is told of releases, or none."
    )
    terraform_cli_config: Path | None = Field(
        default=None, description="File that TF_CLI_CONFIG_FILE names, or none."
    )

    @model_validator(mode="after")
    def _model_is_asked_in_one_place(self) -> Self:
        if self.analyzer_function_name and self.language_model_key_arn:
            raise ValueError("the analyzer's function has a key of its own: give one of the two")
        return self

    def ledger(self, service: str) -> ReleaseLedger:
        """Return the release ledger, of which a deploy role reaches its own service's part."""
        return ReleaseLedger(credentials=self._deployer(service), table_name=self.ledger_table)

    @property
    def asks_for_approval(self) -> bool:
        """Say whether a dangerous plan is applied only once a person has approved it."""
        if self.requires_approval is None:
            return self.environment == "production"
        return self.requires_approval

    def approvals(self, service: str) -> PlanApprovals:
        """Return the answers to the plans of a service."""
        return PlanApprovals(
            credentials=self._deployer(service),
            identity=self.credentials,
            table_name=self.ledger_table,
        )

    def who_approves(self, service: str) -> Approvers:
        """Return whose approval counts."""
        return Approvers(allowed=self.approvers, machinery=machinery_roles(self.roles_arn, service))

    def announcement_log(self, service: str) -> AnnouncementLog:
        """Return what was said of a service's releases, which lies beside the ledger."""
        return AnnouncementLog(credentials=self._deployer(service), table_name=self.ledger_table)

    def caller(self) -> str:
        """Return the ARN of whoever runs the process, as AWS knows him."""
        return caller_arn(self.credentials)

    def registry(self, service: str) -> ImageRegistry:
        """Return a service's image repository."""
        return ImageRegistry(
            credentials=self._deployer(service), repository_name=service_name(service)
        )

    def sources(self, service: str) -> SourceArchives:
        """Return where the files of a service's commits lie."""
        return SourceArchives(credentials=self._deployer(service), bucket=self.artifact_bucket)

    @property
    def asks_for_scan(self) -> bool:
        """Say whether nothing goes on that was not scanned, or has known faults."""
        if self.requires_scan is None:
            return self.environment == "production"
        return self.requires_scan

    def dependency_scanner(self) -> DependencyScanner:
        """Return the scanner of lock files."""
        return self.scanner or DependencyScanner()

    def attestations(self, service: str) -> AttestationStore:
        """Return what is written down of a service's images."""
        return AttestationStore(
            credentials=self._deployer(service),
            bucket=self.artifact_bucket,
            service=service_name(service),
        )

    def build_role(self, service: str) -> str | None:
        """Return the name of the one role that may build, or None where roles are not used."""
        return None if self.roles_arn is None else f"{service_name(service)}-build"

    def analyzer(self, service: str) -> CodeAnalyzer:
        """Return the analyzer."""
        return CodeAnalyzer(
            credentials=self._deployer(service),
            artifact_bucket=self.artifact_bucket,
            function_name=self.analyzer_function_name,
            language_model_key_arn=self.language_model_key_arn,
            language_model=self.language_model,
        )

    def commenter(self, service: str) -> PullRequestCommenter:
        """Return what puts a service's recommendations on pull requests."""
        return PullRequestCommenter(
            credentials=self._deployer(service),
            github=self.github,
            function_name=self.commenter_function_name,
        )

    def builder(self) -> ImageBuilder:
        """Return the image builder."""
        return ImageBuilder(packaging=self.packaging)

    def stack(
        self, root: Root, service: str | None = None, *, read_only: bool = False
    ) -> TerraformStack:
        """Return the stack of a root; only `platform` has no service.

        One that is `read_only` plans without a lock, in the role that changes nothing. A service's
        repository and roles are made by an administrator: `registry` has no role of ours.
        """
        return TerraformStack(
            credentials=self._planner() if read_only else self._applier(root),
            locks=not read_only,
            root=root,
            infrastructure_directory=self.infrastructure_directory,
            state_bucket=self.state_bucket,
            state_key=state_key(root, self.environment, service),
            lock_table=self.lock_table,
            cli_config=self.terraform_cli_config,
        )

    def rollout_engine(
        self, service: str, outputs: StackOutputs
    ) -> CodeDeployRollout | RollingRollout:
        """Return the engine that this service's strategy names."""
        if outputs.deployment_strategy == "blue_green":
            return CodeDeployRollout(credentials=self._deployer(service))
        return RollingRollout(
            credentials=self._deployer(service),
            cluster_name=outputs.cluster_name,
            service_name=outputs.service_name,
        )

    def ecs_service(self, service: str) -> EcsService:
        """Return the observer of what runs."""
        return EcsService(credentials=self._deployer(service))

    def task_definitions(self, service: str) -> TaskDefinitions:
        """Return the revisions of a service's task definition; names are those of Terraform."""
        return TaskDefinitions(
            credentials=self._applier("service"),
            cluster_name=f"delightful-{self.environment}",
            service_name=f"{service_name(service)}-{self.environment}",
        )

    def release_command(self, service: str) -> ReleaseCommand:
        """Return the one who runs a release's own command."""
        return ReleaseCommand(credentials=self._deployer(service))

    def preflight(self) -> ServicePreflight:
        """Return the one who looks before anything moves."""
        return ServicePreflight(credentials=self._planner())

    def probe(self) -> ServiceProbe:
        """Return the smoke prober."""
        return ServiceProbe()

    def _planner(self) -> AwsCredentials:
        return as_plan(self.credentials, self.roles_arn)

    def _applier(self, root: Root) -> AwsCredentials:
        if root == "registry":
            return self.credentials
        return as_apply(self.credentials, self.roles_arn, self.environment)

    def _deployer(self, service: str) -> AwsCredentials:
        return as_deploy(self.credentials, self.roles_arn, self.environment, service)


def state_key(root: Root, environment: str, service: str | None) -> str:
    """Return where the state of a root lies: one object per service and environment.

    Raises:
        ConfigError: E_NAME, E_ENV_NAME.
        ValueError: the root is of a service, and none is named.
    """
    if root == "platform":
        return f"platform/{environment_name(environment)}/terraform.tfstate"
    if service is None:
        raise ValueError(f"the root {root} is of a service: name it")
    if root == "registry":
        return f"registry/{service_name(service)}/terraform.tfstate"
    return f"services/{environment_name(environment)}/{service_name(service)}/terraform.tfstate"
