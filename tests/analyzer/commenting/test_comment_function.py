"""The entry point that comments: what it takes, what it writes, and what it never does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from analyzer import SourceTree, lambda_functions
from analyzer.commenting.settings import comment_settings
from delightful.errors import ConfigError
from tests.analyzer.commenting.fake_github import FakeIssue
from tests.stand_ins.local_server import LocalServer, local_server

COMMIT = "c" * 40
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:github-AbCdEf"
FILES = {
    ".delightful.yaml": "service: shop\ntraffic:\n  requests_per_second: 100\n",
    "requirements.txt": "flask\ngunicorn\n",
    "Procfile": "web: gunicorn shop:app --workers 4\n",
    "shop.py": "from flask import Flask\n\napp = Flask(__name__)\n",
}


class Secrets:
    """Secrets Manager with one secret, as boto3's client answers."""

    def get_secret_value(self, **request: str) -> dict[str, str]:
        """Return the token of the one ARN."""
        assert request == {"SecretId": SECRET}
        return {"SecretString": "github-token-value\n"}


@pytest.fixture
def issue() -> FakeIssue:
    """Return the pull request."""
    return FakeIssue(("ann", "a person's words"))


@pytest.fixture
def github(issue: FakeIssue, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalServer]:
    """Run GitHub and set the function up for it."""
    monkeypatch.setattr("boto3.client", lambda service: {"secretsmanager": Secrets()}[service])
    with local_server(issue.answer) as server:
        monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        monkeypatch.setenv("GITHUB_TOKEN_SECRET_ARN", SECRET)
        yield server


def event(**changes: Any) -> dict[str, Any]:
    """Return what `comment` is called with, as JSON brings it."""
    tree = SourceTree.of_files(FILES)
    subject = lambda_functions.AnalyzedCommit(service="shop", environment="staging", commit=COMMIT)
    said = lambda_functions.analyzed(tree, subject)
    running = {
        "release_id": "shop-staging-000012",
        "commit": "b" * 40,
        "environment": "staging",
        "variables": {"cpu_units": 256, "memory_mib": 512, "desired_count": 1},
    }
    request = {
        "pull_request": 7,
        "recommendation": said.model_dump(mode="json"),
        "running": running,
        **changes,
    }
    return dict(json.loads(json.dumps(request)))


def test_the_card_is_kept_on_the_pull_request(issue: FakeIssue, github: LocalServer) -> None:
    """Called twice it leaves one comment: linked lines, changes, cost, how to overrule."""
    answers = [lambda_functions.comment(event(), None) for _ in range(2)]
    assert {answer["url"] for answer in answers} == {
        "https://github.example/owner/name/pull/7#issuecomment-2"
    }
    assert issue.bodies[1] == "a person's words"
    body = issue.bodies[2]
    assert body.startswith("<!-- delightful: analysis-shop -->\n### 🔎 shop at")
    assert f"https://github.com/owner/name/blob/{COMMIT}/Procfile#L1" in body
    assert "| `cpu_units` | `256` | `1024` |" in body
    assert "USD a month" in body
    assert "against shop\\-staging\\-000012" in body
    assert "`health_check.path`" in body


def test_only_the_installed_repository_is_written_to(github: LocalServer) -> None:
    """Every request goes to the repository of the settings with the token of the secret."""
    lambda_functions.comment(event(), None)
    paths = {asked.path for asked in github.asked} - {"/user"}
    assert all(path.startswith("/repos/owner/name/issues/") for path in paths)
    assert {one.headers["Authorization"] for one in github.asked} == {"token github-token-value"}


@pytest.mark.parametrize(
    "changes",
    [
        {"repository": "eve/name"},
        {"api_url": "https://eve.example"},
        {"pull_request": 0},
        {"pull_request": "7/../../1"},
        {"recommendation": {"service": "shop"}},
    ],
)
def test_what_the_caller_may_not_say_is_refused(
    issue: FakeIssue, github: LocalServer, changes: dict[str, Any]
) -> None:
    """An event with another key, or a recommendation that is none, asks GitHub nothing."""
    with pytest.raises(ValueError, match="validation error"):
        lambda_functions.comment(event(**changes), None)
    assert github.asked == []


@pytest.mark.parametrize(("key", "value"), [("service", "a--b"), ("commit", "main")])
def test_names_are_checked_again(github: LocalServer, key: str, value: str) -> None:
    """A service or commit that is none never becomes a marker or an address."""
    request = event()
    request["recommendation"][key] = value
    with pytest.raises(ConfigError, match=r"E_NAME|E_SHA"):
        lambda_functions.comment(request, None)
    assert github.asked == []


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"GITHUB_REPOSITORY": "owner/name"},
        {"GITHUB_REPOSITORY": "owner/name/../x", "GITHUB_TOKEN_SECRET_ARN": SECRET},
        {"GITHUB_REPOSITORY": "owner/name", "GITHUB_TOKEN_SECRET_ARN": "token"},
        {
            "GITHUB_REPOSITORY": "owner/name",
            "GITHUB_TOKEN_SECRET_ARN": SECRET,
            "GITHUB_API_URL": "http://eve.example",
        },
    ],
)
def test_settings_are_complete_or_refused(environment: dict[str, str]) -> None:
    """Without a repository, a secret's ARN and an encrypted way there is no start."""
    with pytest.raises(ValueError, match="validation error"):
        comment_settings(environment)
