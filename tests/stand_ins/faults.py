"""Faults that a stand-in meets requests with, by method and path, each for a number of requests."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.stand_ins.local_server import Answer, Asked


@dataclass(frozen=True)
class Fault:
    """What happens to a request instead of its answer.

    `answer` is given in place of the stand-in's own, which is used where it is None. With `is_done`
    the stand-in does what was asked nevertheless; `delay_seconds` pass before it is answered.
    """

    answer: Answer | None = None
    is_done: bool = False
    delay_seconds: float = 0.0


def status(code: int, *, is_done: bool = False) -> Fault:
    """Return an answer with a status and a page that is none of the API's."""
    return Fault(Answer(code, b"<html>trouble</html>", {"Content-Type": "text/html"}), is_done)


def lost(*, is_done: bool = True) -> Fault:
    """Return a dropped connection, after what was asked is done, or before."""
    return Fault(Answer(drop=True), is_done)


def slow(seconds: float) -> Fault:
    """Return the right answer, late."""
    return Fault(is_done=True, delay_seconds=seconds)


def secondary_limit(retry_after: int | None = 60, code: int = 403) -> Fault:
    """Return GitHub's secondary rate limit; it names a time in `retry-after`, or none."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    message = "You have exceeded a secondary rate limit. Please wait a few minutes."
    return Fault(Answer(code, {"message": message}, headers))


def primary_limit(seconds: int = 600, code: int = 403) -> Fault:
    """Return GitHub's primary rate limit, used up until some seconds from now."""
    headers = {
        "x-ratelimit-limit": "5000",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-used": "5000",
        "x-ratelimit-reset": str(int(time.time()) + seconds),
        "x-ratelimit-resource": "core",
    }
    return Fault(Answer(code, {"message": "API rate limit exceeded for user ID 1."}, headers))


def slack_limit(retry_after: int = 30) -> Fault:
    """Return Slack's rate limit."""
    return Fault(slack_answer("ratelimited", 429, {"Retry-After": str(retry_after)}))


def slack_error(error: str) -> Fault:
    """Return a refusal by Slack, which says them with status 200."""
    return Fault(slack_answer(error))


def slack_answer(error: str, code: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return Slack's way to say that something went wrong."""
    return Answer(
        code, {"ok": False, "error": error}, {"Content-Type": "application/json", **(headers or {})}
    )


@dataclass
class _Switched:
    fault: Fault
    method: str
    path: re.Pattern[str]
    left: float


@dataclass
class Faults:
    """What is switched on; a fault that was met as often as asked for is gone."""

    _on: list[_Switched] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)

    def switch_on(
        self, fault: Fault, *, method: str = "", path: str = "", times: float = 1
    ) -> None:
        """Meet the next requests with a fault, those of a method and a path (a search by regex)."""
        with self._lock:
            self._on.append(_Switched(fault, method, re.compile(path), times))

    def switch_off(self) -> None:
        """Let everything work again."""
        with self._lock:
            self._on.clear()

    def met(self, asked: Asked, answer: Callable[[Asked], Answer]) -> Answer:
        """Return the stand-in's answer, or what a fault makes of it."""
        fault = self._next(asked)
        if fault is None:
            return answer(asked)
        own = answer(asked) if fault.is_done or fault.answer is None else None
        # Waits on nothing: a stand-in that is slow really is.
        threading.Event().wait(fault.delay_seconds)
        return fault.answer or own or Answer(500)

    def _next(self, asked: Asked) -> Fault | None:
        with self._lock:
            for one in self._on:
                if one.method in ("", asked.method) and one.path.search(asked.path):
                    one.left -= 1
                    if one.left < 1:
                        self._on.remove(one)
                    return one.fault
        return None
