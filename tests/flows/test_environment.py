"""What an environment's variable files say reaches the root that they are for, and no other."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from prefect_aws import AwsCredentials

from blocks.delivery_environment import DeliveryEnvironment
from flows.environment import as_caller, delivery_environment, environment_variables


def staging(folder: Path, variables_directory: str | None) -> DeliveryEnvironment:
    """Return an environment that nobody reaches."""
    return DeliveryEnvironment(
        environment="staging",
        credentials=AwsCredentials(region_name="us-east-1"),
        state_bucket="states",
        lock_table="locks",
        ledger_table="releases",
        artifact_bucket="artifacts",
        infrastructure_directory=folder,
        variables_directory=variables_directory,
    )


def test_each_root_is_told_its_own_file(tmp_path: Path) -> None:
    """A value of the platform never becomes an unknown variable of a service."""
    folder = tmp_path / "environments" / "staging"
    folder.mkdir(parents=True)
    (folder / "platform.tfvars").write_text("availability_zone_count = 3\n")
    (folder / "service.tfvars").write_text("desired_count = 2\n")
    delivery = staging(tmp_path, "environments/staging")
    name = {"environment": "staging"}
    assert environment_variables(delivery, "platform") == name | {"availability_zone_count": 3}
    assert environment_variables(delivery, "service") == name | {"desired_count": 2}


def test_the_environment_keeps_its_name_whatever_a_file_says(tmp_path: Path) -> None:
    """One environment may be set up like another without being taken for it."""
    folder = tmp_path / "like"
    folder.mkdir()
    (folder / "service.tfvars").write_text('environment = "production"\n')
    assert environment_variables(staging(tmp_path, "like"), "service")["environment"] == "staging"


def test_without_files_only_the_name_is_known(tmp_path: Path) -> None:
    """An environment without variable files takes the roots' defaults."""
    delivery = staging(tmp_path, None)
    assert environment_variables(delivery, "platform") == {"environment": "staging"}
    assert environment_variables(delivery, "service") == {"environment": "staging"}


def test_whoever_builds_works_as_themselves_and_builds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inside, an environment's roles and its word never to build do not hold; after it they do."""
    roles = "arn:aws:iam::123456789012:role/delightful"
    update = {"roles_arn": roles, "packaging": "adopt"}
    stored = staging(tmp_path, None).model_copy(update=update)
    monkeypatch.setattr(DeliveryEnvironment, "load", lambda name: stored)
    with as_caller(stored):
        seen = delivery_environment("staging")
        assert (seen.roles_arn, seen.builder().packaging) == (None, "container")
        assert seen.sources("hello").credentials.assume_role_arn is None
    assert delivery_environment("staging") == stored


def test_a_run_keeps_the_environment_that_it_saw_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is saved while it goes counts for the next run; a command looks anew each time."""
    saved = {"staging": staging(tmp_path, None)}
    monkeypatch.setattr(DeliveryEnvironment, "load", lambda name: saved[name])
    seen = {}
    for run_id in ("first", "first", "second", None, None):
        monkeypatch.setattr("flows.environment.flow_run", SimpleNamespace(id=run_id))
        seen.setdefault(run_id, []).append(delivery_environment("staging").poll_seconds)
        saved["staging"] = saved["staging"].model_copy(
            update={"poll_seconds": saved["staging"].poll_seconds + 1}
        )
    start = seen["first"][0]
    assert seen == {"first": [start] * 2, "second": [start + 2], None: [start + 3, start + 4]}
