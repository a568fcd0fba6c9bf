"""A progress bar in the Prefect UI for the long waits; never a reason to fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from flows.publishing import prefect_is_optional
from flows.runs.telling import tell


class Progress:
    """One bar. Repeats of the same text are neither logged nor sent."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._shown: tuple[str, int] | None = None
        self._artifact_id: UUID | None = None

    def show(self, percent: float, text: str) -> None:
        """Move the bar and say why it stands there; a new text is logged, too."""
        shown = (text, round(percent))
        if shown == self._shown:
            return
        if self._shown is None or self._shown[0] != text:
            tell(f"{self._title}: {text}")
        self._shown = shown
        self._send(float(percent), f"{self._title}: {text}")

    def fill(self) -> None:
        """Fill the bar; the last text stays."""
        if self._shown is not None:
            self.show(100.0, self._shown[0])

    def _send(self, percent: float, description: str) -> None:
        with prefect_is_optional("progress"):
            if self._artifact_id is None:
                created = create_progress_artifact(percent, description=description)
                self._artifact_id = cast(UUID, created)
            else:
                update_progress_artifact(self._artifact_id, percent, description=description)


@contextmanager
def progress(title: str) -> Iterator[Progress]:
    """Show a bar for the length of the block; it is full when the block ends well."""
    bar = Progress(title)
    yield bar
    bar.fill()
