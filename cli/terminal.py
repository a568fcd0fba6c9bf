"""Progress for a person: live on a terminal, plain lines elsewhere; results on standard output."""

import json
import re
import sys
import time
from typing import Any

import click

# One line for each resource that Terraform looks at: of use while it passes, noise in a log.
_RESOURCE_LINE = re.compile(r"(module\.|data\.|aws_)\S+: ")


class _LiveLine:
    """The line at the end of a terminal that the next one takes the place of."""

    def __init__(self) -> None:
        self._is_there = False

    def show(self, text: str) -> None:
        """Show it, instead of the one before."""
        self.clear()
        click.echo(text, err=True, nl=False)
        self._is_there = True

    def clear(self) -> None:
        """Take it away, so that something that stays can be written there."""
        if self._is_there:
            click.echo("\r\033[K", err=True, nl=False)
            self._is_there = False


# One for all, since whatever is printed has to clear it first.
_LIVE = _LiveLine()


class Terminal:
    """Tells stages and lines on standard error, in step with what kind of terminal it is."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._is_live = sys.stderr.isatty() and not quiet
        self._started = time.monotonic()

    def begin(self, stage: str) -> None:
        """Say that a stage begins."""
        self._line(f"  {self._clock()}  {stage} …")

    def end(self, stage: str, seconds: float) -> None:
        """Say that a stage ended and how long it took."""
        self._clear()
        self._line(f"  {self._clock()}  {stage}: {seconds:.1f} s")

    def tell(self, line: str) -> None:
        """Say one line within a stage; on a terminal the next one takes its place.

        Elsewhere Terraform's line for each single resource is left out.
        """
        if self._is_live:
            width = max(20, _width() - 10)
            _LIVE.show(click.style(f"         {line[:width]}", dim=True))
        elif not _RESOURCE_LINE.match(line):
            self._line(f"           {line}")

    def _clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        return f"{minutes}:{seconds:02d}"

    def _clear(self) -> None:
        if self._is_live:
            _LIVE.clear()

    def _line(self, text: str) -> None:
        if not self._quiet:
            self._clear()
            click.echo(text, err=True)


def _width() -> int:
    import shutil

    return shutil.get_terminal_size().columns


def print_text(text: str) -> None:
    """Print an answer on standard output."""
    _LIVE.clear()
    click.echo(text)


def print_error(text: str) -> None:
    """Print a last word on standard error."""
    _LIVE.clear()
    click.echo(text, err=True)


def print_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    print_text(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False))
