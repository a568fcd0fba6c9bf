"""What puts a recommendation on its pull request: the function that holds the token, or we."""

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl

from analyzer.commenting.recommendation_comment import CommentRequest, CommentResponse, comment_body
from blocks.lambda_call import invoked
from blocks.messengers.github_repository import GitHubRepository
from delightful.render.analysis import analysis_marker


class PullRequestCommenter(Block):
    """
    Keeps the one comment with a recommendation on a pull request.

    Example:
        Show a recommendation:
        ```python
        from blocks.messengers.pull_request_commenter import PullRequestCommenter

        commenter = PullRequestCommenter.load("BLOCK_NAME")
        url = commenter.comment(request)
        ```
    """

    _block_type_name = "Pull Request Commenter"
    _block_type_slug = "pull-request-commenter"
    _documentation_url = HttpUrl("https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html")

    credentials: AwsCredentials = Field(description="Credentials for the account.")
    github: GitHubRepository | None = Field(
        default=None, description="Repository to comment in from here, where no function is named."
    )
    function_name: str | None = Field(
        default=None,
        max_length=140,
        description="Lambda function that holds the token, or none to comment from here.",
    )

    def comment(self, request: CommentRequest) -> str | None:
        """Keep the comment and return its URL, or None where there is nowhere to write it.

        Raises:
            ConfigError: E_ANALYZE, the function failed.
            TransientError: GitHub is busy or out of reach.
            ExternalError: AWS or GitHub refused.
        """
        if self.function_name is not None:
            payload = request.model_dump_json().encode()
            said = invoked(self.credentials, self.function_name, payload)
            return CommentResponse.model_validate_json(said).url
        if self.github is None:
            return None
        return self.github.upsert_comment(
            request.pull_request,
            analysis_marker(request.recommendation.service),
            comment_body(request, self.github.page_url),
        )
