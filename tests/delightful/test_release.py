"""The states of a release: a way with one end, walked forwards only."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.release import TERMINAL_STATES, TRANSITIONS, Release, ReleaseState
from tests.delightful.samples import START, release

STATES = st.sampled_from(list(ReleaseState))


def walked(release: Release, wishes: list[ReleaseState]) -> Release:
    """Return the release after every wish that its state allows."""
    for minutes, state in enumerate(wishes):
        if state in TRANSITIONS[release.state]:
            release = release.moved_to(state, START + timedelta(minutes=minutes))
    return release


def test_every_state_has_its_transitions() -> None:
    """The table is closed: every state stands in it, and leads only to states that do."""
    assert set(TRANSITIONS) == set(ReleaseState)
    assert {state for nexts in TRANSITIONS.values() for state in nexts} <= set(TRANSITIONS)


def test_ends_are_exactly_the_terminal_states() -> None:
    """A state without a way out is terminal, and no other one is."""
    assert {state for state, nexts in TRANSITIONS.items() if not nexts} == TERMINAL_STATES


@pytest.mark.parametrize("state", sorted(ReleaseState))
def test_every_state_can_still_end(state: ReleaseState) -> None:
    """From every state an end can be reached in one step, so no attempt is stuck open."""
    assert state in TERMINAL_STATES or TRANSITIONS[state] & TERMINAL_STATES


@given(st.lists(STATES, max_size=40))
def test_ends_once(wishes: list[ReleaseState]) -> None:
    """Whatever is asked of it, an attempt has at most one terminal state, and it is the last."""
    pending = release(1, state=ReleaseState.PENDING).with_parts(transitions=())
    ended = [step.state in TERMINAL_STATES for step in walked(pending, wishes).transitions]
    assert sum(ended) <= 1
    assert not any(ended[:-1])


@given(st.lists(STATES, max_size=40))
def test_becomes_good_only_step_by_step(wishes: list[ReleaseState]) -> None:
    """GOOD is reached through BUILT, APPLIED and LIVE, each once and in this order."""
    pending = release(1, state=ReleaseState.PENDING).with_parts(transitions=())
    after = walked(pending, wishes)
    if after.state is ReleaseState.GOOD:
        assert [step.state.value for step in after.transitions] == [
            "BUILT",
            "APPLIED",
            "LIVE",
            "GOOD",
        ]


@given(STATES, STATES)
def test_refuses_a_step_that_is_not_in_the_table(here: ReleaseState, there: ReleaseState) -> None:
    """A step outside the table is an error, and the record stays as it was."""
    before = release(1, state=here)
    if there in TRANSITIONS[here]:
        assert before.moved_to(there, START).state is there
        return
    with pytest.raises(ValueError, match="cannot go from"):
        before.moved_to(there, START)
