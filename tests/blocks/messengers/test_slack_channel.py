"""Slack through its block: messages, threads, what is found again, and words that stay words."""

from datetime import UTC, datetime

import pytest
from pydantic import HttpUrl, SecretStr

from blocks.messengers.slack_channel import SlackChannel
from delightful.errors import Busy, ExternalError, TransientError
from delightful.render.announcement import Link, SlackMessage
from tests.stand_ins.faults import Fault, lost, slack_error, slack_limit, slow, status
from tests.stand_ins.local_server import Answer, local_server
from tests.stand_ins.slack import SlackStandIn, slack_stand_in

CHANNEL = "C0RELEASES"
BEFORE = datetime(2026, 11, 23, tzinfo=UTC)
LIVE = SlackMessage(key="api 1 LIVE", text="it is live")


def channel(slack: SlackStandIn) -> SlackChannel:
    return SlackChannel(
        channel=CHANNEL,
        token=SecretStr("xoxb-token-value"),
        base_url=HttpUrl(slack.url),
        timeout_seconds=1,
    )


def test_a_reply_goes_under_the_message_that_was_posted() -> None:
    """The first message gives the thread; only a reply may show in the channel, too."""
    with slack_stand_in() as slack:
        thread = channel(slack).post(LIVE)
        bad = SlackMessage(key="api 1 FAILED", text="it failed", is_broadcast=True)
        channel(slack).post(bad, thread)
        assert slack.threads() == {thread: ["it is live", "it failed"]}
        assert slack.channels[CHANNEL][1]["reply_broadcast"] is True


def test_what_others_wrote_calls_nobody_and_links_nowhere() -> None:
    """A mention, a link and markup in the text stay letters; our own links are links."""
    text = "<!channel> *bold* <http://evil.example|ok> & more"
    links = (Link(label="dashboard", url="https://example.com/?a=1&b=2"),)
    with slack_stand_in() as slack:
        channel(slack).post(SlackMessage(key="k", text=text, links=links))
        message = slack.channels[CHANNEL][0]
    assert "<" not in message["text"]
    section, context = message["blocks"]
    assert section["text"] == {"type": "plain_text", "emoji": False, "text": text}
    assert context["elements"][0]["text"] == "<https://example.com/?a=1&amp;b=2|dashboard>"


def test_a_long_text_is_cut_to_what_slack_takes() -> None:
    """Nothing is refused for its length."""
    with slack_stand_in() as slack:
        channel(slack).post(SlackMessage(key="k", text="x" * 10_000))
        message = slack.channels[CHANNEL][0]
    assert len(message["text"]) == len(message["blocks"][0]["text"]["text"]) == 3000


def test_what_was_posted_is_found_again_by_its_key() -> None:
    """In the channel behind pages of other messages, and in the thread; nothing else is taken."""
    with slack_stand_in() as slack:
        thread = channel(slack).post(LIVE)
        reply = channel(slack).post(LIVE.model_copy(update={"key": "api 1 GOOD"}), thread)
        for number in range(450):
            slack.add_message(CHANNEL, f"words {number}", metadata={"event_type": "another"})
        assert channel(slack).find(LIVE.key, BEFORE) == thread
        assert channel(slack).find("api 1 GOOD", BEFORE, thread) == reply
        assert channel(slack).find("api 1 GOOD", BEFORE) is None
        later = datetime.fromtimestamp(slack.now, UTC)
        assert channel(slack).find(LIVE.key, later) is None


@pytest.mark.parametrize(
    "fault",
    [
        lost(),
        status(500, is_done=True),
        pytest.param(slow(2.5), marks=pytest.mark.slow),
    ],
)
def test_a_message_whose_answer_was_lost_is_there(fault: Fault) -> None:
    """Whoever looks before posting again leaves one message."""
    with slack_stand_in() as slack:
        slack.faults.switch_on(fault, path="chat.postMessage")
        with pytest.raises(TransientError, match="E_SLACK"):
            channel(slack).post(LIVE)
        assert channel(slack).find(LIVE.key, BEFORE) in slack.threads()


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (slack_error("channel_not_found"), ExternalError, "E_SLACK .*channel_not_found"),
        (slack_error("invalid_auth"), ExternalError, "E_SLACK "),
        (slack_limit(7), Busy, "E_SLACK_BUSY .*try again after 7 seconds"),
        (slack_error("internal_error"), Busy, "E_SLACK_BUSY .*try again after 60 seconds"),
        (status(503), TransientError, "E_SLACK"),
        (lost(is_done=False), TransientError, "E_SLACK_UNREACHABLE"),
    ],
)
def test_failures_are_told_apart_and_hold_no_token(
    fault: Fault, kind: type[Exception], words: str
) -> None:
    """What may be tried again is told apart; the token is in no message; nothing is sent twice."""
    with slack_stand_in() as slack:
        slack.faults.switch_on(fault)
        with pytest.raises(kind, match=words) as raised:
            channel(slack).post(LIVE)
        assert "xoxb" not in str(raised.value)
        assert len(slack.asked) == 1


def test_a_limit_says_that_nothing_was_done() -> None:
    """After a limit nobody need look; after a break of Slack's own somebody must."""
    with slack_stand_in() as slack:
        for fault, is_limit in ((slack_limit(7), True), (slack_error("internal_error"), False)):
            slack.faults.switch_on(fault)
            with pytest.raises(Busy) as busy:
                channel(slack).post(LIVE)
            assert busy.value.is_limit is is_limit


def test_a_token_that_may_not_read_is_told() -> None:
    """Without the scope nobody knows what is there, and that is no "not found"."""
    with (
        slack_stand_in(scopes={"chat:write"}) as slack,
        pytest.raises(ExternalError, match=r"missing_scope.*scopes"),
    ):
        channel(slack).find(LIVE.key, BEFORE)


@pytest.mark.parametrize("body", [b"<html>", {"ok": True}, {"ok": True, "ts": 1}, []])
def test_an_answer_that_is_not_slacks_is_no_message(body: object) -> None:
    """Something in between that answers 200 has not posted anything."""
    answer = Answer(200, body, {"Content-Type": "application/json"})
    with (
        local_server(lambda _: answer) as server,
        pytest.raises(TransientError, match="E_SLACK"),
    ):
        channel(SlackStandIn(server=server)).post(LIVE)
