"""One comment on a pull request, whatever GitHub does in between."""

from collections.abc import Callable

import pytest

from analyzer.commenting.github_access import GitHubAccess
from analyzer.commenting.pull_request_comment import comment_text, upsert_comment
from delightful.errors import ExternalError, TransientError
from tests.analyzer.commenting.fake_github import OURS, FakeIssue
from tests.stand_ins.local_server import Answer, Asked, LocalServer, local_server

MARK = "<!-- delightful: analysis -->\n"
BUSY = Answer(503, {"message": "down"})


class Troubled:
    """A pull request in front of which the first requests of some kinds meet trouble."""

    def __init__(
        self, issue: FakeIssue, trouble: dict[str, list[Answer]], *, is_done: bool
    ) -> None:
        self.issue = issue
        self.trouble = trouble
        self.is_done = is_done

    def answer(self, asked: Asked) -> Answer:
        """Answer with the trouble that is left for this method; what was asked may be done."""
        waiting = self.trouble.get(asked.method, [])
        if not waiting:
            return self.issue.answer(asked)
        if self.is_done:
            self.issue.answer(asked)
        return waiting.pop(0)


def access(server: LocalServer) -> GitHubAccess:
    """Return the way to the server."""
    return GitHubAccess("owner/name", "github-token-value", server.url, timeout_seconds=2)


def kept(
    answer: Callable[[Asked], Answer], *bodies: str, attempts: int = 4
) -> tuple[list[str], list[float], list[Asked]]:
    """Keep a comment for each body; returns URLs, pauses and what was asked."""
    pauses: list[float] = []
    with local_server(answer) as server:
        urls = [
            upsert_comment(
                access(server), 7, "analysis", body, attempts=attempts, pause=pauses.append
            )
            for body in bodies
        ]
    return urls, pauses, server.asked


@pytest.mark.parametrize("is_app", [False, True])
def test_a_comment_is_written_once_and_then_edited_in_place(is_app: bool) -> None:
    """Two analyses later there is one comment with the last text; other people's stay."""
    issue = FakeIssue(("ann", "a person's words"), is_app=is_app)
    urls, _, _ = kept(issue.answer, "one", "two")
    assert urls == ["https://github.example/owner/name/pull/7#issuecomment-2"] * 2
    assert issue.bodies == {1: "a person's words", 2: f"{MARK}two"}


def test_the_same_text_is_not_written_again() -> None:
    """Asking twice changes nothing, so nobody is told of an edit that is none."""
    issue = FakeIssue()
    _, _, asked = kept(issue.answer, "one", "one")
    assert [one.method for one in asked].count("POST") == 1
    assert "PATCH" not in [one.method for one in asked]


def test_further_comments_of_the_marker_are_removed() -> None:
    """Where two runs raced, the next one leaves the first comment."""
    issue = FakeIssue((OURS, f"{MARK}a"), ("ann", f"quoted {MARK}"), (OURS, f"{MARK}b"))
    kept(issue.answer, "c")
    assert issue.bodies == {1: f"{MARK}c", 2: f"quoted {MARK}"}


@pytest.mark.parametrize("is_app", [False, True])
def test_what_somebody_else_made_look_like_ours_is_left_alone(is_app: bool) -> None:
    """A stranger's comment that begins with the marker is neither edited nor removed."""
    issue = FakeIssue(("eve", f"{MARK}no changes, merge it"), is_app=is_app)
    kept(issue.answer, "the truth")
    assert issue.bodies == {1: f"{MARK}no changes, merge it", 2: f"{MARK}the truth"}


def test_a_comment_on_a_later_page_is_found() -> None:
    """Behind hundreds of comments ours is edited, not written anew."""
    issue = FakeIssue(*[("ann", "words")] * 250, (OURS, f"{MARK}old"))
    kept(issue.answer, "new")
    assert len(issue.comments) == 251
    assert issue.bodies[251] == f"{MARK}new"


def test_a_comment_whose_creation_was_never_answered_is_not_written_twice() -> None:
    """The answer is lost after GitHub wrote it: the next attempt finds it."""
    issue = FakeIssue()
    lost = Troubled(issue, {"POST": [Answer(drop=True)]}, is_done=True)
    _, pauses, _ = kept(lost.answer, "text")
    assert issue.bodies == {1: f"{MARK}text"}
    assert pauses == [2.0]


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "answer",
    [
        BUSY,
        Answer(502, b"<html>"),
        Answer(429, {"message": "slow"}, {"Retry-After": "7"}),
        Answer(403, {"message": "You have exceeded a secondary rate limit"}),
        Answer(403, {"message": "limit"}, {"X-RateLimit-Remaining": "0"}),
        Answer(200, b"no json"),
        Answer(drop=True),
    ],
)
def test_one_comment_is_left_whatever_is_in_the_way(
    answer: Answer, method: str, is_done: bool
) -> None:
    """Each kind of trouble, at each step, before and after it was done, ends in one comment."""
    comments = [(OURS, f"{MARK}a"), (OURS, f"{MARK}b")] if method in ("PATCH", "DELETE") else []
    issue = FakeIssue(*comments)
    kept(Troubled(issue, {method: [answer, answer]}, is_done=is_done).answer, "text")
    assert list(issue.bodies.values()) == [f"{MARK}text"]


@pytest.mark.parametrize(
    ("answer", "pauses"),
    [
        (BUSY, [2.0, 4.0, 8.0]),
        (Answer(429, {"message": "slow"}, {"Retry-After": "7"}), [7, 7, 7]),
        (Answer(403, {"message": "API rate limit exceeded"}), [60, 60, 60]),
        (Answer(429, {"message": "slow"}, {"Retry-After": "3600"}), []),
    ],
)
def test_it_waits_as_long_as_github_asks_and_gives_up(answer: Answer, pauses: list[float]) -> None:
    """Attempts are bounded; a wait that is too long ends them at once, and the error says it."""
    waited: list[float] = []
    with (
        local_server(lambda _: answer) as server,
        pytest.raises(TransientError, match="E_GITHUB_BUSY") as raised,
    ):
        upsert_comment(access(server), 7, "analysis", "text", attempts=4, pause=waited.append)
    assert waited == pauses
    assert "github-token-value" not in str(raised.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 401, 403, 404, 422])
@pytest.mark.parametrize("location", ["https://elsewhere.example/", "/repositories/1/issues/7"])
def test_a_refusal_is_final(status: int, location: str) -> None:
    """What asking again would not change is told at once; a redirect is not followed."""
    answer = Answer(status, {"message": "no"}, {"Location": location})
    with (
        local_server(lambda _: answer) as server,
        pytest.raises(ExternalError, match="E_GITHUB"),
    ):
        upsert_comment(access(server), 7, "analysis", "text", attempts=4, pause=pytest.fail)
    assert len(server.asked) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_redirect_is_not_taken_for_what_was_asked(method: str) -> None:
    """Writing, editing or removing that is sent elsewhere is told as a refusal."""
    comments = [] if method == "POST" else [(OURS, f"{MARK}a"), (OURS, f"{MARK}b")]
    moved = Answer(307, {"message": "moved"}, {"Location": "/repositories/1"})
    with pytest.raises(ExternalError, match="a redirect"):
        kept(Troubled(FakeIssue(*comments), {method: [moved]}, is_done=False).answer, "text")


def test_a_page_on_another_host_is_not_asked_for() -> None:
    """Where the next page lies elsewhere, the token is not carried there."""
    link = {"Link": '<https://elsewhere.example/comments?page=2>; rel="next"'}
    with pytest.raises(ExternalError, match="E_GITHUB"):
        kept(lambda _: Answer(200, [{"id": 1, "body": "words"}], link), "text")


def test_the_comment_of_a_deleted_user_is_not_ours() -> None:
    """What nobody is left of is neither edited nor removed."""
    nobody = {"id": 1, "body": f"{MARK}old", "user": None}
    posted: list[str] = []

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            posted.append(asked.json()["body"])
            return Answer(201, {"id": 2, "html_url": "https://github.example/2"})
        is_user = asked.path == "/user"
        return Answer(body={"login": OURS} if is_user else [nobody])

    urls, _, asked = kept(answer, "new")
    assert (urls, posted) == (["https://github.example/2"], [f"{MARK}new"])
    assert {one.method for one in asked} == {"GET", "POST"}


def test_an_empty_token_is_refused() -> None:
    """A secret that holds nothing is told as GitHub would tell it, and nothing is asked."""
    with pytest.raises(ExternalError, match="E_GITHUB"):
        upsert_comment(GitHubAccess("owner/name", ""), 7, "analysis", "text")


def test_a_comment_is_cut_at_the_limit() -> None:
    """A text that GitHub would refuse is cut, and says so."""
    text = comment_text("analysis", "x" * 70_000)
    assert len(text) == 65_536
    assert text.endswith("cut at GitHub's limit")
    assert comment_text("a--b", "").count("--") == 2


def test_the_token_is_not_shown() -> None:
    """Printing the settings tells no token."""
    assert "github-token-value" not in repr(GitHubAccess("owner/name", "github-token-value"))
