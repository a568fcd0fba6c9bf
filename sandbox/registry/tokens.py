"""The passwords that GetAuthorizationToken hands out and the registry accepts, for 12 hours."""

import base64
import binascii
import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

USER = "AWS"
LIFETIME = timedelta(hours=12)


@dataclass(frozen=True)
class Token:
    """A password and the moment from which it is refused."""

    password: str
    expires_at: datetime

    @property
    def authorization(self) -> str:
        """Return what ECR calls the authorization token: base64 of `AWS:password`."""
        return base64.b64encode(f"{USER}:{self.password}".encode()).decode()


@dataclass(frozen=True)
class TokenBook:
    """The tokens of one registry."""

    _issued: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def issue(self) -> Token:
        """Return a new token."""
        token = Token(secrets.token_urlsafe(48), datetime.now(UTC) + LIFETIME)
        with self._lock:
            self._issued[token.password] = token.expires_at
        return token

    def admits(self, header: str | None) -> bool:
        """Say whether an `Authorization` header carries a token that is still good."""
        user, _, password = _basic(header).partition(":")
        with self._lock:
            expires_at = self._issued.get(password)
        return user == USER and expires_at is not None and datetime.now(UTC) < expires_at


def _basic(header: str | None) -> str:
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


# One registry per AWS server process: the API that hands out and the port that accepts share it.
TOKENS = TokenBook()
