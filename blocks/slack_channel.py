"""One Slack channel."""

from typing import Any

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl, SecretStr
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from delightful.errors import DelightfulError, ExternalError, TransientError

_MAX_CHARACTERS = 4000
_BUSY = frozenset({"ratelimited", "rate_limited", "service_unavailable", "internal_error"})


class SlackChannel(Block):
    """
    Posts messages and replies in their threads.

    Example:
        Say what happened:
        ```python
        from blocks.slack_channel import SlackChannel

        channel = SlackChannel.load("BLOCK_NAME")
        thread = channel.post("hello-staging-000012 is live")
        channel.reply(thread, "and good")
        ```
    """

    _block_type_name = "Slack Channel"
    _block_type_slug = "slack-channel"
    _documentation_url = HttpUrl("https://docs.slack.dev/reference/methods/chat.postMessage")

    channel: str = Field(
        pattern=r"^[#A-Za-z0-9_-]+$", max_length=80, description="Id or name of the channel."
    )
    token: SecretStr = Field(description="Bot token with the scope chat:write.")
    base_url: HttpUrl = Field(
        default=HttpUrl("https://slack.com/api/"), description="Address of Slack's API."
    )
    timeout_seconds: int = Field(
        default=15, ge=1, le=120, description="How long one request may take."
    )

    def post(self, text: str) -> str:
        """Post plain text and return the thread in which it can be replied to."""
        return self._send(text=text)

    def reply(self, thread: str, text: str) -> None:
        """Reply in a thread, with plain text."""
        self._send(text=text, thread_ts=thread)

    def _send(self, text: str, **thread: Any) -> str:
        client = WebClient(
            token=self.token.get_secret_value(),
            base_url=f"{str(self.base_url).rstrip('/')}/",
            timeout=self.timeout_seconds,
            retry_handlers=[],
        )
        try:
            answer = client.chat_postMessage(
                channel=self.channel,
                text=escaped(text),
                unfurl_links=False,
                unfurl_media=False,
                **thread,
            )
        except SlackApiError as error:
            raise _error_of(error) from error
        except (SlackClientError, OSError) as error:
            raise TransientError(
                "E_SLACK_UNREACHABLE",
                f"Slack chat.postMessage: {type(error).__name__}",
                hint="nothing was deployed or undone by this; it is sent again with the next run",
            ) from error
        return str(answer["ts"])


def escaped(text: str) -> str:
    """Return text in which Slack sees no mention, link or markup of its own, cut to its limit."""
    cut = text if len(text) <= _MAX_CHARACTERS else f"{text[: _MAX_CHARACTERS - 1]}…"
    return cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _error_of(error: SlackApiError) -> DelightfulError:
    answer = error.response
    code = str(answer.get("error") or "unknown")
    if code in _BUSY or answer.status_code == 429 or answer.status_code >= 500:
        wait = answer.headers.get("Retry-After", "60")
        return TransientError(
            "E_SLACK_BUSY",
            f"Slack chat.postMessage: {code}",
            hint=f"try again after {wait} seconds",
        )
    return ExternalError(
        "E_SLACK",
        "refused",
        hint="check the channel, and that the bot was invited to it",
        service="Slack",
        operation="chat.postMessage",
        cause=code,
    )
