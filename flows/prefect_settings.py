"""Prefect settings that hold for a block, made once: Prefect's own way takes 0.1 s each time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from prefect.context import SettingsContext, get_settings_context
from prefect.settings import Settings

_KEPT = 8


class SettingsFor:
    """A few settings that differ from those around, whatever those are.

    `prefect.settings.temporary_settings` reads every setting from the environment again; here
    what came out of it is kept for as long as the settings around stay the same.
    """

    def __init__(self, updates: Mapping[Any, Any]) -> None:
        self._updates = updates
        self._made: list[tuple[Settings, Settings]] = []

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Let the settings hold for the length of the block."""
        around = get_settings_context()
        with SettingsContext(profile=around.profile, settings=self._changed(around.settings)):
            yield

    def _changed(self, around: Settings) -> Settings:
        for before, after in self._made:
            if before is around:
                return after
        after = around.copy_with_update(updates=self._updates)
        self._made = [(around, after), *self._made][:_KEPT]
        return after
