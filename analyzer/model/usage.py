"""Tokens that were used."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """What was used, in tokens, as the API counts them."""

    fresh_input: int = 0
    cache_write: int = 0
    cache_read: int = 0
    output: int = 0

    @property
    def tokens(self) -> int:
        """Return the tokens of every sort."""
        return self.fresh_input + self.cache_write + self.cache_read + self.output

    def plus(self, other: "Usage") -> "Usage":
        """Return the sum of two."""
        return Usage(
            self.fresh_input + other.fresh_input,
            self.cache_write + other.cache_write,
            self.cache_read + other.cache_read,
            self.output + other.output,
        )
