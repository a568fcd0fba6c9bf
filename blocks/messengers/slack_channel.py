"""One Slack channel."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl, SecretStr
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from delightful.errors import Busy, DelightfulError, ExternalError, TransientError
from delightful.limits import DEFAULT_WAIT_SECONDS, slack_trouble
from delightful.render.announcement import SlackMessage
from delightful.render.slack import EVENT_TYPE, message_arguments

_PAGE = 200
_MOST_PAGES = 10
_WORD = re.compile(r"[a-z0-9_]{1,80}")
_NO_WORD = "no reason given"
_NOT_ITS_OWN = "an answer that is none of its own"


class SlackChannel(Block):
    """
    Posts messages and replies in their threads, and finds again what it posted.

    Example:
        Say what happened:
        ```python
        from blocks.messengers.slack_channel import SlackChannel
        from delightful.render.announcement import SlackMessage

        channel = SlackChannel.load("BLOCK_NAME")
        thread = channel.post(SlackMessage(key="hello 12 live", text="hello 12 is live"))
        channel.post(SlackMessage(key="hello 12 good", text="and good"), thread)
        ```
    """

    _block_type_name = "Slack Channel"
    _block_type_slug = "slack-channel"
    _documentation_url = HttpUrl("https://docs.slack.dev/reference/methods/chat.postMessage")

    channel: str = Field(
        pattern=r"^[CG][A-Z0-9]{2,}$",
        max_length=80,
        description="Id of the channel, as in C0123456789; its history is not found by a name.",
    )
    token: SecretStr = Field(
        description="Bot token with chat:write, metadata.message:read and channels:history "
        "(groups:history for a private channel)."
    )
    base_url: HttpUrl = Field(
        default=HttpUrl("https://slack.com/api/"), description="Address of Slack's API."
    )
    timeout_seconds: int = Field(
        default=15, ge=1, le=120, description="How long one request may take."
    )

    def post(self, message: SlackMessage, thread: str | None = None) -> str:
        """Post a message, in a thread where one is given, and return its `ts`.

        Slack takes the same message twice: where an answer was lost, look with `find` first.

        Raises:
            TransientError: E_SLACK_BUSY or E_SLACK_UNREACHABLE; it may have been posted.
            ExternalError: E_SLACK, refused.
        """
        with _asking("chat.postMessage"):
            answer = self._client().chat_postMessage(
                channel=self.channel, **message_arguments(message, thread)
            )
            return _ts_of(answer.data)

    def find(self, key: str, since: datetime, thread: str | None = None) -> str | None:
        """Return the `ts` of our message of this key that was posted after a time, or None.

        Raises as `post` does.
        """
        for page in self._pages(since, thread):
            for message in page:
                metadata = message.get("metadata") or {}
                payload = metadata.get("event_payload") or {}
                if metadata.get("event_type") == EVENT_TYPE and payload.get("key") == key:
                    return str(message["ts"])
        return None

    def _pages(self, since: datetime, thread: str | None) -> Iterator[list[dict[str, Any]]]:
        client, cursor = self._client(), ""
        method = client.conversations_replies if thread else client.conversations_history
        which: dict[str, Any] = {"ts": thread} if thread else {"oldest": f"{since.timestamp():.6f}"}
        for _ in range(_MOST_PAGES):
            with _asking("conversations.replies" if thread else "conversations.history"):
                answer = method(
                    channel=self.channel,
                    include_all_metadata=True,
                    limit=_PAGE,
                    cursor=cursor or None,
                    **which,
                )
                page: list[dict[str, Any]] = answer["messages"]
            yield page
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def _client(self) -> WebClient:
        return WebClient(
            token=self.token.get_secret_value(),
            base_url=f"{str(self.base_url).rstrip('/')}/",
            timeout=self.timeout_seconds,
            retry_handlers=[],
        )


def _ts_of(answer: Any) -> str:
    ts = answer.get("ts") if isinstance(answer, dict) else None
    if not isinstance(ts, str):
        raise _unreachable("chat.postMessage", _NOT_ITS_OWN)
    return ts


@contextmanager
def _asking(operation: str) -> Iterator[None]:
    try:
        yield
    except SlackApiError as error:
        raise _error_of(error, operation) from error
    except (SlackClientError, OSError, KeyError, ValueError) as error:
        raise _unreachable(operation, type(error).__name__) from error


def _unreachable(operation: str, cause: str) -> TransientError:
    return TransientError(
        "E_SLACK_UNREACHABLE",
        f"Slack {operation}: {cause}",
        hint="nothing was deployed or undone by this; it is sent again with the next run",
    )


def _error_of(error: SlackApiError, operation: str) -> DelightfulError:
    answer = error.response
    code = _code_of(answer.data)
    trouble = slack_trouble(answer.status_code, _lowercase(answer.headers), code)
    if trouble is None and code == _NO_WORD:
        return _unreachable(operation, _NOT_ITS_OWN)
    if trouble is None:
        return _refused(operation, code)
    wait = DEFAULT_WAIT_SECONDS if trouble.wait_seconds is None else trouble.wait_seconds
    return Busy(
        "E_SLACK_BUSY",
        f"Slack {operation}: {code}",
        hint=f"try again after {wait:.0f} seconds",
        wait_seconds=trouble.wait_seconds,
        is_limit=trouble.is_limit,
    )


def _refused(operation: str, code: str) -> ExternalError:
    return ExternalError(
        "E_SLACK",
        "refused",
        hint="check the channel's id, that the bot was invited to it, and the token's scopes",
        service="Slack",
        operation=operation,
        cause=code,
    )


def _code_of(answer: Any) -> str:
    found = str(answer.get("error")) if isinstance(answer, dict) else ""
    return found if _WORD.fullmatch(found) else _NO_WORD


def _lowercase(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
