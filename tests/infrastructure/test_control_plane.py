"""The control plane sets what the pinned Prefect reads, under the names that it reads."""

import re
from pathlib import Path

import prefect.settings
import pytest
from prefect.settings import Settings
from prefect_aws.settings import EcsObserverSettings

PROJECT = Path(__file__).parents[2]
INFRASTRUCTURE = PROJECT / "infrastructure"
MAIN = INFRASTRUCTURE / "modules/control_plane/main.tf"
SET = sorted(set(re.findall(r"^ +(PREFECT_[A-Z0-9_]+) += ", MAIN.read_text(), re.M)))
QUEUE = "PREFECT_INTEGRATIONS_AWS_ECS_OBSERVER_SQS_QUEUE_NAME"
# prefect-redis is in the server's image only.
OF_REDIS = {"PREFECT_REDIS_MESSAGING_URL", "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL"}


def test_every_setting_is_one_that_prefect_knows() -> None:
    """A name that Prefect does not know would be passed over without a word."""
    known = [name for name in SET if name not in OF_REDIS | {QUEUE}]
    assert len(known) > 15
    assert [name for name in known if not hasattr(prefect.settings, name)] == []


@pytest.mark.slow
def test_prefect_makes_its_database_address_of_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password needs no entry point to become part of an address, whatever is in it."""
    parts = {"HOST": "db.test", "PORT": "5432", "NAME": "prefect", "USER": "us", "PASSWORD": "p@/:"}
    for part, value in {**parts, "DRIVER": "postgresql+asyncpg"}.items():
        assert f"PREFECT_SERVER_DATABASE_{part}" in SET
        monkeypatch.setenv(f"PREFECT_SERVER_DATABASE_{part}", value)
    url = Settings().server.database.connection_url
    assert url is not None
    assert url.get_secret_value() == "postgresql+asyncpg://us:p%40%2F%3A@db.test:5432/prefect"


def test_the_observer_reads_the_queue_that_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the observer would look for a queue of its own and hear of nothing."""
    assert QUEUE in SET
    monkeypatch.setenv(QUEUE, "delightful-staging-task-events")
    assert EcsObserverSettings().sqs.queue_name == "delightful-staging-task-events"


def test_work_pool_wants_only_what_the_platform_publishes() -> None:
    """Every path in deployments.yaml is a key of the platform's parameter."""
    wanted = re.findall(r"{{ platform\.([a-z_.]+) }}", (PROJECT / "deployments.yaml").read_text())
    of_prefect = keys(INFRASTRUCTURE / "modules/control_plane/outputs.tf")
    published = keys(INFRASTRUCTURE / "platform/main.tf") | {f"prefect.{one}" for one in of_prefect}
    assert len(wanted) >= 10
    assert set(wanted) - published == set()


def keys(file: Path) -> set[str]:
    """Return the keys of the objects that stand in a Terraform file."""
    return set(re.findall(r"^ {4}([a-z_]+) += ", file.read_text(), re.M))
