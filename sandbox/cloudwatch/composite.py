"""Rules of composite alarms: `ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA(c))`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<word>AND|OR|NOT|TRUE|FALSE)\b
      | (?P<state>ALARM|OK|INSUFFICIENT_DATA)
        \s*\(\s*(?:"(?P<quoted>[^"]+)"|(?P<bare>[^\s()"]+))\s*\)
      | (?P<bracket>[()])
    )""",
    re.VERBOSE,
)


class InvalidRule(ValueError):
    """The rule cannot be read."""


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    alarm: str = ""


def children_of(rule: str) -> frozenset[str]:
    """Return the names of the alarms that a rule asks (an ARN counts as its name).

    Raises:
        InvalidRule: it cannot be read.
    """
    is_in_alarm(rule, {})
    return frozenset(token.alarm for token in _tokens(rule) if token.kind == "state")


def is_in_alarm(rule: str, states: Mapping[str, str]) -> bool:
    """Say whether the rule holds; an alarm that does not exist is in no state.

    Raises:
        InvalidRule: it cannot be read.
    """
    reader = _Reader(_tokens(rule), states)
    value = reader.any_of()
    if not reader.is_at_end:
        raise InvalidRule(f"the rule goes on where it should end: {rule}")
    return value


def _tokens(rule: str) -> list[_Token]:
    tokens, at = [], 0
    while rule[at:].strip():
        match = _TOKEN.match(rule, at)
        if match is None:
            raise InvalidRule(f"cannot read the rule at {rule[at:].strip()[:40]!r}")
        at = match.end()
        kind = str(match.lastgroup if match.lastgroup not in {"quoted", "bare"} else "state")
        name = match["quoted"] or match["bare"] or ""
        text = match["word"] or match["state"] or match["bracket"]
        tokens.append(_Token(kind, text, name.rsplit(":alarm:", 1)[-1]))
    return tokens


class _Reader:
    def __init__(self, tokens: list[_Token], states: Mapping[str, str]) -> None:
        self._tokens = tokens
        self._states = states
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        return self._at == len(self._tokens)

    def _take(self, text: str) -> bool:
        if not self.is_at_end and self._tokens[self._at].text == text:
            self._at += 1
            return True
        return False

    def any_of(self) -> bool:
        value = self._all_of()
        while self._take("OR"):
            value = self._all_of() or value
        return value

    def _all_of(self) -> bool:
        value = self._one()
        while self._take("AND"):
            value = self._one() and value
        return value

    def _one(self) -> bool:
        if self._take("NOT"):
            return not self._one()
        if self._take("("):
            value = self.any_of()
            if not self._take(")"):
                raise InvalidRule("a bracket is not closed")
            return value
        if self.is_at_end:
            raise InvalidRule("the rule ends too early")
        token = self._tokens[self._at]
        self._at += 1
        if token.kind == "state":
            return self._states.get(token.alarm) == token.text
        if token.text in {"TRUE", "FALSE"}:
            return token.text == "TRUE"
        raise InvalidRule(f"unexpected {token.text}")
