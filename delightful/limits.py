"""Whether an answer of GitHub or Slack is a limit, and how long to leave it alone: from it alone.

GitHub: docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api. Slack:
docs.slack.dev/apis/web-api/rate-limits. Header names are lowercase here.
"""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from delightful.frozen import Frozen

# What GitHub asks for where it limits and names no time; Slack has nothing shorter to say.
DEFAULT_WAIT_SECONDS: Final = 60.0

# Slack does not say of these whether it did what was asked.
_SLACK_BROKEN: Final = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
)
_SLACK_LIMITS: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})


class Trouble(Frozen):
    """A service that is busy: how long it asks to be left alone (None: it does not say), and
    whether it refused at its door, so that nothing was done.
    """

    wait_seconds: float | None
    is_limit: bool


def github_trouble(status: int, headers: Mapping[str, str], message: str) -> Trouble | None:
    """Return what kind of trouble an answer of GitHub is, or None where it is none or final.

    GitHub says 403 of its limits too; only words and headers tell. A limit without `retry-after`
    lasts until `x-ratelimit-reset` where the hour is used up, else for a minute at least.
    """
    if status in (403, 429) and (status == 429 or _is_github_limit(headers, message)):
        wait = _retry_after(headers)
        return Trouble(wait_seconds=_until_reset(headers) if wait is None else wait, is_limit=True)
    if status >= 500:
        return Trouble(wait_seconds=_retry_after(headers), is_limit=False)
    return None


def slack_trouble(status: int, headers: Mapping[str, str], error: str) -> Trouble | None:
    """Return what kind of trouble an answer of Slack is, or None where it is none or final."""
    wait = _retry_after(headers)
    if status == 429 or error in _SLACK_LIMITS:
        wait_seconds = DEFAULT_WAIT_SECONDS if wait is None else wait
        return Trouble(wait_seconds=wait_seconds, is_limit=True)
    if status >= 500 or error in _SLACK_BROKEN:
        return Trouble(wait_seconds=wait, is_limit=False)
    return None


def _is_github_limit(headers: Mapping[str, str], message: str) -> bool:
    is_used_up = headers.get("x-ratelimit-remaining") == "0"
    return is_used_up or "rate limit" in message.lower() or "retry-after" in headers


def _retry_after(headers: Mapping[str, str]) -> float | None:
    return _whole_number(headers.get("retry-after", ""))


def _until_reset(headers: Mapping[str, str]) -> float:
    # Both are GitHub's own clock, so that ours need not be right.
    reset, now = _whole_number(headers.get("x-ratelimit-reset", "")), _date(headers)
    if headers.get("x-ratelimit-remaining") != "0" or reset is None or now is None:
        return DEFAULT_WAIT_SECONDS
    return max(1.0, reset - now)


def _date(headers: Mapping[str, str]) -> float | None:
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except ValueError:
        return None


def _whole_number(text: str) -> float | None:
    # Longer ones are no seconds and no time.
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None
