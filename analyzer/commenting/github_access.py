"""GitHub through PyGithub, with one token, and what goes wrong told in our own errors.

PyGithub is loaded where it is first asked: `analyze` starts without it. Every request is sent
once; who may ask again, and how long after, stands in the error.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from delightful.errors import Busy, DelightfulError, ExternalError, TransientError
from delightful.limits import DEFAULT_WAIT_SECONDS, Trouble, github_trouble

if TYPE_CHECKING:
    from github import Github, GithubException

DEFAULT_URL: Final = "https://api.github.com"
_PAGE: Final = 100
_REDIRECTS: Final = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class GitHubAccess:
    """One repository, asked with one token that is never shown.

    `url` is https://api.github.com or a GitHub Enterprise server's.
    """

    repository: str
    token: str = field(repr=False)
    url: str = DEFAULT_URL
    timeout_seconds: int = 15


@contextmanager
def opened(access: GitHubAccess, operation: str) -> Iterator["Github"]:
    """Give PyGithub's client for one operation; nothing is asked before it is used.

    Raises:
        TransientError: E_GITHUB_BUSY or E_GITHUB_UNREACHABLE; it may have been done.
        ExternalError: E_GITHUB, refused.
    """
    with translated(operation), _client(access) as client:
        yield client


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Tell what PyGithub raises in our own errors, as `opened` does."""
    import requests
    from github import BadAttributeException, GithubException, IncompletableObject

    try:
        yield
    except requests.RequestException as error:
        raise _unsent(error, operation) from error
    # PyGithub takes what is no JSON for an object of some fields, and stumbles over it later.
    except (BadAttributeException, IncompletableObject, TypeError, ValueError) as error:
        raise unreadable(operation) from error
    except GithubException as error:
        raise _answered(error, operation) from error
    except AssertionError as error:
        # So PyGithub says that a token is empty, or that an answer names another host.
        raise _refused(operation, f"PyGithub expects something else {error}".strip()) from error


def unreadable(operation: str) -> Busy:
    """Return the error for an answer that is not GitHub's: something in between gave it."""
    return Busy(
        "E_GITHUB_BUSY",
        f"GitHub {operation}: an answer that is none of its own",
        hint="try again",
    )


def _client(access: GitHubAccess) -> "Github":
    from github import Auth, Github
    from urllib3 import Retry

    return Github(
        auth=Auth.Token(access.token),
        base_url=access.url,
        timeout=access.timeout_seconds,
        per_page=_PAGE,
        # Nothing is sent twice, and a redirect is neither followed nor taken for an answer.
        retry=Retry(
            total=0,
            read=False,
            status_forcelist=_REDIRECTS,
            allowed_methods=None,
            respect_retry_after_header=False,
        ),
        seconds_between_requests=None,
        seconds_between_writes=None,
        lazy=True,
    )


def _unsent(error: Exception, operation: str) -> DelightfulError:
    from requests.exceptions import RetryError

    if isinstance(error, RetryError):
        return _refused(operation, "a redirect, which is not followed")
    return TransientError(
        "E_GITHUB_UNREACHABLE",
        f"GitHub {operation}: {type(error).__name__}",
        hint="nothing was deployed or undone by this; it is sent again with the next run",
    )


def _answered(error: "GithubException", operation: str) -> DelightfulError:
    data = error.data if isinstance(error.data, dict) else {}
    cause = f"HTTP {error.status} {str(data.get('message', ''))[:300]}".strip()
    trouble = github_trouble(error.status, error.headers or {}, cause)
    if trouble is not None:
        return _busy(trouble, f"GitHub {operation}: {cause}")
    return _refused(operation, cause)


def _busy(trouble: Trouble, message: str) -> Busy:
    wait = DEFAULT_WAIT_SECONDS if trouble.wait_seconds is None else trouble.wait_seconds
    return Busy(
        "E_GITHUB_BUSY",
        message,
        hint=f"try again after {wait:.0f} seconds",
        wait_seconds=trouble.wait_seconds,
        is_limit=trouble.is_limit,
    )


def _refused(operation: str, cause: str) -> ExternalError:
    return ExternalError(
        "E_GITHUB",
        "refused",
        hint="check that the token may write comments, deployments and checks of this repository",
        service="GitHub",
        operation=operation,
        cause=cause,
    )
