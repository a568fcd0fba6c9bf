"""Prefect settings that hold for a block, and cost nothing to make."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from prefect.context import SettingsContext, get_settings_context
from pydantic import BaseModel

_Model = TypeVar("_Model", bound=BaseModel)


class SettingsFor:
    """A few settings that differ from those around, whatever those are.

    `prefect.settings.temporary_settings` reads and validates every setting again, in the time of
    some hundred of these copies.
    """

    def __init__(self, updates: Mapping[Any, Any]) -> None:
        self._updates = {setting.accessor: value for setting, value in updates.items()}

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Let the settings hold for the length of the block."""
        around = get_settings_context()
        settings = around.settings
        for accessor, value in self._updates.items():
            settings = _with(settings, accessor, value)
        with SettingsContext(profile=around.profile, settings=settings):
            yield


def _with(model: _Model, accessor: str, value: Any) -> _Model:
    name, _, rest = accessor.partition(".")
    if rest:
        value = _with(getattr(model, name), rest, value)
    return model.model_copy(update={name: value})
