"""The stand-in for Slack: threads, metadata, scopes and faults."""

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.stand_ins.faults import lost, slack_error, slack_limit, status
from tests.stand_ins.slack import SlackStandIn, slack_stand_in

CHANNEL = "C0RELEASES"
MARK = {"event_type": "release", "event_payload": {"key": "one"}}


def client(slack: SlackStandIn) -> WebClient:
    """Return slack_sdk's client, which asks each thing once."""
    return WebClient(token="xoxb-value", base_url=slack.url, retry_handlers=[], timeout=5)


def test_threads_are_kept_and_found_by_metadata() -> None:
    """A reply lies under its message; the payload shows only where it is asked for."""
    with slack_stand_in() as slack:
        ts = client(slack).chat_postMessage(channel=CHANNEL, text="one", metadata=MARK)["ts"]
        client(slack).chat_postMessage(channel=CHANNEL, text="two", thread_ts=ts)
        assert slack.threads() == {ts: ["one", "two"]}
        plain = client(slack).conversations_history(channel=CHANNEL)["messages"]
        assert plain[0]["metadata"] == {"event_type": "release"}
        full = client(slack).conversations_history(channel=CHANNEL, include_all_metadata=True)
        assert full["messages"][0]["metadata"] == MARK
        replies = client(slack).conversations_replies(channel=CHANNEL, ts=ts)["messages"]
        assert [one["text"] for one in replies] == ["one", "two"]


def test_history_comes_in_pages_newest_first() -> None:
    """A cursor leads on until there is nothing more; a time leaves out what is older."""
    with slack_stand_in() as slack:
        stamps = [slack.add_message(CHANNEL, str(number)) for number in range(5)]
        first = client(slack).conversations_history(channel=CHANNEL, limit=3)
        cursor = first["response_metadata"]["next_cursor"]
        second = client(slack).conversations_history(channel=CHANNEL, limit=3, cursor=cursor)
        texts = [one["text"] for page in (first, second) for one in page["messages"]]
        assert texts == ["4", "3", "2", "1", "0"]
        late = client(slack).conversations_history(channel=CHANNEL, oldest=stamps[2])["messages"]
        assert [one["text"] for one in late] == ["4", "3"]


def test_a_message_is_updated_in_place() -> None:
    """Its text changes, its place does not."""
    with slack_stand_in() as slack:
        ts = client(slack).chat_postMessage(channel=CHANNEL, text="one")["ts"]
        client(slack).chat_update(channel=CHANNEL, ts=ts, text="new")
        assert slack.threads() == {ts: ["new"]}


@pytest.mark.parametrize(
    ("scopes", "channel", "error"),
    [
        ({"chat:write"}, CHANNEL, "missing_scope"),
        ({"channels:history"}, "C0UNKNOWN", "channel_not_found"),
    ],
)
def test_refusals_are_slacks(scopes: set[str], channel: str, error: str) -> None:
    """What the token may not, or what is not there, is refused by Slack's own word."""
    with (
        slack_stand_in(scopes=scopes) as slack,
        pytest.raises(SlackApiError, match=error),
    ):
        client(slack).conversations_history(channel=channel)


def test_faults_are_met_once_and_what_was_lost_was_done() -> None:
    """Each fault meets one request; only a lost answer leaves a message."""
    with slack_stand_in() as slack:
        for fault in (slack_limit(7), slack_error("internal_error"), status(503), lost()):
            slack.faults.switch_on(fault, path="chat.postMessage")
            with pytest.raises((SlackApiError, OSError)):
                client(slack).chat_postMessage(channel=CHANNEL, text="text")
        assert list(slack.threads().values()) == [["text"]]
        client(slack).chat_postMessage(channel=CHANNEL, text="text")
