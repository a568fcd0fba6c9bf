"""The base of every record that is stored or published."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable record; an unknown key in stored data is an error, never dropped silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")
