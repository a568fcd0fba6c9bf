"""GitHub's REST API for one repository, as far as Delightful asks for it; memory and faults."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.stand_ins.faults import Faults
from tests.stand_ins.github_pages import page_of, query_of
from tests.stand_ins.local_server import Answer, Asked, LocalServer, local_server

WEB = "https://github.example"
NOT_FOUND = Answer(404, {"message": "Not Found"})
_LIMIT = 5000
_ENDS = {"success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"}
_STATES = {"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}

Json = dict[str, Any]


@dataclass
class GitHubStandIn:
    """One repository. What it remembers is open to tests; ids are given in order of creation.

    With `is_app` the token is an app's or a workflow's, which has no user and writes as a bot.
    `commits` lists the commits that exist; empty means that any does.
    """

    repository: str = "owner/name"
    login: str = "release-bot"
    is_app: bool = False
    commits: set[str] = field(default_factory=set)
    pulls: dict[int, Json] = field(default_factory=dict)
    pulls_of_commit: dict[str, list[int]] = field(default_factory=dict)
    comments: dict[int, Json] = field(default_factory=dict)
    deployments: dict[int, Json] = field(default_factory=dict)
    statuses: dict[int, list[Json]] = field(default_factory=dict)
    check_runs: dict[int, Json] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    server: LocalServer = field(default_factory=lambda: LocalServer("", []))
    _last_id: int = 0

    @property
    def url(self) -> str:
        """Return the address of the API, as GITHUB_API_URL names it."""
        return self.server.url

    @property
    def asked(self) -> list[Asked]:
        """Return every request, those that met a fault among them."""
        return self.server.asked

    def add_pull(self, number: int, *commits: str, is_merged: bool = True, **more: Any) -> None:
        """Let there be a pull request that these commits came from."""
        self.pulls[number] = {
            "number": number,
            "state": "closed" if is_merged else "open",
            "merged_at": "2026-11-23T00:00:00Z" if is_merged else None,
            "html_url": f"{WEB}/{self.repository}/pull/{number}",
            **more,
        }
        for commit in commits:
            self.pulls_of_commit.setdefault(commit, []).append(number)

    def add_comment(self, pull: int, author: str, body: str) -> int:
        """Let somebody comment on a pull request; returns the comment's id."""
        number = self._next_id()
        kind = "Bot" if self.is_app and author == self.login else "User"
        self.comments[number] = {
            "id": number,
            "pull": pull,
            "body": body,
            "user": {"login": author, "type": kind},
            "html_url": f"{WEB}/{self.repository}/pull/{pull}#issuecomment-{number}",
        }
        return number

    def bodies(self, pull: int) -> list[str]:
        """Return the comments of a pull request, oldest first."""
        return [one["body"] for one in self.comments.values() if one["pull"] == pull]

    def active_deployments(self, environment: str) -> list[int]:
        """Return the deployments of an environment whose newest status is success."""
        return [
            number
            for number, one in self.deployments.items()
            if one["environment"] == environment
            and self.statuses[number]
            and self.statuses[number][-1]["state"] == "success"
        ]

    def states(self, deployment: int) -> list[str]:
        """Return the states of a deployment, oldest first."""
        return [one["state"] for one in self.statuses[deployment]]

    def answer(self, asked: Asked) -> Answer:
        """Answer one request, or let it meet a fault."""
        return self.faults.met(asked, self._answer)

    def _answer(self, asked: Asked) -> Answer:
        if not re.fullmatch(r"(?:token|Bearer) \S+", asked.headers.get("Authorization", "")):
            return self._limited(Answer(401, {"message": "Requires authentication"}))
        path = urlsplit(asked.path).path
        for method, pattern, action in self._routes():
            found = re.fullmatch(pattern, path)
            if found and method == asked.method:
                return self._limited(action(asked, *found.groups()))
        return self._limited(NOT_FOUND)

    def _limited(self, answer: Answer) -> Answer:
        used = len(self.asked)
        headers = {
            "x-ratelimit-limit": str(_LIMIT),
            "x-ratelimit-remaining": str(max(1, _LIMIT - used)),
            "x-ratelimit-used": str(used),
            "x-ratelimit-reset": str(int(time.time()) + 3600),
            "x-ratelimit-resource": "core",
            "Content-Type": "application/json; charset=utf-8",
        }
        return Answer(answer.status, answer.body, {**headers, **answer.headers}, answer.drop)

    def _routes(self) -> list[tuple[str, str, Callable[..., Answer]]]:
        here = f"/repos/{re.escape(self.repository)}"
        return [
            ("GET", "/user", self._user),
            ("GET", here, self._show_repository),
            ("GET", rf"{here}/pulls", self._list_pulls),
            ("GET", rf"{here}/pulls/(\d+)", self._show_pull),
            ("GET", rf"{here}/commits/(\w+)/pulls", self._list_pulls_of),
            ("GET", rf"{here}/commits/(\w+)/check-runs", self._list_check_runs),
            ("GET", rf"{here}/issues/(\d+)/comments", self._list_comments),
            ("POST", rf"{here}/issues/(\d+)/comments", self._create_comment),
            ("GET", rf"{here}/issues/comments/(\d+)", self._show_comment),
            ("PATCH", rf"{here}/issues/comments/(\d+)", self._edit_comment),
            ("DELETE", rf"{here}/issues/comments/(\d+)", self._delete_comment),
            ("GET", rf"{here}/deployments", self._list_deployments),
            ("POST", rf"{here}/deployments", self._create_deployment),
            ("GET", rf"{here}/deployments/(\d+)", self._show_deployment),
            ("GET", rf"{here}/deployments/(\d+)/statuses", self._list_statuses),
            ("POST", rf"{here}/deployments/(\d+)/statuses", self._create_status),
            ("POST", rf"{here}/check-runs", self._create_check_run),
            ("GET", rf"{here}/check-runs/(\d+)", self._show_check_run),
            ("PATCH", rf"{here}/check-runs/(\d+)", self._edit_check_run),
        ]

    def _user(self, _: Asked) -> Answer:
        if self.is_app:
            return Answer(403, {"message": "Resource not accessible by integration"})
        return Answer(body={"login": self.login, "type": "User"})

    def _show_repository(self, asked: Asked) -> Answer:
        return Answer(body={"full_name": self.repository, "url": self._at(asked, "")})

    def _list_pulls(self, asked: Asked) -> Answer:
        state = query_of(asked).get("state", "open")
        found = [one for one in self.pulls.values() if state in (one["state"], "all")]
        return page_of(asked, found)

    def _show_pull(self, _: Asked, number: str) -> Answer:
        found = self.pulls.get(int(number))
        return Answer(body=found) if found else NOT_FOUND

    def _list_pulls_of(self, asked: Asked, commit: str) -> Answer:
        found = [self.pulls[number] for number in self.pulls_of_commit.get(commit, [])]
        return page_of(asked, found)

    def _list_comments(self, asked: Asked, pull: str) -> Answer:
        found = [one for one in self.comments.values() if one["pull"] == int(pull)]
        return page_of(asked, [self._comment(asked, one) for one in found])

    def _create_comment(self, asked: Asked, pull: str) -> Answer:
        number = self.add_comment(int(pull), self.login, asked.json()["body"])
        return Answer(201, self._comment(asked, self.comments[number]))

    def _show_comment(self, asked: Asked, number: str) -> Answer:
        found = self.comments.get(int(number))
        return Answer(body=self._comment(asked, found)) if found else NOT_FOUND

    def _edit_comment(self, asked: Asked, number: str) -> Answer:
        if int(number) not in self.comments:
            return NOT_FOUND
        self.comments[int(number)]["body"] = asked.json()["body"]
        return self._show_comment(asked, number)

    def _delete_comment(self, _: Asked, number: str) -> Answer:
        return Answer(204) if self.comments.pop(int(number), None) else NOT_FOUND

    def _comment(self, asked: Asked, one: Json) -> Json:
        return {**one, "url": self._at(asked, f"/issues/comments/{one['id']}")}

    def _list_deployments(self, asked: Asked) -> Answer:
        wanted = query_of(asked)
        found = [
            self._deployment(asked, one)
            for one in reversed(self.deployments.values())
            if all(one[name] == wanted.get(name, one[name]) for name in _FILTERS)
        ]
        return page_of(asked, found)

    def _create_deployment(self, asked: Asked) -> Answer:
        wanted = asked.json()
        if self.commits and wanted["ref"] not in self.commits:
            return Answer(422, {"message": f"No ref found for: {wanted['ref']}"})
        number = self._next_id()
        self.deployments[number] = {
            "id": number,
            "sha": wanted["ref"],
            "ref": wanted["ref"],
            "task": wanted.get("task", "deploy"),
            "payload": wanted.get("payload", {}),
            "environment": wanted.get("environment", "production"),
            "description": wanted.get("description"),
        }
        self.statuses[number] = []
        return Answer(201, self._deployment(asked, self.deployments[number]))

    def _show_deployment(self, asked: Asked, number: str) -> Answer:
        found = self.deployments.get(int(number))
        return Answer(body=self._deployment(asked, found)) if found else NOT_FOUND

    def _deployment(self, asked: Asked, one: Json) -> Json:
        url = self._at(asked, f"/deployments/{one['id']}")
        return {**one, "url": url, "statuses_url": f"{url}/statuses"}

    def _list_statuses(self, asked: Asked, number: str) -> Answer:
        return page_of(asked, list(reversed(self.statuses[int(number)])))

    def _create_status(self, asked: Asked, number: str) -> Answer:
        wanted = asked.json()
        is_valid = wanted["state"] in _STATES and len(wanted.get("description") or "") <= 140
        if int(number) not in self.deployments or not is_valid:
            return Answer(422, {"message": "Validation Failed"})
        made = {"id": self._next_id(), **wanted}
        if wanted["state"] == "success" and wanted.get("auto_inactive", True):
            self._deactivate_others(int(number))
        self.statuses[int(number)].append(made)
        return Answer(201, {**made, "url": self._at(asked, f"/statuses/{made['id']}")})

    def _deactivate_others(self, number: int) -> None:
        environment = self.deployments[number]["environment"]
        for other in self.active_deployments(environment):
            self.statuses[other].append({"id": self._next_id(), "state": "inactive"})

    def _list_check_runs(self, asked: Asked, commit: str) -> Answer:
        name = query_of(asked).get("check_name")
        found = [
            one
            for one in self.check_runs.values()
            if one["head_sha"] == commit and one["name"] == (name or one["name"])
        ]
        shown = [self._check_run(asked, one) for one in found]
        return Answer(body={"total_count": len(shown), "check_runs": shown})

    def _create_check_run(self, asked: Asked) -> Answer:
        wanted, number = asked.json(), self._next_id()
        if wanted.get("conclusion", "success") not in _ENDS:
            return Answer(422, {"message": "Validation Failed"})
        page = f"{WEB}/{self.repository}/runs/{number}"
        self.check_runs[number] = {"id": number, "html_url": page, **wanted}
        return Answer(201, self._check_run(asked, self.check_runs[number]))

    def _show_check_run(self, asked: Asked, number: str) -> Answer:
        found = self.check_runs.get(int(number))
        return Answer(body=self._check_run(asked, found)) if found else NOT_FOUND

    def _edit_check_run(self, asked: Asked, number: str) -> Answer:
        if int(number) not in self.check_runs:
            return NOT_FOUND
        self.check_runs[int(number)] |= asked.json()
        return self._show_check_run(asked, number)

    def _check_run(self, asked: Asked, one: Json) -> Json:
        return {**one, "url": self._at(asked, f"/check-runs/{one['id']}")}

    def _at(self, asked: Asked, path: str) -> str:
        return f"http://{asked.headers['Host']}/repos/{self.repository}{path}"

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id


_FILTERS = ("sha", "ref", "task", "environment")


@contextmanager
def github_stand_in(**settings: Any) -> Iterator[GitHubStandIn]:
    """Run a stand-in on loopback; settings are fields of GitHubStandIn."""
    stand_in = GitHubStandIn(**settings)
    with local_server(stand_in.answer) as server:
        stand_in.server = server
        yield stand_in
