"""What the function that comments is set up with: which repository, and where its token lies."""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import StringConstraints

from analyzer.commenting.github_access import DEFAULT_URL
from delightful.frozen import Frozen

_DEFAULT_WEB_URL: Final = "https://github.com"

# A token is sent there: over TLS, or to this machine.
_Url = Annotated[
    str,
    StringConstraints(
        pattern=r"^(?:https://[A-Za-z0-9.-]+(?::[0-9]+)?|http://127\.0\.0\.1:[0-9]+)(?:/[a-z0-9/]*)?$"
    ),
]


class CommentSettings(Frozen):
    """Set by whoever installs the function, never by whoever calls it."""

    repository: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$")
    ]
    secret_arn: Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:secretsmanager:.+$")]
    api_url: _Url = DEFAULT_URL
    web_url: _Url = _DEFAULT_WEB_URL

    @property
    def repository_url(self) -> str:
        """Return the address of the repository's page."""
        return f"{self.web_url}/{self.repository}"


def comment_settings(environment: Mapping[str, str]) -> CommentSettings:
    """Read the settings from the function's environment.

    Raises:
        ValueError: one is missing or malformed.
    """
    return CommentSettings(
        repository=environment.get("GITHUB_REPOSITORY", ""),
        secret_arn=environment.get("GITHUB_TOKEN_SECRET_ARN", ""),
        api_url=environment.get("GITHUB_API_URL") or DEFAULT_URL,
        web_url=environment.get("GITHUB_SERVER_URL") or _DEFAULT_WEB_URL,
    )
