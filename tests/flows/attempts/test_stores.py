"""Databases and caches stay when an earlier release comes back."""

from pathlib import Path

import pytest

from delightful.errors import DeployFailed
from delightful.release import ReleaseState
from flows.rollback import rollback
from tests.delightful.samples import commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import broken
from tests.flows.test_deploy import deployed

pytestmark = pytest.mark.usefixtures("told_plainly")
POSTGRES = {"engine": "postgres"}


@pytest.fixture
def storing(source: str) -> str:
    """Return a service that asks for a database, which its first release did not."""
    manifest = Path(source) / ".delightful.yaml"
    manifest.write_text(manifest.read_text() + "database: {engine: postgres}\n")
    return source


def test_way_back_keeps_the_database_of_the_release_that_failed(
    cloud: FakeCloud, storing: str
) -> None:
    """The good release comes back around the new database, which is not deleted."""
    cloud.serve(1)
    cloud.wrong.add(commit(2))
    with pytest.raises(DeployFailed):
        deployed(storing, 2)
    assert cloud.applied["database"] == POSTGRES
    assert cloud.applied["image_tag"] == commit(1)


def test_rollback_to_before_the_database_keeps_it(cloud: FakeCloud, storing: str) -> None:
    """All else is the earlier release's, and the proof does not count the stores."""
    cloud.serve(1)
    deployed(storing, 2)
    release = rollback(service="api", environment="sandbox", reason="too slow")
    assert release.state is ReleaseState.GOOD
    assert cloud.applied["database"] == POSTGRES
    assert cloud.serving_commit() == commit(1)
    assert release.verdict is not None
    (check,) = [one for one in release.verdict.checks if one.name == "restored inputs"]
    assert check.ok is True


def test_failed_apply_goes_back_to_what_was_there(cloud: FakeCloud, storing: str) -> None:
    """A database that may never have come to be is not asked for by the way back."""
    cloud.serve(1)
    cloud.failures["apply"] = [broken("too many instances")]
    with pytest.raises(DeployFailed, match="too many instances"):
        deployed(storing, 2)
    assert "database" not in cloud.applied
