"""What is asked of the release ledger when an attempt begins."""

from delightful.frozen import Frozen
from delightful.release import AttemptKind


class AttemptRequest(Frozen):
    """A wish to change what serves; `history` is the commit's, newest first, itself first.

    `across_migrations` is why a rollback may cross migrations that destroy.
    """

    service: str
    environment: str
    commit: str
    kind: AttemptKind
    history: tuple[str, ...]
    reason: str | None = None
    restores: str | None = None
    across_migrations: str | None = None
