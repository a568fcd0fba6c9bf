"""The registry admits those to whom a token was handed out."""

import base64

from sandbox.registry.tokens import LIFETIME, TokenBook


def test_admits_a_token_that_it_issued_and_nothing_else() -> None:
    """User and password both count; a header of another scheme or form is nobody's."""
    book = TokenBook()
    token = book.issue()
    assert book.admits(f"Basic {token.authorization}")
    other_user = base64.b64encode(f"root:{token.password}".encode()).decode()
    for header in (None, "", f"Basic {other_user}", f"Bearer {token.authorization}", "Basic ???"):
        assert not book.admits(header)


def test_a_token_of_another_registry_is_refused() -> None:
    """Tokens are good where they were issued."""
    assert not TokenBook().admits(f"Basic {TokenBook().issue().authorization}")


def test_a_token_lives_twelve_hours() -> None:
    """As ECR's do."""
    assert LIFETIME.total_seconds() == 12 * 3600
