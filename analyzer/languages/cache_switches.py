"""What turns a cache on, or declares that it may be left out."""

import re
from typing import Final

from pydantic import JsonValue

from analyzer.patterns import Pattern
from analyzer.source_rules import Reading, SourceRule, constant

# Each with whether it is on by itself.
SWITCH: Final = "cache-switch"
STORE_NAMES: Final = ("edis", "EDIS", "alkey", "ALKEY")
_NEAR: Final = 160
# What is on by itself: given as such, and not compared with.
_ON: Final = Pattern(r"(?<![=!]=)(?<![=!]= )(?<![=!]=[\"'])(?<![=!]= [\"'])\btrue\b", re.IGNORECASE)


_ON_WITHOUT: Final = Pattern(r"[^\n)]{0,80}\bmatchIfMissing = true")


def _state(match: re.Match[str]) -> JsonValue:
    """Read whether a switch is on by itself: in its line or, of a call, in the next."""
    start = match.string.rfind("\n", 0, match.start()) + 1
    if match.string.find("@Conditional", start, match.start()) >= 0:
        return _ON_WITHOUT.match(match.string, match.end()) is not None
    behind = match.string[match.end() : match.end() + _NEAR]
    return _ON.search("\n".join(behind.split("\n", 2)[:2])) is not None


def _left_out(match: re.Match[str]) -> JsonValue:
    """Read a setting or client that may be left out; an argument that may be, is made then."""
    start = match.string.rfind("\n", 0, match.start()) + 1
    return None if match.string.find("def ", start, match.start()) >= 0 else False


def _switch(word: str, pattern: str, read: Reading, beside: tuple[str, ...] = ()) -> SourceRule:
    return SourceRule(
        "absent/optional-cache", SWITCH, word, Pattern(pattern), "medium", read, _NEAR, beside
    )


SWITCHES: Final = (
    *(
        _switch(word, rf"\b\w{{0,30}}{re.escape(word)}\b", _state)
        for word in (
            *("REDIS_ENABLED", "redis_enabled", "edisEnabled", "edis.enabled", "edis.Enabled"),
            *("edisConfigured", "edis.IsConfigured", "VALKEY_ENABLED", "alkeyEnabled"),
        )
    ),
    *(
        # What is called so may as well do it.
        _switch(word, rf"\b\w{{0,2}}{re.escape(word)}\b(?!\()", _state)
        for word in (
            *("ENABLE_REDIS", "enable_redis", "nableRedis", "USE_REDIS", "use_redis", "seRedis"),
            *("use-redis", "USE_VALKEY", "seValkey"),
        )
    ),
)
_ASKED_BEAN: Final = _switch(
    "@ConditionalOn",
    r"@ConditionalOn(?:Property|Expression)\((?![^\n]{0,160}\bmatchIfMissing = true)"
    r"[^\n]{0,120}?\b(?:[rR]edis|REDIS|[vV]alkey)\b",
    constant(False),
    ("edis", "alkey"),
)
JVM_SWITCHES: Final = (*SWITCHES, _ASKED_BEAN)
NODE_SWITCHES: Final = (
    *SWITCHES,
    *(
        _switch(f"{word}?: ", rf"\b\w{{0,20}}{word}\?: ", constant(False))
        for store in ("edis", "alkey")
        for word in (store, *(f"{store}{what}" for what in ("Url", "URL", "Uri", "Host", "Client")))
    ),
)
RUST_SWITCHES: Final = (
    *SWITCHES,
    _switch(
        ": Option<",
        r"(?:redis|valkey)\w{0,24}: Option<(?!&)",
        constant(False),
        ("redis", "valkey"),
    ),
)
PYTHON_SWITCHES: Final = (
    *SWITCHES,
    *(
        _switch(
            word,
            r"(?:redis|REDIS|valkey|VALKEY)\w{0,24}: (?:[\w.]{1,40} )?(?:\w{1,10}\.)?"
            rf"{re.escape(word)}",
            _left_out,
            STORE_NAMES,
        )
        for word in ("Optional[", "| None")
    ),
)
