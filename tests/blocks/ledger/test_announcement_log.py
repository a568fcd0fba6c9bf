"""What was said: written only where nobody was faster, and beside the releases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from blocks.delivery_environment import DeliveryEnvironment
from blocks.ledger.announcement_log import Telling
from blocks.ledger.attempt_request import AttemptRequest
from blocks.ledger.ownership import this_owner
from delightful.announcing import Standing, Told
from delightful.errors import ExternalError
from delightful.release import AttemptKind
from tests.flows.fakes.cloud import FakeCloud

TOLD = Told(
    release_id="api-sandbox-000001",
    slack_thread="17.5",
    slack=(Standing.STARTED,),
    deployment=3,
    pull_request=7,
    unclear=("slack LIVE",),
    refused={"comment": 2},
)


def test_a_record_is_written_over_the_one_that_was_read() -> None:
    """Whoever read an older one is told so, and the stored one stays."""
    log = FakeCloud().announcement_log("api")
    first = log.keep_told(TOLD)
    assert first is not None
    assert log.told("api", "sandbox") == (first,)
    assert log.keep_told(first.model_copy(update={"deployment": 4})) is not None
    assert log.keep_told(first) is None
    assert log.keep_told(TOLD) is None
    assert log.told("api", "sandbox")[0].deployment == 4


@pytest.mark.parametrize(
    ("claim", "now", "is_free"),
    [
        (Telling(), 5.0, True),
        (Telling(by=this_owner(None), until=9.0), 5.0, False),
        (Telling(by=this_owner(None), until=9.0), 9.0, True),
        (
            Telling(by=this_owner(None).model_copy(update={"process_started_ticks": 1}), until=9.0),
            5.0,
            True,
        ),
        (Telling(by=this_owner(None), until=9.0).let_go(), 5.0, True),
    ],
)
def test_a_claim_ends_with_its_time_or_its_holder(
    claim: Telling, now: float, is_free: bool
) -> None:
    """One that is alive is left to tell; one whose process is gone is not waited for."""
    assert FakeCloud().announcement_log("api").is_free(claim, now) is is_free


def test_a_record_that_cannot_be_read_is_named() -> None:
    """What somebody changed beyond reading says which item, and that it may be deleted."""
    cloud = FakeCloud()
    items = cloud.ledger("api")._memory.items
    items["api/sandbox", "telling"] = {"stream": "api/sandbox", "item": "telling", "record": "{"}
    with pytest.raises(ExternalError, match=r"E_RECORD .*api/sandbox telling.*delete the item"):
        cloud.announcement_log("api").telling("api", "sandbox")


@pytest.mark.sandbox
def test_it_lies_beside_the_releases_and_one_of_many_gets_the_claim(
    delivery: DeliveryEnvironment,
) -> None:
    """On DynamoDB: every part comes back, releases are what they were, and claims do not mix."""
    ledger, log = delivery.ledger("api"), delivery.announcement_log("api")
    request = AttemptRequest(
        service="api",
        environment="sandbox",
        commit="a" * 40,
        kind=AttemptKind.DEPLOY,
        history=("a" * 40,),
    )
    release = ledger.open_attempt(request, this_owner(None), datetime(2026, 11, 23, tzinfo=UTC))
    told = log.keep_told(TOLD.model_copy(update={"release_id": release.release_id}))
    assert log.told("api", "sandbox") == (told,)
    assert ledger.history("api", "sandbox") == (release,)
    claim = log.telling("api", "sandbox").claimed(this_owner(None), 9.0, {"slack": 1})
    with ThreadPoolExecutor(6) as pool:
        kept = list(pool.map(lambda _: log.keep_telling("api", "sandbox", claim), range(6)))
    assert [one for one in kept if one] == [log.telling("api", "sandbox")]
