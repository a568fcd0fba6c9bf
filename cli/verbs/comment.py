"""`delightful comment`: what a fork's run recommended, on its pull request."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.terminal import print_text
from delightful.errors import ConfigError

if TYPE_CHECKING:
    from analyzer.commenting.github_access import GitHubAccess


@click.command(name="comment")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--service", required=True, help="Service that the recommendation is about.")
@click.option("--repository", required=True, metavar="OWNER/NAME", help="Where it was proposed.")
@click.option("--head-repository-id", type=int, required=True, help="Number of the fork.")
@click.option("--head-sha", required=True, metavar="COMMIT", help="Commit that was proposed.")
@click.option("--function", required=True, help="Lambda function that comments.")
def command(
    file: Path,
    service: str,
    repository: str,
    head_repository_id: int,
    head_sha: str,
    function: str,
) -> int:
    """Put the recommendation in FILE, which a fork's run left, on its pull request.

    FILE is read as what an attacker wrote. The pull request is looked up at GitHub by the head's
    repository and commit, with GITHUB_TOKEN; the function that comments is called with this shell's
    AWS credentials.
    """
    from prefect_aws import AwsCredentials

    from analyzer.commenting.forked import pull_requests_of_head, read_recommendation
    from analyzer.commenting.recommendation_comment import CommentRequest
    from blocks.messengers.pull_request_commenter import PullRequestCommenter

    said = read_recommendation(_bytes(file), service=service, commit=head_sha)
    numbers = pull_requests_of_head(_access(repository), head_repository_id, head_sha)
    commenter = PullRequestCommenter(
        # boto3 alone looks at AWS_DEFAULT_REGION only.
        credentials=AwsCredentials(region_name=os.environ.get("AWS_REGION")),
        function_name=function,
    )
    for number in numbers:
        url = commenter.comment(CommentRequest(pull_request=number, recommendation=said))
        print_text(f"pull request {number}: {url}")
    if not numbers:
        print_text(f"no open pull request has {head_sha[:12]} as its head: nothing to say")
    return 0


def _bytes(file: Path) -> bytes:
    from analyzer.folder import read_plain_file
    from delightful.reading.json import MAX_BYTES

    data = read_plain_file(str(file), MAX_BYTES)
    if data is None:
        raise ConfigError(
            "E_RECOMMENDATION",
            f"{file}: no plain file of at most {MAX_BYTES} bytes",
            hint="fetch the artifact that `delightful analyze --format json` was kept as",
        )
    return data


def _access(repository: str) -> "GitHubAccess":
    from analyzer.commenting.github_access import DEFAULT_URL, GitHubAccess

    token = os.environ.get("GITHUB_TOKEN", "")
    return GitHubAccess(repository, token, os.environ.get("GITHUB_API_URL") or DEFAULT_URL)
