"""The ledger on DynamoDB: the same promises, under races."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from blocks.delivery_environment import DeliveryEnvironment
from blocks.ledger.attempt_request import AttemptRequest
from blocks.ledger.ownership import this_owner
from delightful.errors import ConfigError, Refused
from delightful.release import AttemptKind, Release, ReleaseState

pytestmark = pytest.mark.sandbox

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def request(service: str, commit: str = "a") -> AttemptRequest:
    return AttemptRequest(
        service=service,
        environment="sandbox",
        commit=commit * 40,
        kind=AttemptKind.DEPLOY,
        history=(commit * 40,),
    )


def at_once(calls: list[Callable[[], Release]]) -> tuple[list[Release], list[Refused]]:
    """Make all calls at the same time and return what came of them."""
    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(call) for call in calls]
    errors = [future.exception() for future in futures]
    opened = [future.result() for future in futures if future.exception() is None]
    return opened, [error for error in errors if isinstance(error, Refused)]


def test_release_goes_its_way_and_is_found_again(delivery: DeliveryEnvironment) -> None:
    """Every part of a record comes back as it was stored, and the head with it."""
    ledger, owner = delivery.ledger("way"), this_owner("run")
    assert ledger.head("way", "sandbox").sequence == 0
    release = ledger.open_attempt(request("way"), owner, NOW)
    for state in ("BUILT", "APPLIED", "LIVE", "GOOD"):
        release = release.moved_to(ReleaseState(state), NOW)
        ledger.record(release)
        ledger.record(release)
    assert ledger.get("way-sandbox-000001") == release
    assert ledger.history("way", "sandbox") == (release,)
    head = ledger.head("way", "sandbox")
    assert (head.sequence, head.good, head.in_progress) == (1, release.release_id, None)


def test_one_of_many_racing_runs_gets_the_mutex(delivery: DeliveryEnvironment) -> None:
    """Eight runs at once: one opens, seven are refused with the winner's name."""
    owners = [this_owner(f"run {number}") for number in range(8)]
    opened, refused = at_once(
        [
            lambda owner=owner: delivery.ledger("race").open_attempt(request("race"), owner, NOW)  # type: ignore[misc]
            for owner in owners
        ]
    )
    assert (len(opened), len(refused)) == (1, 7)
    assert all(opened[0].release_id in error.message for error in refused)


def test_one_of_many_heirs_takes_over(delivery: DeliveryEnvironment) -> None:
    """A dead run's attempt is resumed by one heir, and the others see who it is."""
    gone = this_owner("gone").model_copy(update={"process_started_ticks": 1})
    first = delivery.ledger("heirs").open_attempt(request("heirs"), gone, NOW)
    heirs = [this_owner(f"heir {number}") for number in range(6)]
    opened, refused = at_once(
        [
            lambda heir=heir: delivery.ledger("heirs").open_attempt(request("heirs"), heir, NOW)  # type: ignore[misc]
            for heir in heirs
        ]
    )
    assert [release.release_id for release in opened] == [first.release_id]
    assert len(refused) == 5
    with pytest.raises(Refused, match="E_FENCED"):
        delivery.ledger("heirs").record(first.moved_to(ReleaseState.BUILT, NOW))


def test_history_is_read_over_as_many_pages_as_it_takes(delivery: DeliveryEnvironment) -> None:
    """More than one page of a query comes back whole, newest first."""
    ledger, owner = delivery.ledger("pages"), this_owner("run")
    for number in range(12):
        opened = ledger.open_attempt(request("pages", "0123456789ab"[number]), owner, NOW)
        large = opened.with_parts(reason="x" * 200_000)
        ledger.record(large.moved_to(ReleaseState.FAILED, NOW))
    found = ledger.history("pages", "sandbox", limit=10)
    assert [release.sequence for release in found] == list(range(12, 2, -1))


def test_missing_table_is_told(delivery: DeliveryEnvironment) -> None:
    """Without its table the ledger says what to apply."""
    ledger = delivery.ledger("any").model_copy(update={"table_name": "no-such-table"})
    with pytest.raises(ConfigError, match=r"E_LEDGER_TABLE .*no-such-table"):
        ledger.head("any", "sandbox")
    with pytest.raises(ConfigError, match="E_LEDGER_TABLE"):
        ledger.open_attempt(request("any"), this_owner(None), NOW)


def test_environments_of_a_service_are_found(delivery: DeliveryEnvironment) -> None:
    """Whatever there is about it counts, and no service whose name begins alike."""
    ledger = delivery.ledger("found")
    for service, environment in (("found", "staging"), ("found", "sandbox"), ("found2", "test")):
        ledger.freeze(service, environment, "audit", "ann")
    assert ledger.environments("found") == ("sandbox", "staging")
