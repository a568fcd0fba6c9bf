"""Keeps exactly one comment on a pull request, found again by a hidden marker.

Whatever happened before, the comments are read first: a comment whose creation was never answered
is found and edited, one that a racing run made as well is removed.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from analyzer.github_api import GitHubApi, GitHubBusy
from delightful.errors import ExternalError, TransientError

MAX_CHARACTERS: Final = 65_536
_CUT: Final = "\n\n… cut at GitHub's limit"
_PAGE: Final = 100
_MOST_PAGES: Final = 30
# A longer wait than that is for the next run.
_LONGEST_WAIT_SECONDS: Final = 60.0
_FIRST_WAIT_SECONDS: Final = 2.0
_OPERATION: Final = "write of a comment"

Pause = Callable[[float], None]


def upsert_comment(
    api: GitHubApi,
    pull_request: int,
    marker: str,
    body: str,
    *,
    attempts: int = 1,
    pause: Pause = time.sleep,
) -> str:
    """Keep exactly one comment with this hidden marker; returns its URL.

    Comments of others are left alone, whatever they begin with. Where GitHub is busy, out of
    reach or does not answer, all of it is done again up to `attempts` times.

    Raises:
        TransientError: E_GITHUB_BUSY or E_GITHUB_UNREACHABLE, at the last attempt.
        ExternalError: E_GITHUB, refused.
    """
    for attempt in range(1, attempts):
        try:
            return _kept(api, pull_request, marker, body)
        except TransientError as error:
            wait = _wait_seconds(error, attempt)
            if wait > _LONGEST_WAIT_SECONDS:
                raise
            pause(wait)
    return _kept(api, pull_request, marker, body)


def comment_text(marker: str, body: str) -> str:
    """Return a comment with its hidden marker, cut where GitHub would refuse it."""
    head = f"{_hidden(marker)}\n"
    left = MAX_CHARACTERS - len(head)
    return head + (body if len(body) <= left else body[: left - len(_CUT)] + _CUT)


def _wait_seconds(error: TransientError, attempt: int) -> float:
    asked = error.wait_seconds if isinstance(error, GitHubBusy) else None
    return asked if asked is not None else _FIRST_WAIT_SECONDS * 2 ** (attempt - 1)


def _kept(api: GitHubApi, pull_request: int, marker: str, body: str) -> str:
    text = comment_text(marker, body)
    ours = _ours(api, pull_request, marker)
    if not ours:
        created = api.ask(_OPERATION, "POST", f"issues/{pull_request}/comments", {"body": text})
        ours = _ours(api, pull_request, marker)
        if len(ours) < 2:
            return str(created["html_url"])
    first, *others = ours
    if first["body"] != text:
        api.ask(_OPERATION, "PATCH", f"issues/comments/{first['id']}", {"body": text})
    for comment in others:
        _remove(api, comment)
    return str(first["html_url"])


def _ours(api: GitHubApi, pull_request: int, marker: str) -> list[dict[str, Any]]:
    marked = [
        comment
        for comment in _comments(api, pull_request)
        if str(comment.get("body") or "").startswith(_hidden(marker))
    ]
    if not marked:
        return []
    # A comment of somebody else's could be made to look like ours, and edited by them later.
    login = _login(api)
    return sorted(
        (comment for comment in marked if _is_by(comment, login)), key=lambda one: int(one["id"])
    )


def _comments(api: GitHubApi, pull_request: int) -> Iterator[dict[str, Any]]:
    for page in range(1, _MOST_PAGES + 1):
        path = f"issues/{pull_request}/comments?per_page={_PAGE}&page={page}"
        found = api.ask(_OPERATION, "GET", path)
        yield from found
        if len(found) < _PAGE:
            return


def _login(api: GitHubApi) -> str | None:
    try:
        return str(api.ask(_OPERATION, "GET", "/user")["login"])
    except ExternalError:
        # An app's token, and that of a workflow, is nobody's: its comments are those of a bot.
        return None


def _is_by(comment: dict[str, Any], login: str | None) -> bool:
    user = comment.get("user") or {}
    return bool(user.get("type") == "Bot") if login is None else user.get("login") == login


def _remove(api: GitHubApi, comment: dict[str, Any]) -> None:
    try:
        api.ask(_OPERATION, "DELETE", f"issues/comments/{comment['id']}")
    except ExternalError as error:
        if "HTTP 404" not in str(error):
            raise


def _hidden(marker: str) -> str:
    # Two dashes would end the comment in HTML.
    return f"<!-- delightful: {marker.replace('--', '-')} -->"
