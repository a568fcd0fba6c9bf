"""A deploy tells GitHub and Slack what happened, whatever they answer, and hangs on neither."""

import logging
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import HttpUrl, SecretStr

from blocks.delivery_environment import DeliveryEnvironment
from blocks.messengers.github_repository import GitHubRepository
from blocks.messengers.slack_channel import SlackChannel
from delightful.errors import DeployFailed, Superseded
from delightful.release import AttemptKind, ReleaseState
from flows.attempts.attempt import take_up
from flows.messages import announcing
from flows.messages.teller import Teller
from flows.observe import observe
from flows.rollback import rollback
from tests.delightful.samples import commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import request_for
from tests.flows.test_deploy import deployed
from tests.stand_ins.faults import (
    Fault,
    lost,
    primary_limit,
    secondary_limit,
    slack_error,
    slack_limit,
    slow,
    status,
)
from tests.stand_ins.github import GitHubStandIn, github_stand_in
from tests.stand_ins.slack import SlackStandIn, slack_stand_in

pytestmark = pytest.mark.usefixtures("told_plainly", "passing")

GITHUB_TOKEN, SLACK_TOKEN = "ghs-canary-7781", "xoxb-canary-7782"
ENVIRONMENT = "api-sandbox"
FOREVER = float("inf")


class Time:
    """The tellers' clock: pauses pass at once."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def clock(self) -> float:
        """Return now."""
        return time.time() + self.skipped

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.skipped += seconds


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Let no teller sleep, and the end of an attempt wait until all of them have ended."""
    passing, teller_of = Time(), announcing.teller_of

    def quick(delivery: DeliveryEnvironment, service: str) -> Teller:
        teller = teller_of(delivery, service)
        until = passing.clock() + announcing.TELLING_SECONDS
        return replace(teller, clock=passing.clock, pause=passing.pause, until=until)

    monkeypatch.setattr(announcing, "teller_of", quick)
    monkeypatch.setattr(announcing, "LAST_WORDS_SECONDS", 60.0)
    return passing


@pytest.fixture
def github(cloud: FakeCloud) -> Iterator[GitHubStandIn]:
    """Let the environment have a repository, in which each commit came from a pull request."""
    with github_stand_in() as stand_in:
        for number in range(1, 10):
            stand_in.add_pull(100 + number, commit(number))
        cloud.github = GitHubRepository(
            repository="owner/name",
            token=SecretStr(GITHUB_TOKEN),
            base_url=HttpUrl(stand_in.url),
            timeout_seconds=1,
        )
        yield stand_in
        announcing.await_tellers(60.0)


@pytest.fixture
def slack(cloud: FakeCloud) -> Iterator[SlackStandIn]:
    """Let the environment have a channel."""
    with slack_stand_in() as stand_in:
        cloud.slack = SlackChannel(
            channel="C0RELEASES",
            token=SecretStr(SLACK_TOKEN),
            base_url=HttpUrl(stand_in.url),
            timeout_seconds=1,
        )
        yield stand_in
        announcing.await_tellers(60.0)


def only_thread(slack: SlackStandIn) -> list[str]:
    """Return the texts of the one thread that there is, without symbols and times."""
    (texts,) = slack.threads().values()
    return [text.partition(" ")[2].rpartition(" (")[0] for text in texts]


def test_a_good_release_is_told_from_start_to_end(
    cloud: FakeCloud, source: str, github: GitHubStandIn, slack: SlackStandIn
) -> None:
    """One thread, one deployment that is active, one comment on the commit's pull request."""
    release = deployed(source, 1)
    assert only_thread(slack) == [
        f"{release.release_id} started, deploy of {commit(1)[:12]}",
        f"{release.release_id} is live: it has all the traffic and is being watched",
        f"{release.release_id} is good",
    ]
    (number,) = github.deployments
    assert github.deployments[number]["sha"] == commit(1)
    assert github.states(number)[-1] == "success"
    assert github.statuses[number][-1]["environment_url"] == "http://production"
    assert github.active_deployments(ENVIRONMENT) == [number]
    (body,) = github.bodies(101)
    assert "is good" in body
    assert "https://example.com/dashboard" in body
    assert not github.bodies(102)


def test_the_next_release_replaces_the_one_before(
    cloud: FakeCloud, source: str, github: GitHubStandIn, slack: SlackStandIn
) -> None:
    """One deployment is active, the earlier pull request names its successor, threads are two."""
    deployed(source, 1)
    second = deployed(source, 2)
    first_deployment, second_deployment = github.deployments
    assert github.active_deployments(ENVIRONMENT) == [second_deployment]
    assert github.states(first_deployment)[-1] == "inactive"
    assert f"{second.release_id} serves now".replace("-", "\\-") in github.bodies(101)[0]
    assert len(slack.threads()) == 2


def test_a_failed_release_is_told_as_rolled_back_with_its_reason(
    cloud: FakeCloud, source: str, github: GitHubStandIn, slack: SlackStandIn
) -> None:
    """Nothing says live or good of what was not; what was good before stays active."""
    first = deployed(source, 1)
    slack.channels["C0RELEASES"].clear()
    cloud.wrong.add(commit(2))
    with pytest.raises(DeployFailed):
        deployed(source, 2)
    started, end = only_thread(slack)
    assert "started" in started
    assert "was rolled back: codedeploy: " in end
    assert "status 500" in end
    assert slack.channels["C0RELEASES"][1]["reply_broadcast"] is True
    first_deployment, second_deployment = github.deployments
    assert github.states(second_deployment)[-1] == "failure"
    assert github.active_deployments(ENVIRONMENT) == [first_deployment]
    assert "was rolled back" in github.bodies(102)[0]
    assert first.release_id.replace("-", "\\-") + " is good" in github.bodies(101)[0]


def test_a_rollback_is_told_where_its_commit_came_from(
    cloud: FakeCloud, source: str, github: GitHubStandIn, slack: SlackStandIn
) -> None:
    """The restored commit's pull request says that it serves again, the other that it does not."""
    deployed(source, 1)
    deployed(source, 2)
    back = rollback(service="api", environment="sandbox", reason="orders <!here> are lost")
    assert back.kind is AttemptKind.ROLLBACK
    assert github.active_deployments(ENVIRONMENT) == [list(github.deployments)[2]]
    assert len(github.bodies(101)) == len(github.bodies(102)) == 1
    assert f"{back.release_id} is good".replace("-", "\\-") in github.bodies(101)[0]
    assert "serves now" in github.bodies(102)[0]
    started = list(slack.threads().values())[2][0]
    assert "orders &lt;!here&gt; are lost" in started


def test_a_superseded_attempt_says_by_which(
    cloud: FakeCloud, slack: SlackStandIn, github: GitHubStandIn
) -> None:
    """What was newer when asked and older once it held the mutex names the newer release."""
    good = cloud.serve(3)
    with pytest.raises(Superseded):
        take_up(request_for(2))
    assert only_thread(slack)[1].endswith(f"which is good already ({good.release_id})")
    (number,) = github.deployments
    assert github.states(number)[-1] == "inactive"


FAULTS = {
    "secondary limit": secondary_limit(1),
    "limit of a minute": secondary_limit(None),
    "429": secondary_limit(1, code=429),
    "500": status(500),
    "502 done": status(502, is_done=True),
    "503": status(503),
    "lost": lost(),
    "unsent": lost(is_done=False),
}
SLACK_FAULTS = {
    "429": slack_limit(1),
    "internal error": slack_error("internal_error"),
    "500 done": status(500, is_done=True),
    "503": status(503),
    "lost": lost(),
    "unsent": lost(is_done=False),
    "slow": slow(1.5),
}


@pytest.mark.sandbox
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("path", ["/comments$", "/deployments$", "/statuses$", "/pulls"])
def test_github_in_trouble_is_told_once_in_the_end(
    cloud: FakeCloud,
    source: str,
    github: GitHubStandIn,
    passing: Time,
    fault: Fault,
    path: str,
) -> None:
    """At each call: the deploy is good, and after the next run all is there, once."""
    github.faults.switch_on(fault, path=path, times=2)
    assert deployed(source, 1).state is ReleaseState.GOOD
    github.faults.switch_off()
    passing.pause(3600)
    deployed(source, 2)
    first, second = github.deployments
    assert [github.deployments[one]["sha"] for one in (first, second)] == [commit(1), commit(2)]
    assert github.states(second)[-1] == "success"
    assert github.states(first)[-1] == "inactive"
    assert github.active_deployments(ENVIRONMENT) == [second]
    assert [len(github.bodies(pull)) for pull in (101, 102)] == [1, 1]


@pytest.mark.slow
@pytest.mark.parametrize("fault", SLACK_FAULTS.values(), ids=SLACK_FAULTS)
def test_slack_in_trouble_has_one_thread_in_the_end(
    cloud: FakeCloud, source: str, slack: SlackStandIn, fault: Fault
) -> None:
    """The deploy is good, and one thread says all three things once."""
    slack.faults.switch_on(fault, path="chat.postMessage", times=2)
    assert deployed(source, 1).state is ReleaseState.GOOD
    said = only_thread(slack)
    assert [text.split()[1:3] for text in said] == [
        ["started,", "deploy"],
        ["is", "live:"],
        ["is", "good"],
    ]


@pytest.mark.slow
@pytest.mark.parametrize("fault", [primary_limit(3600), status(503), lost(is_done=False)])
def test_what_nobody_could_hear_the_next_run_tells(
    cloud: FakeCloud,
    source: str,
    github: GitHubStandIn,
    slack: SlackStandIn,
    passing: Time,
    fault: Fault,
) -> None:
    """Both down for the whole of a deploy: its outcome is the same, and is told afterwards."""
    github.faults.switch_on(fault, times=FOREVER)
    slack.faults.switch_on(status(503), times=FOREVER)
    assert deployed(source, 1).state is ReleaseState.GOOD
    assert (github.deployments, slack.threads()) == ({}, {})
    github.faults.switch_off()
    slack.faults.switch_off()
    passing.pause(3600)
    deployed(source, 2)
    assert [len(texts) for texts in slack.threads().values()] == [3, 3]
    assert [github.deployments[one]["sha"] for one in github.deployments] == [commit(1), commit(2)]
    assert [len(github.bodies(pull)) for pull in (101, 102)] == [1, 1]


@pytest.mark.slow
def test_nothing_of_a_deploy_waits_for_an_answer(
    cloud: FakeCloud, source: str, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack answers after everything else has ended, and the deploy is good before."""
    assert cloud.slack is not None
    cloud.slack = cloud.slack.model_copy(update={"timeout_seconds": 60})
    monkeypatch.setattr(announcing, "LAST_WORDS_SECONDS", 0.0)
    slack.faults.switch_on(slow(2.0))
    assert deployed(source, 1).state is ReleaseState.GOOD
    assert [thread for thread in announcing._tellers if thread.is_alive()]
    announcing.await_tellers(60.0)
    assert len(only_thread(slack)) == 3


@pytest.mark.slow
def test_a_slow_github_is_asked_again_and_makes_nothing_twice(
    cloud: FakeCloud, source: str, github: GitHubStandIn
) -> None:
    """An answer that comes too late is looked for."""
    github.faults.switch_on(slow(1.5), path="/deployments$", method="POST")
    deployed(source, 1)
    (number,) = github.deployments
    assert github.states(number)[-1] == "success"


def test_observing_alone_tells_nothing(
    cloud: FakeCloud, github: GitHubStandIn, slack: SlackStandIn
) -> None:
    """A look at what serves is no transition."""
    cloud.serve(1)
    observe(service="api", environment="sandbox", bake_seconds=0)
    assert not github.asked
    assert not slack.asked


def test_a_dry_run_tells_nothing(
    cloud: FakeCloud, source: str, github: GitHubStandIn, slack: SlackStandIn
) -> None:
    """What changes nothing is no news."""
    deployed(source, 1, dry_run=True)
    assert not github.asked
    assert not slack.asked


def test_no_token_is_seen_anywhere(
    cloud: FakeCloud,
    source: str,
    github: GitHubStandIn,
    slack: SlackStandIn,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither in logs nor in what is stored, said or shown of the blocks, in trouble or not."""
    caplog.set_level(logging.DEBUG)
    for fault in (status(503), lost(), Fault(status(401).answer)):
        github.faults.switch_on(fault)
        slack.faults.switch_on(fault)
    slack.faults.switch_on(slack_error("invalid_auth"), times=2)
    deployed(source, 1)
    seen = [
        caplog.text,
        repr((cloud.github, cloud.slack, str(cloud.github), str(cloud.slack))),
        repr(cloud.ledger("api")._memory.items),
        repr((github.comments, github.deployments, github.statuses, slack.channels)),
    ]
    assert "told" in caplog.text
    assert not [text for text in seen if "canary" in text]


def test_a_refusal_changes_no_outcome_and_stops_nothing_else(
    cloud: FakeCloud, source: str, github: GitHubStandIn, slack: SlackStandIn
) -> None:
    """A commit that GitHub does not have costs its deployment only."""
    github.commits = {commit(9)}
    slack.scopes.clear()
    assert deployed(source, 1).state is ReleaseState.GOOD
    assert github.deployments == {}
    assert len(github.bodies(101)) == 1
    assert slack.threads() == {}


def test_without_anybody_to_tell_nothing_is_kept(cloud: FakeCloud, source: str) -> None:
    """An environment without GitHub and Slack has no item of them in its ledger."""
    deployed(source, 1)
    items = [item for _, item in cloud.ledger("api")._memory.items]
    assert not [item for item in items if item.startswith(("tell", "told"))]
