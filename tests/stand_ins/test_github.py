"""The stand-in for GitHub: it remembers, pages, and fails as it is told to."""

import httpx
import pytest

from tests.stand_ins.faults import Fault, lost, primary_limit, secondary_limit, slow, status
from tests.stand_ins.github import GitHubStandIn, github_stand_in

HEADERS = {"Authorization": "token value"}
COMMENTS = "/repos/owner/name/issues/7/comments"
DEPLOYMENTS = "/repos/owner/name/deployments"


def call(github: GitHubStandIn, method: str, path: str, **json: object) -> httpx.Response:
    """Ask the stand-in once."""
    body = {"json": json} if json else {}
    return httpx.request(method, f"{github.url}{path}", headers=HEADERS, timeout=5, **body)  # type: ignore[arg-type]


def test_comments_are_listed_in_pages_edited_and_deleted() -> None:
    """What was created is found behind a link to the next page, changed and gone."""
    with github_stand_in() as github:
        made = [call(github, "POST", COMMENTS, body=f"text {number}") for number in range(5)]
        first = call(github, "GET", f"{COMMENTS}?per_page=3")
        second = httpx.get(first.links["next"]["url"], headers=HEADERS)
        assert [one["body"] for one in second.json()] == ["text 3", "text 4"]
        assert "next" not in second.links
        path = httpx.URL(made[0].json()["url"]).path
        assert call(github, "PATCH", path, body="new").json()["body"] == "new"
        assert call(github, "DELETE", path).status_code == 204
        assert call(github, "GET", path).status_code == 404
        assert github.bodies(7) == ["text 1", "text 2", "text 3", "text 4"]


def test_deployments_are_found_by_their_task_and_one_is_active() -> None:
    """A success ends the one before it, unless that is asked not to happen."""
    with github_stand_in() as github:
        for task, more in (("a", {}), ("b", {}), ("c", {"auto_inactive": False})):
            made = call(github, "POST", DEPLOYMENTS, ref="c" * 40, environment="staging", task=task)
            path = f"{DEPLOYMENTS}/{made.json()['id']}/statuses"
            assert call(github, "POST", path, state="success", **more).status_code == 201
        found = call(github, "GET", f"{DEPLOYMENTS}?environment=staging&task=b").json()
        assert [one["task"] for one in found] == ["b"]
        assert github.states(1) == ["success", "inactive"]
        assert len(github.active_deployments("staging")) == 2


def test_a_commit_leads_to_its_pull_request_and_its_checks() -> None:
    """Both are found by the commit."""
    with github_stand_in() as github:
        github.add_pull(7, "a" * 40)
        pulls = call(github, "GET", f"/repos/owner/name/commits/{'a' * 40}/pulls").json()
        assert [one["number"] for one in pulls] == [7]
        check = {"name": "plan", "head_sha": "a" * 40, "conclusion": "success"}
        call(github, "POST", "/repos/owner/name/check-runs", **check)
        runs = call(github, "GET", f"/repos/owner/name/commits/{'a' * 40}/check-runs").json()
        assert [one["name"] for one in runs["check_runs"]] == ["plan"]


@pytest.mark.parametrize(
    ("fault", "code", "header"),
    [
        (secondary_limit(7), 403, ("retry-after", "7")),
        (primary_limit(code=429), 429, ("x-ratelimit-remaining", "0")),
        (status(502), 502, ("content-type", "text/html")),
    ],
)
def test_faults_are_met_as_often_as_asked(fault: Fault, code: int, header: tuple[str, str]) -> None:
    """A fault meets its method and path only, does nothing else, and is gone afterwards."""
    with github_stand_in() as github:
        github.faults.switch_on(fault, method="POST", path="/comments$", times=2)
        assert call(github, "GET", COMMENTS).status_code == 200
        answers = [call(github, "POST", COMMENTS, body="text") for _ in range(3)]
        assert [one.status_code for one in answers] == [code, code, 201]
        assert answers[0].headers[header[0]] == header[1]
        assert answers[2].headers["x-ratelimit-limit"] == "5000"
        assert github.bodies(7) == ["text"]


def test_a_lost_answer_was_done() -> None:
    """The connection is dropped after the comment was written."""
    with github_stand_in() as github:
        github.faults.switch_on(lost(), method="POST")
        with pytest.raises(httpx.RemoteProtocolError):
            call(github, "POST", COMMENTS, body="text")
        assert github.bodies(7) == ["text"]


def test_a_slow_answer_is_right() -> None:
    """It comes after the time that was asked for, once what was asked is done."""
    with github_stand_in() as github:
        github.faults.switch_on(slow(0.2), method="POST")
        answer = call(github, "POST", COMMENTS, body="text")
        assert answer.elapsed.total_seconds() >= 0.2
        assert github.bodies(7) == ["text"]


def test_nobody_is_served_without_a_token() -> None:
    """A request without a token is refused, an unknown path is not found."""
    with github_stand_in() as github:
        assert httpx.get(f"{github.url}/user").status_code == 401
        assert call(github, "GET", "/nowhere").status_code == 404
