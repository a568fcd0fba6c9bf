"""What a plain YAML word means, and which words mean different things to different readers."""

import re

from pydantic import JsonValue
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

LONGEST_NUMBER = 18

_CONSTANTS: dict[str, JsonValue] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
# YAML 1.2 reads these as numbers, YAML 1.1 as text or as other numbers.
_NUMBER_TO_SOME = re.compile(r"[-+]?[0-9][0-9_]*|[-+]?0o[0-7]+|\+[0-9.]+(?:[eE][-+]?[0-9]+)?")
_YES_OR_NO_TO_SOME = frozenset({"y", "Y", "n", "N"})
_TEXT_TAG = "tag:yaml.org,2002:str"
_resolver = Resolver()


class Ambiguous(ValueError):
    """The word is text to one YAML reader and something else to another."""


class OutOfRange(ValueError):
    """The word is a number that no field can want."""


def plain_value(word: str) -> JsonValue:
    """Return what an unquoted word means.

    Raises:
        Ambiguous: `no`, `010`, `1:30`, a date and their like.
        OutOfRange: not finite, or more than eighteen digits.
    """
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    if _NOT_FINITE.fullmatch(word):
        raise OutOfRange("not a finite number")
    is_integer = _INTEGER.fullmatch(word)
    if is_integer or _DECIMAL.fullmatch(word):
        if len(word) > LONGEST_NUMBER:
            raise OutOfRange(f"a number of more than {LONGEST_NUMBER} digits")
        return int(word) if is_integer else _finite(float(word))
    if _is_ambiguous(word):
        raise Ambiguous(word)
    return word


def _finite(number: float) -> float:
    if number in (float("inf"), float("-inf")):
        raise OutOfRange("not a finite number")
    return number


def _is_ambiguous(word: str) -> bool:
    if word in _YES_OR_NO_TO_SOME or _NUMBER_TO_SOME.fullmatch(word):
        return True
    tag: str = _resolver.resolve(ScalarNode, word, (True, False))  # type: ignore[no-untyped-call]
    return tag != _TEXT_TAG
