"""An environment hands out blocks that work on it and on nothing else."""

from pathlib import Path
from typing import Any

import pytest
from prefect_aws import AwsCredentials

from blocks.delivery_environment import DeliveryEnvironment, Root, state_key
from blocks.ecs.codedeploy_rollout import CodeDeployRollout
from blocks.ecs.rolling_rollout import RollingRollout
from delightful.errors import ConfigError
from tests.delightful.samples import outputs

ROLES = "arn:aws:iam::123456789012:role/delightful"
SETTINGS: dict[str, Any] = {
    "environment": "staging",
    "state_bucket": "states",
    "lock_table": "locks",
    "ledger_table": "releases",
    "artifact_bucket": "artifacts",
    "infrastructure_directory": Path("infrastructure"),
}


@pytest.fixture
def delivery() -> DeliveryEnvironment:
    """Return an environment that nobody reaches."""
    return DeliveryEnvironment(credentials=AwsCredentials(region_name="us-east-1"), **SETTINGS)


@pytest.mark.parametrize(
    ("root", "service", "key"),
    [
        ("registry", "hello", "registry/hello/terraform.tfstate"),
        ("platform", None, "platform/staging/terraform.tfstate"),
        ("service", "hello", "services/staging/hello/terraform.tfstate"),
    ],
)
def test_each_stack_has_a_state_of_its_own(
    delivery: DeliveryEnvironment, root: Root, service: str | None, key: str
) -> None:
    """Services and environments never share a state object, so they never wait for each other."""
    stack = delivery.stack(root, service)
    assert (stack.root, stack.state_key, stack.state_bucket) == (root, key, "states")


@pytest.mark.parametrize("service", ["../other", "Hello", ""])
def test_state_key_cannot_be_led_elsewhere(service: str) -> None:
    """A name that is no service name makes no key."""
    with pytest.raises(ConfigError, match="E_NAME"):
        state_key("service", "staging", service)


def test_root_of_a_service_wants_its_name() -> None:
    """A programmer who forgets the service is told at once."""
    with pytest.raises(ValueError, match="registry"):
        state_key("registry", "staging", None)


@pytest.mark.parametrize(
    ("strategy", "engine"), [("blue_green", CodeDeployRollout), ("rolling", RollingRollout)]
)
def test_strategy_chooses_the_engine(
    delivery: DeliveryEnvironment, strategy: str, engine: type[object]
) -> None:
    """The stack's own word decides how traffic moves."""
    named = outputs().model_copy(update={"deployment_strategy": strategy})
    assert isinstance(delivery.rollout_engine("hello", named), engine)


def test_blocks_of_an_environment_share_its_settings(delivery: DeliveryEnvironment) -> None:
    """Ledger, repository and builder are those of this environment."""
    assert delivery.ledger("hello").table_name == "releases"
    assert delivery.registry("hello").repository_name == "hello"
    assert delivery.builder().packaging == "container"


def test_each_step_takes_on_the_role_that_is_for_it(delivery: DeliveryEnvironment) -> None:
    """By the names that bootstrap/ and registry/ give; an administrator's root stays his."""
    there = delivery.model_copy(update={"roles_arn": ROLES})
    roles = {
        "ledger": there.ledger("hello"),
        "image": there.registry("hello"),
        "analyzer": there.analyzer("hello"),
        "rollout": there.rollout_engine("hello", outputs()),
        "look": there.ecs_service("hello"),
        "service": there.stack("service", "hello"),
        "platform": there.stack("platform"),
        "sweep": there.task_definitions("hello"),
        "plan": there.stack("service", "hello", read_only=True),
        "preflight": there.preflight(),
        "registry": there.stack("registry", "hello"),
    }
    taken = {name: block.credentials.assume_role_arn for name, block in roles.items()}
    deployer, applier = f"{ROLES}/hello-staging-deploy", f"{ROLES}/delightful-staging-apply"
    assert taken == {
        **dict.fromkeys(("ledger", "image", "analyzer", "rollout", "look"), deployer),
        **dict.fromkeys(("service", "platform", "sweep"), applier),
        **dict.fromkeys(("plan", "preflight"), f"{ROLES}/delightful-plan"),
        "registry": None,
    }
    assert (there.stack("service", "hello").locks, roles["plan"].locks) == (True, False)


def test_without_roles_everything_is_done_as_who_one_is(delivery: DeliveryEnvironment) -> None:
    """A person at a laptop takes on nothing."""
    blocks = (delivery.ledger("hello"), delivery.stack("service", "hello"), delivery.preflight())
    assert [block.credentials.assume_role_arn for block in blocks] == [None, None, None]


def test_name_of_a_service_cannot_lead_to_another_role(delivery: DeliveryEnvironment) -> None:
    """What is no service name makes no role's ARN."""
    there = delivery.model_copy(update={"roles_arn": ROLES})
    with pytest.raises(ConfigError, match="E_NAME"):
        there.ledger("hello/../administrator")


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": "Staging"},
        {"environment": "a-b"},
        {"variables_directory": "../secrets"},
        {"variables_directory": "/etc"},
        {"poll_seconds": 0},
        {"packaging": "magic"},
        {"approval_seconds": 0},
        {"roles_arn": "arn:aws:iam::123456789012:role/delightful/*"},
        {"language_model_key_arn": "sk-a-key-and-no-reference"},
    ],
)
def test_settings_out_of_bounds_are_refused(changes: dict[str, Any]) -> None:
    """A setting that cannot be right is refused when it is made, not when it is used."""
    with pytest.raises(ValueError, match=next(iter(changes))):
        DeliveryEnvironment(
            credentials=AwsCredentials(region_name="us-east-1"), **{**SETTINGS, **changes}
        )


def test_a_model_is_asked_in_one_place(delivery: DeliveryEnvironment) -> None:
    """The key's reference reaches the analyzer in process; beside a function it is refused."""
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:model-AbCdEf"
    asking = {**SETTINGS, "language_model_key_arn": arn, "language_model": "claude-haiku-5-5"}
    credentials = AwsCredentials(region_name="us-east-1")
    analyzer = DeliveryEnvironment(credentials=credentials, **asking).analyzer("hello")
    assert (analyzer.language_model_key_arn, analyzer.language_model) == (arn, "claude-haiku-5-5")
    assert delivery.analyzer("hello").language_model_key_arn is None
    with pytest.raises(ValueError, match="give one of the two"):
        DeliveryEnvironment(credentials=credentials, analyzer_function_name="analyzer", **asking)


def test_production_asks_for_approvals_unless_it_is_told_otherwise() -> None:
    """What an environment is called decides where nothing is set."""
    credentials = AwsCredentials(region_name="us-east-1")

    def asks(environment: str, **changes: Any) -> bool:
        named = {**SETTINGS, "environment": environment, **changes}
        return DeliveryEnvironment(credentials=credentials, **named).asks_for_approval

    assert (asks("production"), asks("staging")) == (True, False)
    assert not asks("production", requires_approval=False)
    assert asks("staging", requires_approval=True)


def test_answers_are_read_by_the_deployer_and_asked_for_by_who_runs() -> None:
    """The ledger by the service's own role; who runs an attempt is known before any role."""
    block = DeliveryEnvironment(
        credentials=AwsCredentials(region_name="us-east-1"), roles_arn=ROLES, **SETTINGS
    )
    approvals = block.approvals("hello")
    assert approvals.credentials.assume_role_arn == f"{ROLES}/hello-staging-deploy"
    assert approvals.identity.assume_role_arn is None
    assert "hello-*-deploy" in block.who_approves("hello").machinery
