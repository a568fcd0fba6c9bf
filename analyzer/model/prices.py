"""What a question costs: list prices by model, and no other model is asked.

Dollars for a million tokens, from each model's page, platform.claude.com/docs/en/models/…/overview
and platform.claude.com/docs/en/about-claude/pricing. Haiku 5.5 costs five times as much for prompts
above 100,000 tokens, which `ModelSettings.budget_tokens` never allows.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from analyzer.model.usage import Usage

PRICES_DATE: Final = "2026-11-25"
_MILLION: Final = 1_000_000
# Code and punctuation take a token for three to four bytes; two is never too few.
BYTES_PER_TOKEN: Final = 2


@dataclass(frozen=True)
class Price:
    """Dollars for a million tokens of each sort; a cache write lasts five minutes."""

    fresh_input: Decimal
    cache_write: Decimal
    cache_read: Decimal
    output: Decimal


PRICES: Final[dict[str, Price]] = {
    "claude-opus-5-5": Price(Decimal(4), Decimal(5), Decimal("0.20"), Decimal(20)),
    "claude-sonnet-5-5": Price(Decimal(2), Decimal("2.50"), Decimal("0.10"), Decimal(10)),
    "claude-haiku-5-5": Price(Decimal("0.10"), Decimal("0.125"), Decimal("0.01"), Decimal("0.50")),
}


def cost_dollars(model: str, usage: Usage) -> Decimal:
    """Return what a usage costs at the list price of a model of the table."""
    price = PRICES[model]
    total = (
        price.fresh_input * usage.fresh_input
        + price.cache_write * usage.cache_write
        + price.cache_read * usage.cache_read
        + price.output * usage.output
    )
    return total / _MILLION


def most_tokens(text: str) -> int:
    """Return more tokens than a text can take."""
    return len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN + 1
