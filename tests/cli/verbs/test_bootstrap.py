"""`delightful bootstrap` shows what it would do, and does it only where somebody says yes."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from prefect_aws import AwsCredentials

from blocks.delivery_environment import DeliveryEnvironment
from blocks.terraform.saved_plan import SavedPlan
from cli.verbs import bootstrap
from delightful.errors import ConfigError, Refused
from delightful.planned import PlanSummary, ResourceChange
from flows.registering import registration

ROLES = "arn:aws:iam::123456789012:role/delightful"
OUTPUTS = {
    "state_bucket_name": "states",
    "lock_table_name": "locks",
    "ledger_table_name": "releases",
    "artifact_bucket_name": "artifacts",
    "analyzer_function_name": "delightful-analyzer",
    "worker_role_arns": {"staging": f"{ROLES}/delightful-staging-worker"},
}


class Account:
    """A bootstrap that remembers what was asked of it."""

    in_bucket = SimpleNamespace(
        state_bucket="states",
        state_key="a.tfstate",
        credentials=AwsCredentials(region_name="eu-central-1"),
        outputs=lambda: SimpleNamespace(outputs=OUTPUTS),
    )

    def __init__(self, *changed: str, is_here: bool = True) -> None:
        changes = [ResourceChange(address=one, type="aws_a", action="create") for one in changed]
        self.saved = SavedPlan(
            path=Path("plan"),
            variables={},
            summary=PlanSummary(changes=tuple(changes)),
            has_changes=bool(changed),
        )
        self.done: list[str] = []
        self._is_here = is_here

    def stack(self) -> "Account":
        """Return what plans and applies."""
        return self

    def plan(self, variables: dict[str, Any], say: Any) -> SavedPlan:
        """Return the plan."""
        return self.saved

    def apply(self, saved: SavedPlan, say: Any) -> None:
        """Remember it."""
        self.done.append("apply")

    def move_state(self, say: Any) -> bool:
        """Remember it where there is something to move."""
        self.done += ["move"] if self._is_here else []
        return self._is_here


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return what runs the command on an account."""
    file = tmp_path / "account.tfvars"
    file.write_text("")

    def ran(account: Account, *arguments: str) -> Any:
        monkeypatch.setattr(bootstrap, "_bootstrap", lambda *_: (account, {}))
        return CliRunner().invoke(
            bootstrap.command, ["--variables", str(file), *arguments], standalone_mode=False
        )

    return ran


def test_applies_and_moves_the_state_after_a_yes(run: Any) -> None:
    """What is applied was shown before, and the state ends in the bucket."""
    account = Account("aws_a.x")
    answer = run(account, "--yes")
    assert answer.return_value == 0
    assert account.done == ["apply", "move"]
    assert "plan: 1 to create\n  + aws_a.x" in answer.stderr
    assert "s3://states/a.tfstate" in answer.stdout


def test_refuses_where_nobody_can_be_asked(run: Any) -> None:
    """Away from a terminal silence is a no, told with the way to say yes."""
    account = Account("aws_a.x")
    answer = run(account)
    assert isinstance(answer.exception, Refused)
    assert "E_CONFIRM" in str(answer.exception)
    assert "--yes" in str(answer.exception)
    assert account.done == []


def test_dry_run_changes_nothing(run: Any) -> None:
    """The plan is shown, and neither applied nor is a state moved."""
    account = Account("aws_a.x")
    answer = run(account, "--dry-run", "--json")
    assert json.loads(answer.stdout)["applied"] is False
    assert [one["address"] for one in json.loads(answer.stdout)["changes"]] == ["aws_a.x"]
    assert account.done == []


def test_goes_on_with_the_move_where_an_apply_was_cut_short_after_its_end(run: Any) -> None:
    """An empty plan needs no yes, and a state that is still here is moved."""
    account = Account()
    answer = run(account, "--json")
    assert json.loads(answer.stdout)["state_moved"] is True
    assert account.done == ["move"]


def test_says_that_there_is_nothing_to_do(run: Any) -> None:
    """Asked again, it changes nothing and says so."""
    account = Account(is_here=False)
    answer = run(account)
    assert answer.stdout.startswith("nothing to do")
    assert account.done == []


def test_registers_an_environment_of_the_account(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its block is made of what bootstrap made, and holds no key; its flows run on ECS."""
    registered = _registrations(monkeypatch)
    answer = run(Account(is_here=False), "--register", "staging")
    assert answer.return_value == 0, answer.exception
    ((environment, pool_type, scheduled),) = registered
    assert (environment.environment, pool_type, scheduled) == ("staging", "ecs", None)
    assert (environment.roles_arn, environment.packaging) == (ROLES, "adopt")
    assert environment.credentials == AwsCredentials(region_name="eu-central-1")
    assert "work pool delightful-ecs" in answer.stderr


@pytest.mark.parametrize(
    ("options", "services"),
    [
        (("--schedule", "api", "--schedule", "shop"), ["api", "shop"]),
        (("--no-schedules",), []),
    ],
)
def test_schedules_are_turned_on_and_off_where_it_is_registered(
    run: Any, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], services: list[str]
) -> None:
    """The services that are named are looked after; without a word it stays as it was."""
    registered = _registrations(monkeypatch)
    answer = run(Account(is_here=False), "--register", "staging", *options)
    assert answer.return_value == 0, answer.exception
    assert [scheduled for _, _, scheduled in registered] == [services]


def _registrations(
    monkeypatch: pytest.MonkeyPatch,
) -> list[tuple[DeliveryEnvironment, str, list[str] | None]]:
    registered: list[tuple[DeliveryEnvironment, str, list[str] | None]] = []

    def register(
        environment: DeliveryEnvironment, pool_type: str, scheduled: list[str] | None
    ) -> SimpleNamespace:
        registered.append((environment, pool_type, scheduled))
        return SimpleNamespace(name="delightful-ecs")

    monkeypatch.setattr(registration, "register", register)
    return registered


def test_environment_that_the_account_lacks_is_not_registered(run: Any) -> None:
    """The answer names those that there are."""
    answer = run(Account(is_here=False), "--register", "qa")
    assert isinstance(answer.exception, ConfigError)
    assert "E_ENV_NAME" in str(answer.exception)
    assert "only staging" in str(answer.exception)


def test_missing_package_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    """Without the analyzer's zip the answer says how to build it."""
    file = tmp_path / "account.tfvars"
    file.write_text("")
    arguments = ["--variables", str(file), "--package", str(tmp_path / "none.zip")]
    answer = CliRunner().invoke(bootstrap.command, arguments, standalone_mode=False)
    assert isinstance(answer.exception, ConfigError)
    assert "E_PACKAGE" in str(answer.exception)
    assert "make lambda" in str(answer.exception)
