"""What the model's part may do: which model, how long, how much."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from pydantic import Field, SecretStr, ValidationError, field_validator

from analyzer.model.prices import PRICES
from delightful.errors import ConfigError
from delightful.frozen import Frozen
from delightful.reading.path import safe_url
from delightful.text import escaped

DEFAULT_MODEL: Final = "claude-sonnet-5-5"
API_URL: Final = "https://api.anthropic.com"
TIMEOUT_SECONDS: Final = 45.0


class ModelSettings(Frozen):
    """Settings of one analysis; without a key nothing is asked.

    The token budget holds for everything that one analysis sends and gets, so does the other.
    """

    api_key: SecretStr | None = None
    base_url: str = API_URL
    model: str = DEFAULT_MODEL
    timeout_seconds: float = Field(default=TIMEOUT_SECONDS, gt=0, le=300)
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


def read_settings(
    key: str,
    environment: Mapping[str, str],
    model: str | None,
    *,
    timeout_seconds: float | None = None,
) -> ModelSettings:
    """Return settings for a key; ANTHROPIC_BASE_URL moves them to another server.

    Raises:
        ConfigError: E_MODEL, the model has no price, or the address is none that may be asked.
    """
    given = {
        "base_url": environment.get("ANTHROPIC_BASE_URL"),
        "model": model,
        "timeout_seconds": timeout_seconds,
    }
    named = {name: value for name, value in given.items() if value}
    try:
        return ModelSettings.model_validate({"api_key": SecretStr(key), **named})
    except ValidationError as error:
        [first, *_] = error.errors()
        raise ConfigError(
            "E_MODEL",
            f"{first['loc'][0]}: {first['msg']} (got {escaped(str(first['input']))!r})",
            hint="correct --model or ANTHROPIC_BASE_URL, or give --no-model",
        ) from None
