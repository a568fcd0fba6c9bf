"""Traffic schedules."""

import pytest

from sandbox.codedeploy.shifting import PREDEFINED, ShiftStep, TrafficRouting, shift_steps


def test_moves_everything_in_one_step() -> None:
    """All at once is one step without a wait."""
    assert shift_steps(TrafficRouting()) == [ShiftStep(0, 100)]


@pytest.mark.parametrize("minutes", [5, 15])
def test_canary_waits_once(minutes: int) -> None:
    """A canary gets its share, then after the wait everything."""
    config = PREDEFINED[f"CodeDeployDefault.ECSCanary10Percent{minutes}Minutes"]
    assert shift_steps(config.routing) == [(0, 10), (minutes * 60, 100)]


def test_linear_grows_by_its_share() -> None:
    """Ten steps, nine waits: the recorded run took 552 seconds from the first to the last."""
    steps = shift_steps(PREDEFINED["CodeDeployDefault.ECSLinear10PercentEvery1Minutes"].routing)
    assert [step.percent for step in steps] == list(range(10, 101, 10))
    assert [step.wait_seconds for step in steps] == [0] + [60] * 9


@pytest.mark.parametrize("percentage", [1, 30, 33, 50, 99])
def test_linear_ends_at_exactly_a_hundred(percentage: int) -> None:
    """A share that does not divide a hundred makes a shorter last step, never an overshoot."""
    shares = [s.percent for s in shift_steps(TrafficRouting("TimeBasedLinear", percentage, 1))]
    assert shares[0] == percentage
    assert shares[-1] == 100
    assert shares == sorted(set(shares))
