"""The little of GitHub's REST API that a comment needs, with nothing but the standard library.

Every request is sent once; who may ask again, and how long after, stands in the error.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

from delightful.errors import DelightfulError, ExternalError, TransientError

DEFAULT_URL: Final = "https://api.github.com"
_LONGEST_ANSWER: Final = 16 * 1024 * 1024
# What GitHub asks for where it limits and names no time.
_WAIT_SECONDS: Final = 60


class GitHubBusy(TransientError):
    """GitHub limits requests or is down; `wait_seconds` is how long it asks to be left alone."""

    wait_seconds: float | None = None


@dataclass(frozen=True)
class GitHubApi:
    """One repository's API, asked with one token that is never shown.

    `url` is https://api.github.com or a GitHub Enterprise server's. Nothing is followed: a token
    goes to the host that was named and to no other.
    """

    repository: str
    token: str = field(repr=False)
    url: str = DEFAULT_URL
    timeout_seconds: float = 15.0

    def ask(
        self, operation: str, method: str, path: str, body: Mapping[str, str] | None = None
    ) -> Any:
        """Return what GitHub answers, as JSON gives it; None where it answers nothing.

        A path that begins with a slash is the API's, any other the repository's.

        Raises:
            TransientError: E_GITHUB_BUSY or E_GITHUB_UNREACHABLE; it may have been done.
            ExternalError: E_GITHUB, refused.
        """
        try:
            response, data = self._exchange(method, path, body)
        except (OSError, HTTPException) as error:
            raise TransientError(
                "E_GITHUB_UNREACHABLE",
                f"GitHub {operation}: {type(error).__name__}",
                hint="nothing was deployed or undone by this; it is sent again with the next run",
            ) from error
        if response.status >= 300:
            raise _error_of(response, data, operation)
        return _read(data, operation) if data else None

    def _exchange(
        self, method: str, path: str, body: Mapping[str, str] | None
    ) -> tuple[HTTPResponse, bytes]:
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self.timeout_seconds)
        try:
            target = path if path.startswith("/") else f"/repos/{self.repository}/{path}"
            sent = None if body is None else json.dumps(body).encode()
            connection.request(method, parts.path.rstrip("/") + target, sent, self._headers())
            response = connection.getresponse()
            return response, response.read(_LONGEST_ANSWER)
        finally:
            connection.close()

    def _headers(self) -> dict[str, str]:
        return {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "User-Agent": "delightful",
            "X-GitHub-Api-Version": "2022-11-28",
        }


def _read(data: bytes, operation: str) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise GitHubBusy(
            "E_GITHUB_BUSY", f"GitHub {operation}: an answer that is no JSON", hint="try again"
        ) from error


def _error_of(response: HTTPResponse, data: bytes, operation: str) -> DelightfulError:
    cause = f"HTTP {response.status} {_message(data)}".strip()
    is_limited = response.status in (403, 429) and _is_limit(response, cause)
    if is_limited or response.status == 429 or response.status >= 500:
        return _busy(response, f"GitHub {operation}: {cause}", is_limited=is_limited)
    return ExternalError(
        "E_GITHUB",
        "refused",
        hint="check that the token may write pull request comments of this repository",
        service="GitHub",
        operation=operation,
        cause=cause,
    )


def _is_limit(response: HTTPResponse, cause: str) -> bool:
    # GitHub says 403 of its limits too; only words and headers tell.
    headers = response.headers
    is_used_up = headers.get("x-ratelimit-remaining") == "0"
    return is_used_up or "rate limit" in cause.lower() or headers.get("retry-after") is not None


def _busy(response: HTTPResponse, message: str, *, is_limited: bool) -> GitHubBusy:
    asked = response.headers.get("retry-after", "")
    wait = int(asked) if asked.isascii() and asked.isdigit() else _WAIT_SECONDS
    error = GitHubBusy("E_GITHUB_BUSY", message, hint=f"try again after {wait} seconds")
    error.wait_seconds = wait if asked or is_limited else None
    return error


def _message(data: bytes) -> str:
    try:
        answer = json.loads(data)
    except ValueError:
        return ""
    return str(answer.get("message", ""))[:300] if isinstance(answer, dict) else ""
