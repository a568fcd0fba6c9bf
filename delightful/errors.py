"""The errors of the trade: each carries a stable code, what happened and what to do next."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the command answers to a shell; one meaning each, the same for every verb."""

    GOOD = 0
    FAILED = 1
    BAD_INPUT = 2
    SUPERSEDED = 3
    REFUSED = 4
    ROLLED_BACK = 5
    UNREACHABLE = 6
    ROLLBACK_FAILED = 7


class DelightfulError(Exception):
    """A failure that says what was tried, where, and what to do next.

    `code` is stable (`E_SHA`, `E_LOCKED`, …) and listed in docs/errors.md; `hint` is the next step.
    """

    exit_code = ExitCode.FAILED

    def __init__(self, code: str, message: str, *, hint: str) -> None:
        super().__init__(code, message, hint)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.code} {self.message} → {self.hint}"


class ConfigError(DelightfulError):
    """The reader must edit something: the message names file, key and expected value."""

    exit_code = ExitCode.BAD_INPUT


class BuildFailed(ConfigError):
    """The build of the service's image failed; `log_tail` is what it said last."""

    def __init__(self, code: str, message: str, *, hint: str, log_tail: tuple[str, ...]) -> None:
        super().__init__(code, message, hint=hint)
        self.log_tail = log_tail


class Refused(DelightfulError):
    """A guard said no: lock held, frozen, stale commit, policy, approval withheld."""

    exit_code = ExitCode.REFUSED


class Superseded(DelightfulError):
    """A newer commit is already good or in progress, so this one must not go live."""

    exit_code = ExitCode.SUPERSEDED


class TransientError(DelightfulError):
    """Safe to try again as it is."""

    exit_code = ExitCode.UNREACHABLE


class Busy(TransientError):
    """An outside service limits requests or is down, and may name a time.

    `wait_seconds` is how long it asks to be left alone, None where it does not say. With `is_limit`
    it refused at its door: what was asked is surely not done.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str,
        wait_seconds: float | None = None,
        is_limit: bool = False,
    ) -> None:
        super().__init__(code, message, hint=hint)
        self.wait_seconds = wait_seconds
        self.is_limit = is_limit


class ExternalError(DelightfulError):
    """An outside service answered with an error that trying again will not cure."""

    exit_code = ExitCode.UNREACHABLE

    def __init__(
        self, code: str, message: str, *, hint: str, service: str, operation: str, cause: str
    ) -> None:
        super().__init__(code, f"{service} {operation}: {message}: {cause}", hint=hint)
        self.service = service
        self.operation = operation
        self.cause = cause


class DeployFailed(DelightfulError):
    """A release did not become good; says whether the earlier one serves again."""

    def __init__(
        self, code: str, message: str, *, hint: str, release_id: str, rolled_back: bool
    ) -> None:
        super().__init__(code, message, hint=hint)
        self.release_id = release_id
        self.rolled_back = rolled_back
        self.exit_code = ExitCode.ROLLED_BACK if rolled_back else ExitCode.FAILED


class RollbackFailed(DelightfulError):
    """The way back failed too: the loudest outcome there is, and the first cause stays named."""

    exit_code = ExitCode.ROLLBACK_FAILED

    def __init__(self, code: str, message: str, *, hint: str, release_id: str) -> None:
        super().__init__(code, message, hint=hint)
        self.release_id = release_id
