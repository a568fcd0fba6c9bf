"""What the model's part may do: which model, how long, how much."""

from decimal import Decimal
from typing import Final

from pydantic import Field, SecretStr, field_validator

from analyzer.model.prices import PRICES
from delightful.errors import ConfigError
from delightful.frozen import Frozen
from delightful.reading.path import safe_url

DEFAULT_MODEL: Final = "claude-sonnet-5-5"
API_URL: Final = "https://api.anthropic.com"


class ModelSettings(Frozen):
    """Settings of one analysis; without a key nothing is asked.

    The token budget holds for everything that one analysis sends and gets, so does the other.
    """

    api_key: SecretStr | None = None
    base_url: str = API_URL
    model: str = DEFAULT_MODEL
    timeout_seconds: float = Field(default=45.0, gt=0, le=300)
    retries: int = Field(default=2, ge=0, le=5)
    answer_tokens: int = Field(default=4096, ge=256, le=16_384)
    excerpt_characters: int = Field(default=48_000, ge=1_000, le=150_000)
    budget_tokens: int = Field(default=80_000, ge=0, le=100_000)
    budget_dollars: Decimal = Field(default=Decimal("0.25"), ge=0, le=10)

    @field_validator("model")
    @classmethod
    def _is_priced(cls, model: str) -> str:
        if model not in PRICES:
            raise ValueError(f"no price is known, so no budget could be kept: {', '.join(PRICES)}")
        return model

    @field_validator("base_url")
    @classmethod
    def _is_a_host(cls, url: str) -> str:
        try:
            return safe_url(url, "/").rstrip("/")
        except ConfigError as error:
            raise ValueError(error.message) from None
