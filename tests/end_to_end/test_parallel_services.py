"""Services of one environment never wait for each other: the benchmark, with a few of them."""

import pytest

from benchmarks.parallel_services import ENVIRONMENT, STACK_MIB, bounded, measure
from sandbox.description import SandboxDescription

SERVICES = 4

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(900)]


def test_services_are_applied_at_the_same_time(
    sandbox: SandboxDescription,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every apply is clean without patience for a lock, each holds its own, and plans empty."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    outcome = measure(sandbox, SERVICES)
    assert outcome.most_locks_at_once > 1
    expected = {
        f"{sandbox.state_bucket}/services/{ENVIRONMENT}/service-{number}/terraform.tfstate"
        for number in range(SERVICES)
    }
    assert set(outcome.locks) == expected
    assert outcome.planned_empty == outcome.planned_again > 0


def test_memory_bounds_how_many_run_at_a_time() -> None:
    """A small machine applies some at a time, at least one; a large one all."""
    assert bounded(20, 64 * 1024) == 20
    assert bounded(20, 2048 + 5 * STACK_MIB) == 5
    assert bounded(20, 512) == 1
