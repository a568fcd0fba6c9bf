"""A rollback goes to a release that was good, and never to the one that is."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.errors import ConfigError, ExitCode
from delightful.release import TERMINAL_STATES, AttemptKind, Release, ReleaseState
from delightful.rollback import restorable, rollback_target
from tests.delightful.samples import release


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[Release], str | None]:
    """Return a history, newest first, as attempts and rollbacks leave it, and what is good."""
    history: list[Release] = []
    good: str | None = None
    for number in range(1, draw(st.integers(0, 12)) + 1):
        state = draw(st.sampled_from(sorted(TERMINAL_STATES)))
        restorable = [
            earlier.release_id
            for earlier in history
            if earlier.state is ReleaseState.GOOD and earlier.release_id != good
        ]
        restores = draw(st.sampled_from([None, *restorable]))
        kind = AttemptKind.ROLLBACK if restores else AttemptKind.DEPLOY
        history.insert(0, release(number, state=state, kind=kind, restores=restores))
        good = history[0].release_id if state is ReleaseState.GOOD else good
    return history, good


def chosen(history: list[Release], good: str | None, wanted: str) -> Release | None:
    """Return the target, or None where the choice is refused for lack of one."""
    with contextlib.suppress(ConfigError):
        return rollback_target(history, good, wanted)
    return None


@given(ledgers(), st.integers(0, 14))
def test_never_takes_what_was_not_good(
    ledger: tuple[list[Release], str | None], number: int
) -> None:
    """Whatever is wanted, the answer was GOOD and is not what is good now."""
    history, good = ledger
    for wanted in ("previous", f"api-sandbox-{number:06d}"):
        target = chosen(history, good, wanted)
        if target is not None:
            assert target.state is ReleaseState.GOOD
            assert target.release_id != good
            assert wanted in ("previous", target.release_id)


@given(ledgers())
def test_takes_every_named_good_release(ledger: tuple[list[Release], str | None]) -> None:
    """Each release that was good and is not good now can be had by its id."""
    history, good = ledger
    for wanted in history:
        if wanted.state is ReleaseState.GOOD and wanted.release_id != good:
            assert rollback_target(history, good, wanted.release_id) == wanted


@given(ledgers())
def test_previous_is_the_last_good_one(ledger: tuple[list[Release], str | None]) -> None:
    """After a deploy, previous is the newest GOOD release before it, whatever failed between."""
    history, good = ledger
    current = next((one for one in history if one.release_id == good), None)
    if current is None or current.restores is not None:
        return
    earlier = [
        one for one in history if one.sequence < current.sequence and one.state is ReleaseState.GOOD
    ]
    assert chosen(history, good, "previous") == (earlier[0] if earlier else None)


@given(ledgers())
def test_rolling_back_again_goes_further_back(ledger: tuple[list[Release], str | None]) -> None:
    """Previous, then previous again, never returns to a release that was just left."""
    history, good = ledger
    left: set[str] = set()
    while (target := chosen(history, good, "previous")) is not None:
        assert target.release_id not in left
        left |= {str(good), target.release_id}
        number = history[0].sequence + 1
        rollback = release(number, kind=AttemptKind.ROLLBACK, restores=target.release_id)
        history, good = [rollback, *history], rollback.release_id
    assert len(left) <= 2 * len(history)


def test_names_the_last_five_good_releases() -> None:
    """A wrong target is answered with the five newest that could be had instead."""
    history = [release(number) for number in range(9, 0, -1)]
    with pytest.raises(ConfigError) as caught:
        rollback_target(history, "api-sandbox-000009", "web-sandbox-000001")
    assert (caught.value.code, caught.value.exit_code) == ("E_TARGET", ExitCode.BAD_INPUT)
    assert "allowed api-sandbox-000008" in caught.value.message
    assert "api-sandbox-000004" in caught.value.message
    assert "api-sandbox-000003" not in caught.value.message


def test_refuses_a_history_that_restores_in_a_circle() -> None:
    """A record that claims to restore a later release ends the search, never loops."""
    one, two = release(1, restores="api-sandbox-000002"), release(2, restores="api-sandbox-000001")
    assert chosen([two, one], "api-sandbox-000002", "previous") is None


def test_has_no_target_before_the_first_good_release() -> None:
    """Where nothing was ever good there is nothing to go back to."""
    assert chosen([release(1, state=ReleaseState.FAILED)], None, "previous") is None


@given(ledgers())
def test_what_could_be_taken_back_begins_with_previous(
    ledger: tuple[list[Release], str | None],
) -> None:
    """Every good release is among it that is not what serves already; what was left comes last."""
    history, good = ledger
    found = restorable(history, good)
    serving = {one.commit for one in history if one.release_id == good}
    assert {one.release_id for one in found} == {
        one.release_id
        for one in history
        if one.state is ReleaseState.GOOD and one.commit not in serving
    }
    previous = chosen(history, good, "previous")
    if previous is not None and previous.commit not in serving:
        assert found[0] == previous
