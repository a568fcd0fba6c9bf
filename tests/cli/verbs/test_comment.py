"""`delightful comment` believes nothing of what a fork's run left, and asks GitHub the rest."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from analyzer import SourceTree
from analyzer.commenting.recommendation_comment import CommentRequest
from analyzer.lambda_functions import AnalyzedCommit, analyzed
from cli.verbs.comment import command
from delightful.errors import ConfigError
from tests.stand_ins.github import GitHubStandIn, github_stand_in
from tests.stand_ins.local_server import Answer, Asked, LocalServer, local_server

HEAD, OTHER = "b" * 40, "c" * 40
FORK, BASE = {"id": 3003}, {"id": 1001}


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    """Return a repository with one pull request of the fork among others."""
    with github_stand_in(repository="acme/shop") as stand_in:
        heads = {
            4: {"sha": HEAD, "repo": BASE},
            5: {"sha": OTHER, "repo": FORK},
            6: {"sha": HEAD, "repo": None},
            7: {"sha": HEAD, "repo": FORK},
        }
        for number, head in heads.items():
            stand_in.add_pull(number, is_merged=False, head=head)
        stand_in.add_pull(8, head={"sha": HEAD, "repo": FORK})
        yield stand_in


@pytest.fixture
def function(github: GitHubStandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalServer]:
    """Return the function that comments; this shell has its credentials and the job's token."""
    with local_server(lambda _: Answer(body={"url": "https://github.com/x"})) as server:
        for name, value in {
            "AWS_ENDPOINT_URL": server.url,
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "GITHUB_API_URL": github.url,
            "GITHUB_TOKEN": "job-token",
        }.items():
            monkeypatch.setenv(name, value)
        yield server


def left(**changes: Any) -> dict[str, Any]:
    """Return what a fork's run leaves, with changes of an attacker's."""
    tree = SourceTree.of_files({"requirements.txt": "flask\n", "app.py": "import flask\n"})
    subject = AnalyzedCommit(service="shop", environment="staging", commit="0" * 40)
    return {**analyzed(tree, subject).model_dump(mode="json"), **changes}


def commented(file: Path, head: str = HEAD) -> Result:
    """Run the command; an error of ours comes out as it is."""
    options = ["--service", "shop", "--repository", "acme/shop", "--function", "commenter"]
    head_options = ["--head-repository-id", "3003", "--head-sha", head]
    return CliRunner().invoke(
        command, [str(file), *options, *head_options], catch_exceptions=False, standalone_mode=False
    )


def requests(function: LocalServer) -> list[CommentRequest]:
    """Return what the function was called with."""
    return [CommentRequest.model_validate(one.json()) for one in function.asked]


def test_github_says_which_pull_request_and_which_commit(
    function: LocalServer, tmp_path: Path
) -> None:
    """What the artifact says of itself is not asked: neither a commit nor a number is its own."""
    file = tmp_path / "recommendation.json"
    file.write_text(json.dumps(left(commit=OTHER)))
    assert "pull request 7" in commented(file).output
    (request,) = requests(function)
    assert (request.pull_request, request.recommendation.commit) == (7, HEAD)


def test_nothing_is_said_where_no_open_pull_request_has_that_head(
    function: LocalServer, tmp_path: Path
) -> None:
    """One that was closed in the meantime is no failure."""
    file = tmp_path / "recommendation.json"
    file.write_text(json.dumps(left()))
    assert "nothing to say" in commented(file, "d" * 40).output
    assert function.asked == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (json.dumps(left(pull_request=1)), "E_RECOMMENDATION"),
        (json.dumps(left(service="billing")), "E_RECOMMENDATION"),
        (json.dumps(left(answers="all")), "E_RECOMMENDATION"),
        ('{"service": "shop", "service": "shop"}', "E_JSON_DUPKEY"),
        ("[" * 100 + "]" * 100, "E_JSON_DEPTH"),
        ('{"cost": NaN}', "E_JSON_NUMBER"),
        ("not JSON", "E_JSON"),
        ("", "E_JSON"),
        (json.dumps(left(notes=["x" * 2_000_000])), "E_RECOMMENDATION"),
    ],
    ids=range(9),
)
def test_another_form_is_refused_before_anybody_is_asked(
    function: LocalServer, github: GitHubStandIn, tmp_path: Path, text: str, code: str
) -> None:
    """A key too many, another service, a bomb: neither GitHub nor the function hears of it."""
    file = tmp_path / "recommendation.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=rf"{code} "):
        commented(file)
    assert (function.asked, github.asked) == ([], [])


def test_a_link_in_the_artifact_is_not_followed(function: LocalServer, tmp_path: Path) -> None:
    """An artifact cannot point at a file of the runner."""
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps(left()))
    file = tmp_path / "recommendation.json"
    file.symlink_to(secret)
    with pytest.raises(ConfigError, match="E_RECOMMENDATION"):
        commented(file)
    assert function.asked == []


def test_the_token_goes_to_github_alone(
    function: LocalServer, github: GitHubStandIn, tmp_path: Path
) -> None:
    """The job's token is in no request to the function."""
    file = tmp_path / "recommendation.json"
    file.write_text(json.dumps(left()))
    commented(file)
    sent = [f"{one.headers} {one.body!r}" for one in function.asked]
    assert sent
    assert not any("job-token" in text for text in sent)
    assert all("job-token" in _authorization(one) for one in github.asked)


def _authorization(asked: Asked) -> str:
    return asked.headers.get("Authorization", "")
