"""How a rehearsal tells what it is doing while it does it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rehearsal.report import Phase


class Narrator(Protocol):
    """Whoever shows progress: a terminal, a log, a test."""

    def begin(self, stage: str) -> None:
        """Say that a stage begins."""

    def end(self, stage: str, seconds: float) -> None:
        """Say that a stage ended and how long it took."""

    def tell(self, line: str) -> None:
        """Say one line within a stage."""


class Stopwatch:
    """Tells stages to a narrator and keeps their times."""

    def __init__(self, narrator: Narrator) -> None:
        self.narrator = narrator
        self.phases: list[Phase] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside; a stage that fails is timed too."""
        started = time.monotonic()
        self.narrator.begin(name)
        try:
            yield
        finally:
            seconds = time.monotonic() - started
            self.phases.append(Phase(name=name, seconds=round(seconds, 2)))
            self.narrator.end(name, seconds)
