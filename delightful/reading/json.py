"""The strict JSON reader: `json.loads` takes NaN, duplicate keys and any depth; this does not."""

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import JsonValue

from delightful.reading.fault import Mark, Place, fault, mark_at
from delightful.reading.utf8 import decoded, is_encodable

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 50
LONGEST_NUMBER = 100

# An unterminated string matches up to the end, so that no text is scanned twice.
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[][{}]', re.DOTALL)


def read_json(
    data: bytes, file: str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> JsonValue:
    """Read one JSON value of UTF-8.

    Raises:
        ConfigError: E_JSON_SIZE, E_ENC, E_JSON_DEPTH, E_JSON_DUPKEY, E_JSON_NUMBER (not finite
            or more than a hundred digits), E_JSON (syntax).
    """
    if len(data) > max_bytes:
        got = f"{len(data)} bytes"
        raise fault("E_JSON_SIZE", Place(file), "too large", got=got, allowed=str(max_bytes))
    text = decoded(data, file)
    _check_depth(text, file, max_depth)
    value = _parsed(text, file)
    if "\\ud" in text.lower() and not is_encodable(json.dumps(value, ensure_ascii=False)):
        raise fault("E_ENC", Place(file), "half a character: a lone surrogate")
    return value


def _check_depth(text: str, file: str, max_depth: int) -> None:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        piece = match.group()
        depth += (piece in "[{") - (piece in "]}")
        if depth > max_depth:
            place = Place(file, mark_at(text, match.start()))
            raise fault("E_JSON_DEPTH", place, "nested too deep", allowed=f"{max_depth} levels")


def _parsed(text: str, file: str) -> JsonValue:
    strict = _Strict(file)
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=strict.mapping,
            parse_int=strict.integer,
            parse_float=strict.decimal,
            parse_constant=strict.refused,
        )
    except json.JSONDecodeError as error:
        raise fault("E_JSON", Place(file, Mark(error.lineno, error.colno)), error.msg) from None
    return value


@dataclass(frozen=True)
class _Strict:
    """What `json.loads` asks about each object and number of a file."""

    file: str

    def mapping(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(pairs)
        if len(mapping) < len(pairs):
            twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
            raise fault("E_JSON_DUPKEY", Place(self.file, key=twice), "given twice in one object")
        return mapping

    def integer(self, word: str) -> int:
        return int(word) if len(word) <= LONGEST_NUMBER else self.refused(word)

    def decimal(self, word: str) -> float:
        number = float(word) if len(word) <= LONGEST_NUMBER else math.inf
        return number if math.isfinite(number) else self.refused(word)

    def refused(self, word: str) -> NoReturn:
        reason = "not a finite number of at most a hundred digits"
        raise fault("E_JSON_NUMBER", Place(self.file), reason, got=word)
