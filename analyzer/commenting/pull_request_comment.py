"""Keeps exactly one comment on a pull request, found again by a hidden marker.

Whatever happened before, the comments are read first: a comment whose creation was never answered
is found and edited, one that a racing run made as well is removed.
"""

import time
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Final

from analyzer.commenting.github_access import (
    GitHubAccess,
    opened,
    translated,
    unreadable,
)
from delightful.errors import Busy, ExternalError, TransientError

if TYPE_CHECKING:
    from github import Github
    from github.Issue import Issue
    from github.IssueComment import IssueComment

MAX_CHARACTERS: Final = 65_536
_CUT: Final = "\n\n… cut at GitHub's limit"
_MOST_COMMENTS: Final = 3_000
# A longer wait than that is for the next run.
_LONGEST_WAIT_SECONDS: Final = 60.0
_FIRST_WAIT_SECONDS: Final = 2.0
_OPERATION: Final = "write of a comment"

Pause = Callable[[float], None]


def upsert_comment(
    access: GitHubAccess,
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
            return _kept(access, pull_request, marker, body)
        except TransientError as error:
            wait = _wait_seconds(error, attempt)
            if wait > _LONGEST_WAIT_SECONDS:
                raise
            pause(wait)
    return _kept(access, pull_request, marker, body)


def comment_text(marker: str, body: str) -> str:
    """Return a comment with its hidden marker, cut where GitHub would refuse it."""
    head = f"{_hidden(marker)}\n"
    left = MAX_CHARACTERS - len(head)
    return head + (body if len(body) <= left else body[: left - len(_CUT)] + _CUT)


def _wait_seconds(error: TransientError, attempt: int) -> float:
    asked = error.wait_seconds if isinstance(error, Busy) else None
    return asked if asked is not None else _FIRST_WAIT_SECONDS * 2 ** (attempt - 1)


def _kept(access: GitHubAccess, pull_request: int, marker: str, body: str) -> str:
    with opened(access, _OPERATION) as client:
        issue = client.get_repo(access.repository).get_issue(pull_request)
        return _written(client, issue, marker, comment_text(marker, body))


def _written(client: "Github", issue: "Issue", marker: str, text: str) -> str:
    ours = _ours(client, issue, marker)
    if not ours:
        created = issue.create_comment(text)
        ours = _ours(client, issue, marker)
        if len(ours) < 2:
            return _said(created.html_url)
    first, *others = ours
    if first.body != text:
        _edit(first, text)
    for comment in others:
        _remove(comment)
    return _said(first.html_url)


def _ours(client: "Github", issue: "Issue", marker: str) -> list["IssueComment"]:
    comments = islice(issue.get_comments(), _MOST_COMMENTS)
    marked = [one for one in comments if (one.body or "").startswith(_hidden(marker))]
    if not marked:
        return []
    # A comment of somebody else's could be made to look like ours, and edited by them later.
    login = _login(client)
    return sorted((one for one in marked if _is_by(one, login)), key=lambda one: one.id)


def _login(client: "Github") -> str | None:
    try:
        with translated(_OPERATION):
            return _said(client.get_user().login)
    except ExternalError:
        # An app's token, and that of a workflow, is nobody's: its comments are those of a bot.
        return None


def _is_by(comment: "IssueComment", login: str | None) -> bool:
    user = comment.user
    # Nobody is left of a user who was deleted.
    if user is None:
        return False
    return user.type == "Bot" if login is None else user.login == login


def _edit(comment: "IssueComment", text: str) -> None:
    before = comment.body
    comment.edit(text)
    if comment.body == before:
        raise unreadable(_OPERATION)


def _remove(comment: "IssueComment") -> None:
    from github import GithubException

    try:
        # Its own `delete` drops the answer, and with it that something in between gave it.
        _, answer = comment.requester.requestJsonAndCheck("DELETE", comment.url)
    except GithubException as error:
        if error.status != 404:
            raise
    else:
        if answer is not None:
            raise unreadable(_OPERATION)


def _said(value: str | None) -> str:
    if value is None:
        raise unreadable(_OPERATION)
    return value


def _hidden(marker: str) -> str:
    # Two dashes would end the comment in HTML.
    return f"<!-- delightful: {marker.replace('--', '-')} -->"
