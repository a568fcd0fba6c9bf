"""The few forms of GitHub's expressions that the workflow files use; any other is an error.

After https://docs.github.com/actions/reference/workflows-and-actions/expressions
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_TEMPLATE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<operator>==|!=|&&|\|\||!|\(|\))|(?P<text>'(?:[^']|'')*')"
    r"|(?P<path>[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*))"
)
_WORDS = {"true": True, "false": False, "null": None}

Context = Mapping[str, Any]
Functions = Mapping[str, Callable[[], bool]]


class UnknownExpression(Exception):
    """An expression that nobody has taught this reader."""


def filled(text: Any, context: Context, functions: Functions | None = None) -> Any:
    """Return a value with its expressions filled in; a lone one keeps its type."""
    if not isinstance(text, str):
        return text
    whole = _TEMPLATE.fullmatch(text.strip())
    if whole and "${{" not in whole[1]:
        return evaluated(whole[1], context, functions)
    return _TEMPLATE.sub(lambda found: written(evaluated(found[1], context, functions)), text)


def written(value: Any) -> str:
    """Return a value as GitHub writes it into text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    raise UnknownExpression(f"{value!r} as text")


def evaluated(text: str, context: Context, functions: Functions | None = None) -> Any:
    """Return what an expression comes to.

    Raises:
        UnknownExpression: a form, a context or a function that is not known here.
    """
    reader = _Reader(_tokens(text), context, functions or {})
    value = reader.either()
    if reader.left:
        raise UnknownExpression(text)
    return value


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise UnknownExpression(text)
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Reader:
    def __init__(
        self, tokens: Sequence[tuple[str, str]], context: Context, functions: Functions
    ) -> None:
        self.left = list(tokens)
        self._context = context
        self._functions = functions

    def either(self) -> Any:
        value = self._both()
        while self._takes("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:
        value = self._compared()
        while self._takes("&&"):
            other = self._compared()
            value = value and other
        return value

    def _compared(self) -> Any:
        value = self._one()
        for sign, is_equal in (("==", True), ("!=", False)):
            if self._takes(sign):
                return (value == self._one()) is is_equal
        return value

    def _one(self) -> Any:
        if self._takes("!"):
            return not self._one()
        if self._takes("("):
            value = self.either()
            self._expect(")")
            return value
        if not self.left:
            raise UnknownExpression("something is missing at the end")
        kind, text = self.left.pop(0)
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "path":
            return self._called(text) if self._takes("(") else self._found(text)
        raise UnknownExpression(text)

    def _called(self, name: str) -> bool:
        self._expect(")")
        if name not in self._functions:
            raise UnknownExpression(f"{name}()")
        return self._functions[name]()

    def _found(self, path: str) -> Any:
        if path in _WORDS:
            return _WORDS[path]
        first, *rest = path.split(".")
        if first not in self._context:
            raise UnknownExpression(path)
        value = self._context[first]
        for name in rest:
            # What is not there is null, as GitHub has it.
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def _takes(self, sign: str) -> bool:
        if self.left and self.left[0] == ("operator", sign):
            self.left.pop(0)
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise UnknownExpression(f"{sign} is missing")
