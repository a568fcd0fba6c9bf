"""What every test may stand on."""

import functools
import gc
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from sandbox import lifecycle
from sandbox.description import SandboxDescription
from sandbox.settings import SandboxSettings

# The authorities are read anew for every HTTP client, in a tenth of a second; here nobody has TLS.
ssl.create_default_context = functools.cache(ssl.create_default_context)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxDescription]:
    """Return one sandbox for the whole run, twenty times as fast as the wall, without Prefect."""
    directory = tmp_path_factory.mktemp("sandbox")
    with lifecycle.running(directory, SandboxSettings(speed=20, prefect=False)) as description:
        yield description


@pytest.fixture(scope="session")
def sandbox_with_prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxDescription]:
    """Return a second sandbox with a Prefect server of its own."""
    directory = tmp_path_factory.mktemp("sandbox-with-prefect")
    with lifecycle.running(directory, SandboxSettings(speed=20)) as description:
        yield description


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """Run a Prefect server for the session; settings and results are its own, too.

    The server reads its settings from the environment; it has nobody to report to.
    """
    # Loads the whole server, which those who collect these tests need not wait for.
    from prefect.settings import (
        PREFECT_CLIENT_CSRF_SUPPORT_ENABLED,
        PREFECT_LOGGING_TO_API_ENABLED,
        temporary_settings,
    )
    from prefect.testing.utilities import prefect_test_harness

    quick = {PREFECT_LOGGING_TO_API_ENABLED: False, PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: False}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
        with prefect_test_harness(server_startup_timeout=240), temporary_settings(quick):
            yield


def pytest_collection_finish() -> None:
    """Keep what was imported out of the garbage collector: a fifth of the unit tests' time."""
    gc.freeze()


# The slowest groups, so that the last worker to end does not end alone. Who runs the last test of a
# group already holds the next one: after what is long and alone comes what is short.
_SLOWEST = (
    "stage",
    "test_ecs_worker.py",
    "test_infrastructure.py",
    "test_platform.py",
    "test_fork.py",
    "test_bootstrap.py",
    "test_service.py",
    "test_worker_image.py",
    "test_parallel_services.py",
    "test_terraform.py",
    "codedeploy",
)
_START_ORDER = {group: place for place, group in enumerate(_SLOWEST)}
# End-to-end tests that have no use for the stage.
_OFF_STAGE = {
    "test_bootstrap.py",
    "test_ecs_worker.py",
    "test_infrastructure.py",
    "test_parallel_services.py",
    "test_platform.py",
    "test_worker_image.py",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes longest begin first; a whole flow, or a Prefect server, is no unit test."""
    for item in items:
        stands_on = getattr(item, "fixturenames", ())
        if "prefect_server" in stands_on:
            item.add_marker(pytest.mark.sandbox)
        elif "cloud" in stands_on:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: _START_ORDER.get(_group(item.path), len(_START_ORDER)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Keep what shares a sandbox on one worker."""
    return GroupScheduling(config, log)


class GroupScheduling(LoadScopeScheduling):
    """Hands out whole groups of tests, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        path = Path(nodeid.split("::")[0])
        # Every worker has a sandbox for the fault table, and a row may be run on any of them.
        return nodeid if path.parent.name == "faults" else _group(path)

    def _reschedule(self, node: WorkerController) -> None:
        """Keep a group for who is free first: a worker needs to know no more than its next test."""
        knows_its_next = self._pending_of(self.assigned_work[node]) >= 2
        if not (self.workqueue and knows_its_next):
            super()._reschedule(node)


# Below these, the tests of one folder share what is costly to make.
_SHARING = {"sandbox", "infrastructure"}


def _group(path: Path) -> str:
    """Name the group of a test's file: what shares a sandbox or a Prefect server stays together."""
    folder = path.parent.name
    if folder == "end_to_end":
        return path.name if path.name in _OFF_STAGE else "stage"
    shares = folder == "flows" or path.parent.parent.name in _SHARING
    return folder if shares else path.name
