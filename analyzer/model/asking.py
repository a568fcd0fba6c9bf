"""Asking: one request to the Messages API through its SDK, without tools, within a time.

Nothing of the environment takes part: no proxy, no certificate store of its own, no header and no
credential but the key that is given.
"""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from analyzer.model.question import Question
from analyzer.model.reply import MalformedReply, Reply
from analyzer.model.settings import ModelSettings
from analyzer.model.usage import Usage

if TYPE_CHECKING:
    import httpx2
    from anthropic import Anthropic
    from anthropic.types import Message

T = TypeVar("T")

_SENT_HEADERS: Final = frozenset(
    {"accept", "accept-encoding", "anthropic-version", "connection", "content-length"}
    | {"content-type", "host", "transfer-encoding", "user-agent", "x-api-key"}
)
_REASONS: Final = {
    401: "the API key was refused (401)",
    403: "the API key may not do this (403)",
    429: "rate limited (429)",
    529: "overloaded (529)",
}
_WHOLE: Final = ("end_turn", "stop_sequence")


class NoModel(Exception):
    """The model gave no answer; the rules' result stands. The text says why."""


@dataclass(frozen=True)
class Asked:
    """What came back, unread."""

    text: str
    stop_reason: str | None
    usage: Usage


def load_sdk() -> None:
    """Load what asks, which takes seconds; that it is missing is told where it is asked."""
    with suppress(ImportError):
        import anthropic  # noqa: F401
        import httpx2  # noqa: F401


class Asker:
    """Asks one model; everything that it asks shares one span of time, which no loading eats."""

    def __init__(self, settings: ModelSettings, key: str) -> None:
        self._settings = settings
        self._key = key
        self._last_status: int | None = None
        load_sdk()
        self._deadline = time.monotonic() + settings.timeout_seconds

    def ask(self, question: Question) -> Asked:
        """Send a question and return the answer.

        Raises:
            NoModel: it failed, or the time ran out.
        """
        try:
            client = self._client()
        except ImportError:
            raise NoModel("the anthropic package is missing") from None
        # The SDK waits as long as the server says between two attempts, so the clock is ours.
        with client:
            return _within(
                self._deadline - time.monotonic(),
                lambda: self._answer(client, question),
                self._time_is_up,
            )

    def _client(self) -> "Anthropic":
        import httpx2
        from anthropic import Anthropic

        hooks: dict[str, list[Callable[..., Any]]] = {
            "request": [self._strip],
            "response": [self._note],
        }
        return Anthropic(
            api_key=self._key,
            base_url=self._settings.base_url,
            webhook_key="",
            timeout=self._settings.timeout_seconds,
            max_retries=self._settings.retries,
            open_telemetry=False,
            http_client=httpx2.Client(trust_env=False, event_hooks=hooks),
        )

    def _strip(self, request: "httpx2.Request") -> None:
        # The SDK adds what ANTHROPIC_CUSTOM_HEADERS says, and tells of the machine.
        for name in set(request.headers) - _SENT_HEADERS:
            del request.headers[name]
        request.headers["x-api-key"] = self._key

    def _note(self, response: "httpx2.Response") -> None:
        self._last_status = response.status_code

    def _time_is_up(self) -> NoModel:
        last = _REASONS.get(self._last_status or 0)
        waited = f"no answer within {self._settings.timeout_seconds:g} s"
        return NoModel(f"{last}, {waited}" if last else waited)

    def _answer(self, client: "Anthropic", question: Question) -> Asked:
        from anthropic import APIConnectionError, APIStatusError, APITimeoutError, transform_schema

        try:
            message = client.messages.create(
                model=self._settings.model,
                max_tokens=self._settings.answer_tokens,
                system=[
                    {
                        "type": "text",
                        "text": question.system,
                        "cache_control": {"type": "ephemeral"},
                    }
                ],
                messages=[{"role": "user", "content": question.content}],
                output_config={
                    "effort": "low",
                    "format": {"type": "json_schema", "schema": transform_schema(Reply)},
                },
            )
        except APIStatusError as error:
            code = error.status_code
            raise NoModel(_REASONS.get(code, f"the API answered {code}")) from None
        except APITimeoutError:
            raise self._time_is_up() from None
        except APIConnectionError:
            raise NoModel("the API cannot be reached") from None
        return _asked(message)


def whole_text(asked: Asked) -> str:
    """Return the text of an answer that was given to its end.

    Raises:
        NoModel: the model refused.
        MalformedReply: the answer was cut off, or ended otherwise.
    """
    if asked.stop_reason == "refusal":
        raise NoModel("the model refused")
    if asked.stop_reason not in _WHOLE:
        raise MalformedReply("cut off at its limit")
    return asked.text


def _asked(message: "Message") -> Asked:
    used = message.usage
    return Asked(
        text="".join(block.text for block in message.content if block.type == "text"),
        stop_reason=message.stop_reason,
        usage=Usage(
            fresh_input=used.input_tokens,
            cache_write=used.cache_creation_input_tokens or 0,
            cache_read=used.cache_read_input_tokens or 0,
            output=used.output_tokens,
        ),
    )


def _within(seconds: float, call: Callable[[], T], time_is_up: Callable[[], NoModel]) -> T:
    """Return what a call returns, or give up on it; a call that was given up ends by itself."""
    box: queue.SimpleQueue[tuple[T | None, Exception | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            box.put((call(), None))
        except Exception as error:  # whatever it is, the caller hears of it
            box.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        value, error = box.get(timeout=max(seconds, 0.001))
    except queue.Empty:
        raise time_is_up() from None
    if isinstance(error, NoModel):
        raise error
    if error is not None:
        raise NoModel(f"the API's answer could not be read ({type(error).__name__})") from error
    return value  # type: ignore[return-value]
