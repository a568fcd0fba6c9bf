"""The commenter: by the function, from here, or nowhere."""

from prefect_aws import AwsCredentials
from pydantic import HttpUrl, SecretStr

from analyzer import SourceTree
from analyzer.commenting.recommendation_comment import CommentRequest
from analyzer.lambda_functions import AnalyzedCommit, analyzed
from blocks.messengers.github_repository import GitHubRepository
from blocks.messengers.pull_request_commenter import PullRequestCommenter
from tests.analyzer.commenting.fake_github import FakeIssue
from tests.stand_ins.local_server import Answer, Asked, local_server

COMMIT = "c" * 40


def request() -> CommentRequest:
    """Return a request to comment on pull request 7."""
    tree = SourceTree.of_files({"requirements.txt": "flask\n", "app.py": "import flask\n"})
    subject = AnalyzedCommit(service="shop", environment="staging", commit=COMMIT)
    return CommentRequest(pull_request=7, recommendation=analyzed(tree, subject))


def credentials(endpoint: str = "http://127.0.0.1:9") -> AwsCredentials:
    """Return credentials for an endpoint."""
    return AwsCredentials(
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
        aws_client_parameters={"endpoint_url": endpoint},
    )


def test_without_function_and_repository_there_is_nowhere_to_comment() -> None:
    """An environment without GitHub is no failure."""
    assert PullRequestCommenter(credentials=credentials()).comment(request()) is None


def test_from_here_it_writes_what_the_function_would() -> None:
    """The repository's block keeps the comment, with links into the repository's own pages."""
    issue = FakeIssue()
    with local_server(issue.answer) as server:
        github = GitHubRepository(
            repository="owner/name", token=SecretStr("t"), base_url=HttpUrl(server.url)
        )
        commenter = PullRequestCommenter(credentials=credentials(), github=github)
        urls = {commenter.comment(request()) for _ in range(2)}
    assert urls == {"https://github.example/owner/name/pull/7#issuecomment-1"}
    assert issue.bodies[1].startswith("<!-- delightful: analysis-shop -->\n### ")


def test_the_function_gets_the_closed_request_and_nothing_else() -> None:
    """It is invoked by name with the request; its answer is the comment's address."""

    def answer(asked: Asked) -> Answer:
        assert asked.path.endswith("/functions/delightful-commenter/invocations")
        assert CommentRequest.model_validate(asked.json()) == request()
        return Answer(body={"url": "https://github.com/owner/name/pull/7#issuecomment-1"})

    with local_server(answer) as server:
        commenter = PullRequestCommenter(
            credentials=credentials(server.url), function_name="delightful-commenter"
        )
        url = commenter.comment(request())
    assert url == "https://github.com/owner/name/pull/7#issuecomment-1"


def test_pages_are_where_the_api_says() -> None:
    """github.com and an Enterprise server each link to their own pages."""
    pages = [
        GitHubRepository(
            repository="owner/name", token=SecretStr("t"), base_url=HttpUrl(url)
        ).page_url
        for url in ("https://api.github.com", "https://git.example/api/v3")
    ]
    assert pages == ["https://github.com/owner/name", "https://git.example/owner/name"]
