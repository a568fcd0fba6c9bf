"""What an answer says of limits, and how long they last."""

import pytest

from delightful.limits import Trouble, github_trouble, slack_trouble

DATE = {"date": "Mon, 23 Nov 2026 12:00:00 GMT"}
NOON = 1_795_435_200
USED_UP = {"x-ratelimit-remaining": "0"}


@pytest.mark.parametrize(
    ("status", "headers", "message", "wait"),
    [
        (403, {"retry-after": "7"}, "anything", 7),
        (429, {"retry-after": "7"}, "", 7),
        (429, {}, "", 60),
        (403, {}, "You have exceeded a secondary rate limit", 60),
        (403, {**USED_UP, **DATE, "x-ratelimit-reset": str(NOON + 600)}, "", 600),
        (403, {**USED_UP, **DATE, "x-ratelimit-reset": str(NOON - 9)}, "", 1),
        (429, {**USED_UP, "x-ratelimit-reset": str(NOON)}, "", 60),
        (403, {**USED_UP, "date": "never", "x-ratelimit-reset": "soon"}, "", 60),
        (403, {"x-ratelimit-remaining": "9", **DATE, "x-ratelimit-reset": "1"}, "rate limit", 60),
        (403, {"retry-after": "²"}, "", 60),
    ],
)
def test_github_limits_name_a_time_or_last_a_minute(
    status: int, headers: dict[str, str], message: str, wait: float
) -> None:
    """What GitHub names is honoured; where it names nothing, a minute is."""
    assert github_trouble(status, headers, message) == Trouble(wait_seconds=wait, is_limit=True)


@pytest.mark.parametrize(
    ("status", "headers", "wait"), [(500, {}, None), (503, {"retry-after": "9"}, 9)]
)
def test_a_broken_github_may_have_done_it(
    status: int, headers: dict[str, str], wait: float | None
) -> None:
    """An error of the server is no limit."""
    assert github_trouble(status, headers, "") == Trouble(wait_seconds=wait, is_limit=False)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 422])
def test_a_refusal_of_github_is_no_trouble(status: int) -> None:
    """What asking again would not change is told apart, a 403 without a limit among it."""
    assert github_trouble(status, {"x-ratelimit-remaining": "4999"}, "Not Found") is None


@pytest.mark.parametrize(
    ("status", "headers", "error", "trouble"),
    [
        (429, {"retry-after": "30"}, "", Trouble(wait_seconds=30, is_limit=True)),
        (200, {}, "ratelimited", Trouble(wait_seconds=60, is_limit=True)),
        (200, {}, "internal_error", Trouble(wait_seconds=None, is_limit=False)),
        (502, {}, "unknown", Trouble(wait_seconds=None, is_limit=False)),
        (200, {}, "channel_not_found", None),
        (200, {}, "invalid_auth", None),
    ],
)
def test_slack_says_it_by_status_or_by_word(
    status: int, headers: dict[str, str], error: str, trouble: Trouble | None
) -> None:
    """Limits, breaks and refusals are three things."""
    assert slack_trouble(status, headers, error) == trouble
