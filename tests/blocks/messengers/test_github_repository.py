"""GitHub through its block: one comment, and the pull request of a commit."""

from typing import Any

import pytest
from pydantic import HttpUrl, SecretStr

from blocks.messengers.github_repository import GitHubRepository
from delightful.errors import ExternalError, TransientError
from tests.analyzer.commenting.fake_github import FakeIssue
from tests.stand_ins.local_server import Answer, Asked, LocalServer, local_server

MARK = "<!-- delightful: release -->\n"


def repository(server: LocalServer) -> GitHubRepository:
    return GitHubRepository(
        repository="owner/name",
        token=SecretStr("github-token-value"),
        base_url=HttpUrl(server.url),
        timeout_seconds=2,
    )


def test_a_comment_is_kept() -> None:
    """The block asks as its settings say, and what it wrote once it edits the next time."""
    issue = FakeIssue(("ann", "a person's words"))
    with local_server(issue.answer) as server:
        first = repository(server).upsert_comment(7, "release", "one")
        second = repository(server).upsert_comment(7, "release", "two")
    assert first == second == "https://github.example/owner/name/pull/7#issuecomment-2"
    assert issue.bodies == {1: "a person's words", 2: f"{MARK}two"}


@pytest.mark.parametrize(
    ("pulls", "number"),
    [
        ([], None),
        ([{"number": 3, "merged_at": None}], 3),
        (
            [{"number": 3, "merged_at": None}, {"number": 2, "merged_at": "2026-11-23T00:00:00Z"}],
            2,
        ),
    ],
)
def test_merged_pull_request_of_a_commit_is_found(
    pulls: list[dict[str, Any]], number: int | None
) -> None:
    """The pull request that brought the commit goes before those that merely hold it."""

    def answer(asked: Asked) -> Answer:
        assert asked.path == f"/repos/owner/name/commits/{'a' * 40}/pulls?per_page=100"
        assert asked.headers["Authorization"] == "token github-token-value"
        return Answer(body=pulls)

    with local_server(answer) as server:
        assert repository(server).pull_request_of("a" * 40) == number


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Answer(401, {"message": "Bad credentials"}), ExternalError, "E_GITHUB"),
        (Answer(404, {"message": "Not Found"}), ExternalError, "E_GITHUB"),
        (Answer(503, {"message": "down"}), TransientError, "E_GITHUB_BUSY"),
        (
            Answer(403, {"message": "You have exceeded a secondary rate limit"}),
            TransientError,
            "E_GITHUB_BUSY",
        ),
        (Answer(429, {"message": "slow"}, {"Retry-After": "7"}), TransientError, "E_GITHUB_BUSY"),
        (Answer(drop=True), TransientError, "E_GITHUB_UNREACHABLE"),
    ],
)
def test_failures_are_told_apart_and_hold_no_token(
    answer: Answer, kind: type[Exception], code: str
) -> None:
    """What may be tried again is told apart; the token is in no message; nothing is asked twice."""
    with local_server(lambda _: answer) as server, pytest.raises(kind, match=code) as raised:
        repository(server).upsert_comment(7, "release", "text")
    assert "github-token-value" not in str(raised.value)
    assert len(server.asked) == 1
