"""The structure of Terraform's language: blocks, their labels and attributes, and nothing more.

Only what samples are written in is read. Anything else is an error, so that no text is taken for
harmless because it was not understood.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.patterns import Pattern


@dataclass(frozen=True)
class Token:
    """A word, number, sign or text; what a text interpolates follows it in parentheses."""

    kind: str
    text: str


@dataclass(frozen=True)
class Block:
    """A block with its attributes in order, each with the tokens of its expression."""

    kind: str
    labels: tuple[str, ...]
    attributes: tuple[tuple[str, tuple[Token, ...]], ...]
    blocks: tuple["Block", ...]


class NotRead(ValueError):
    """The text is none that is read here; says what stands in the way."""


# Beyond these line breaks and tabs, no control character has a place; editors and parsers
# disagree on where they end a line.
_CONTROL: Final = Pattern(r"[\x00-\x08\x0b-\x1f\x7f\u0085\u2028\u2029]")
_TOKEN: Final = Pattern(
    r"(?P<space>[ \t]+)|(?P<comment>#[^\n]*)|(?P<line>\n)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<number>\d+(?:\.\d+)?)|(?P<quote>\")"
    r"|(?P<sign>==|!=|>=|<=|=>|&&|\|\||\.\.\.|(?!<<|//|/\*)[=<>!+\-*/%?:.,(){}\[\]])"
)
_LITERAL: Final = Pattern(r"(?:[^\"\\\n$%]|\\.|\$\$\{|%%\{|[$%](?!\{))*")
_DEPTH: Final = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_END: Final = Token("end", "")


def blocks_of(text: str) -> tuple[Block, ...]:
    """Return the blocks of a file. Raises NotRead."""
    if _CONTROL.search(text):
        raise NotRead("a control character")
    attributes, blocks = _Parser(_Lexer(text).tokens()).body()
    if attributes:
        raise NotRead(f"{attributes[0][0]} outside of a block")
    return tuple(blocks)


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def tokens(self, *, inside_text: bool = False) -> list[Token]:
        """Return the tokens up to the end, or up to the brace that closes an interpolation."""
        found: list[Token] = []
        depth = 0
        while self._at < len(self._text):
            kind, word = self._next(_TOKEN)
            if kind == "quote":
                found += self._quoted()
            elif kind not in ("space", "comment"):
                depth += {"{": 1, "}": -1}.get(word, 0)
                if inside_text and depth < 0:
                    return found
                found.append(Token(kind, word))
        if inside_text:
            raise NotRead("an interpolation without an end")
        return found

    def _quoted(self) -> Iterator[Token]:
        inner: list[Token] = []
        begin = self._at
        while True:
            self._next(_LITERAL)
            sign = self._text[self._at : self._at + 2]
            if sign in ("${", "%{"):
                self._at += 2
                inner += [Token("sign", "("), *self.tokens(inside_text=True), Token("sign", ")")]
            elif sign[:1] == '"':
                text = self._text[begin : self._at]
                self._at += 1
                yield Token("template" if inner else "text", text)
                yield from inner
                return
            else:
                raise NotRead("a text without an end")

    def _next(self, pattern: Pattern[str]) -> tuple[str, str]:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise NotRead(f"{self._text[self._at : self._at + 10]!r}")
        self._at = match.end()
        return match.lastgroup or "", match[0]


class _Parser:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def body(
        self, *, closed: bool = False
    ) -> tuple[list[tuple[str, tuple[Token, ...]]], list[Block]]:
        """Return what stands up to the end, or up to the brace that closes a block."""
        attributes: list[tuple[str, tuple[Token, ...]]] = []
        blocks: list[Block] = []
        while (token := self._take()).kind != "end":
            if token.text == "}" and token.kind == "sign" and closed:
                return attributes, blocks
            if token.kind == "line":
                continue
            if token.kind != "name":
                raise NotRead(f"{token.text!r} where a name should be")
            if self._now().text == "=":
                self._take()
                attributes.append((token.text, tuple(self._expression())))
            else:
                blocks.append(self._block(token.text))
        if closed:
            raise NotRead("a block without an end")
        return attributes, blocks

    def _block(self, kind: str) -> Block:
        labels: list[str] = []
        while (token := self._take()).kind in ("text", "name"):
            labels.append(token.text)
        if token != Token("sign", "{"):
            raise NotRead(f"{token.text!r} after {kind}")
        attributes, blocks = self.body(closed=True)
        return Block(kind, tuple(labels), tuple(attributes), tuple(blocks))

    def _expression(self) -> Iterator[Token]:
        depth = 0
        while (token := self._now()).kind != "end":
            closing = depth == 0 and token.text == "}" and token.kind == "sign"
            if closing or (depth == 0 and token.kind == "line"):
                return
            if token.kind == "sign":
                depth += _DEPTH.get(token.text, 0)
            self._at += 1
            if token.kind != "line":
                yield token

    def _now(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _take(self) -> Token:
        token = self._now()
        self._at += 1
        return token
