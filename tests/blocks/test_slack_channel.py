"""Slack through its block: posts, replies, and words that stay words."""

from urllib.parse import parse_qs

import pytest
from pydantic import HttpUrl, SecretStr

from blocks.slack_channel import SlackChannel, escaped
from delightful.errors import ExternalError, TransientError
from tests.blocks.local_server import Answer, Asked, LocalServer, local_server

POSTED = Answer(body={"ok": True, "ts": "17.5"}, headers={"Content-Type": "application/json"})


def channel(server: LocalServer) -> SlackChannel:
    return SlackChannel(
        channel="C123",
        token=SecretStr("xoxb-token-value"),
        base_url=HttpUrl(server.url),
        timeout_seconds=2,
    )


def sent(asked: Asked) -> dict[str, str]:
    if asked.headers["Content-Type"].startswith("application/json"):
        found: dict[str, str] = asked.json()
        return found
    return {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}


def test_post_gives_the_thread_and_reply_uses_it() -> None:
    """A reply goes under the message that was posted."""
    with local_server(lambda _: POSTED) as server:
        thread = channel(server).post("live <!channel> & well")
        channel(server).reply(thread, "good")
    first, second = (sent(asked) for asked in server.asked)
    assert [asked.path for asked in server.asked] == ["/chat.postMessage", "/chat.postMessage"]
    assert (first["channel"], first["text"]) == ("C123", "live &lt;!channel&gt; &amp; well")
    assert "thread_ts" not in first
    assert (second["thread_ts"], second["text"]) == ("17.5", "good")


def test_text_cannot_call_anybody_and_fits() -> None:
    """A commit message that holds a mention wakes nobody, and a long one is cut."""
    assert escaped("<!here>") == "&lt;!here&gt;"
    assert len(escaped("x" * 10_000)) == 4000


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Answer(body={"ok": False, "error": "channel_not_found"}), ExternalError, "E_SLACK "),
        (Answer(body={"ok": False, "error": "invalid_auth"}), ExternalError, "E_SLACK "),
        (
            Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "7"}),
            TransientError,
            "E_SLACK_BUSY .*try again after 7 seconds",
        ),
        (Answer(503, b"down"), TransientError, "E_SLACK"),
        (Answer(drop=True), TransientError, "E_SLACK_UNREACHABLE"),
    ],
)
def test_failures_are_told_apart_and_hold_no_token(
    answer: Answer, kind: type[Exception], code: str
) -> None:
    """What may be tried again is told apart; the token is in no message; nothing is sent twice."""
    with local_server(lambda _: answer) as server, pytest.raises(kind, match=code) as raised:
        channel(server).post("text")
    assert "xoxb" not in str(raised.value)
    assert len(server.asked) == 1
