"""How a flow run ended, in the codes of the trade, for whoever watches it from elsewhere."""

from typing import Final, Self

from pydantic import Field

from delightful.errors import DelightfulError, ExitCode
from delightful.frozen import Frozen

# The key of the artifact in which a flow run leaves its outcome; one of them for each run.
ARTIFACT_KEY: Final = "outcome"


class RunOutcome(Frozen):
    """What a flow run leaves behind of its end, written before it ends.

    `code`, `message` and `hint` are those of the error that ended it, or all None; `release_id`
    names the release that it worked on or left serving, where there is one.
    """

    exit_code: int = Field(ge=0, le=255)
    code: str | None = None
    message: str | None = None
    hint: str | None = None
    release_id: str | None = None

    @property
    def line(self) -> str | None:
        """Return the error in one line, as the error itself says it."""
        return f"{self.code} {self.message} → {self.hint}" if self.code else None

    @classmethod
    def of_error(cls, error: BaseException) -> Self:
        """Return the outcome of a run that an error ends."""
        if not isinstance(error, DelightfulError):
            return cls(
                exit_code=ExitCode.FAILED,
                code="E_UNEXPECTED",
                message=f"{type(error).__name__}: {error}",
                hint="read the flow run's log and report it; the same again goes on from there",
            )
        return cls(
            exit_code=error.exit_code,
            code=error.code,
            message=error.message,
            hint=error.hint,
            release_id=getattr(error, "release_id", None),
        )
