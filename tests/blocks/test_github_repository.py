"""GitHub through its block: one comment, and the pull request of a commit."""

from typing import Any

import pytest
from pydantic import HttpUrl, SecretStr

from blocks.github_repository import GitHubRepository, comment_text
from delightful.errors import ExternalError, TransientError
from tests.blocks.local_server import Answer, Asked, LocalServer, local_server

MARK = "<!-- delightful: release -->\n"


def repository(server: LocalServer) -> GitHubRepository:
    return GitHubRepository(
        repository="owner/name",
        token=SecretStr("github-token-value"),
        base_url=HttpUrl(server.url),
        timeout_seconds=2,
    )


class FakeIssue:
    """Pull request 7 with its comments, as GitHub's API shows it."""

    def __init__(self, *bodies: str) -> None:
        self.comments: dict[int, str] = dict(enumerate(bodies, start=1))

    def answer(self, asked: Asked) -> Answer:
        path = asked.path.partition("?")[0].removeprefix("/repos/owner/name")
        number = int(path.rpartition("/")[2]) if path.startswith("/issues/comments/") else 0
        if asked.method == "PATCH":
            self.comments[number] = asked.json()["body"]
            return Answer(body=self._comment(number))
        if asked.method == "DELETE":
            del self.comments[number]
            return Answer(204)
        if asked.method == "POST":
            number = max(self.comments, default=0) + 1
            self.comments[number] = asked.json()["body"]
            return Answer(201, self._comment(number))
        if path == "/issues/7/comments":
            return Answer(body=[self._comment(number) for number in self.comments])
        return Answer(body={"number": 7, "url": f"http://{asked.headers['Host']}{asked.path}"})

    def _comment(self, number: int) -> dict[str, Any]:
        return {
            "id": number,
            "url": f"/repos/owner/name/issues/comments/{number}",
            "html_url": f"https://github.example/owner/name/pull/7#issuecomment-{number}",
            "body": self.comments[number],
        }


def test_comment_is_written_once_and_then_updated() -> None:
    """Two releases later there is still one comment, with the last text."""
    issue = FakeIssue("a person's words")
    with local_server(issue.answer) as server:
        block = repository(server)
        first = block.upsert_comment(7, "release", "one")
        second = block.upsert_comment(7, "release", "two")
    assert first == second == "https://github.example/owner/name/pull/7#issuecomment-2"
    assert issue.comments == {1: "a person's words", 2: f"{MARK}two"}


def test_further_comments_of_the_marker_are_removed() -> None:
    """Where two runs raced, the next one leaves one comment."""
    issue = FakeIssue(f"{MARK}a", f"quoted {MARK}", f"{MARK}b")
    with local_server(issue.answer) as server:
        repository(server).upsert_comment(7, "release", "c")
    assert issue.comments == {1: f"{MARK}c", 2: f"quoted {MARK}"}


def test_comment_is_cut_at_the_limit() -> None:
    """A text that GitHub would refuse is cut, and says so."""
    text = comment_text("release", "x" * 70_000)
    assert len(text) == 65_536
    assert text.endswith("cut at GitHub's limit")
    assert comment_text("a--b", "").count("--") == 2


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
        is_list = asked.path.partition("?")[0].endswith("/pulls")
        return Answer(body=pulls if is_list else {"sha": "a" * 40, "url": ""})

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
