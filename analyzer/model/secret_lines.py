"""Secrets line by line: what stands after a secret's name, on its line or on those below."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.model.secret_forms import SECRET_WORD, secret_spans
from analyzer.patterns import Pattern

MARK: Final = "[redacted]"
# Nobody writes such a line by hand, and a long one may hide anything.
LONGEST_LINE: Final = 400

# What reads a secret from elsewhere names it and does not hold it.
_READER: Final = Pattern(
    r"(?:os\.environ(?:\.get|\.setdefault)?|os\.getenv|getenv|ENV(?:\.fetch)?|os\.Getenv"
    r"|os\.LookupEnv|System\.getenv|GetEnvironmentVariable|env::var|env)"
    r"[(\[]\s*[\"'][A-Z][A-Z_]*[\"']\s*[)\]]?"
    r"|process\.env\.[A-Z][A-Z_]*\b|import\.meta\.env\.[A-Z][A-Z_]*\b"
    r"|\$\{\{?\s*(?:secrets\.)?[A-Z][A-Z_]*\s*\}?\}"
)
_STRING: Final = Pattern(r"\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|`[^`]*`?")
_NAME: Final = Pattern(r"[A-Za-z_][\w.-]*")
_PART_OF_NAME: Final = Pattern(r"[\w.-]*")
_SEPARATOR: Final = Pattern(r"[\"'`]?\s*(?:=>|:=|[:=])?\s*")
_KEY_END: Final = Pattern(r"\s*(?:=>|[:=\]])")
_WORD: Final = Pattern(r"\w")
# The value comes on the next line: after these ends, a flag, an item of a list, `name: TOKEN`.
_GOES_ON: Final = Pattern(r"(?:[:=({\[,|>\\+]|[|>][+-]?[0-9]*)\s*$")
_FLAG_OR_ITEM: Final = Pattern(r"\s*-|.*--[\w-]+\s*$")
_NAME_ENTRY: Final = Pattern(r"[\s{-]*[\"']?(?:name|key|id)[\"']?\s*[:=]", re.IGNORECASE)
_OPENS: Final = Pattern(r"(?:[({\[\\:=]|[|>][+-]?[0-9]*)\s*$")
_HEREDOC: Final = Pattern(r"<<[-~]?\s*[\"']?(\w+)")
_VALUE_ENTRY: Final = Pattern(r"[\s-]*[\"']?value[\"']?\s*[:=]\s*", re.IGNORECASE)


@dataclass(frozen=True)
class _Open:
    """A secret whose text goes on below: one line, a deeper block, or up to what closes it."""

    indent: int
    is_block: bool
    closer: str | None = None


def redacted_lines(lines: Sequence[str]) -> list[str]:
    """Return the lines with every secret replaced; there are as many as before."""
    result = []
    still_open: _Open | None = None
    is_first = False
    for line in lines:
        if still_open is not None and _belongs(still_open, line, is_first):
            result.append(_without_value(line))
            is_first = is_first and not line.strip()
            still_open = _after(still_open, line, is_first)
            continue
        shown, still_open = _redacted_line(line)
        is_first = True
        result.append(shown)
    return result


def _belongs(still_open: _Open, line: str, is_first: bool) -> bool:
    is_deeper = not line.strip() or _indent(line) > still_open.indent
    return is_first or still_open.closer is not None or (still_open.is_block and is_deeper)


def _after(still_open: _Open, line: str, is_first: bool) -> _Open | None:
    if still_open.closer is not None:
        return None if still_open.closer in line else still_open
    return still_open if is_first or still_open.is_block else None


def _redacted_line(line: str) -> tuple[str, _Open | None]:
    if len(line) > LONGEST_LINE:
        return MARK, None
    word = SECRET_WORD.search(line)
    if word is None:
        return _without(line, secret_spans(line)), None
    tail = _PART_OF_NAME.match(line, word.end())
    name_end = tail.end() if tail else word.end()
    rest = line[name_end:]
    before = _without_strings(line, word.start())
    shown = f"{before}{line[word.start() : name_end]}{_without_rest(rest)}"
    return _without(shown, secret_spans(shown)), _opened(line, rest)


def _without_strings(line: str, end: int) -> str:
    """Return what stands before a secret's name; of its strings only keys are kept."""

    def shown(match: re.Match[str]) -> str:
        text = match.group()
        if match.end() == end and not text.endswith(text[0], 1):
            is_kept = _PART_OF_NAME.fullmatch(text[1:]) is not None
        else:
            is_key = _KEY_END.match(line, match.end()) is not None
            is_kept = is_key and _NAME.fullmatch(text[1:-1]) is not None
        return text if is_kept else f'"{MARK}"'

    return _STRING.sub(shown, line[:end])


def _without_rest(rest: str) -> str:
    if not _WORD.search(rest):
        return rest
    separator = _SEPARATOR.match(rest)
    kept = separator.group() if separator else ""
    readers = " ".join(match.group() for match in _READER.finditer(rest))
    others = _READER.sub("", rest)
    return f"{kept}{readers}{MARK if _WORD.search(others) else ''}"


def _opened(line: str, rest: str) -> _Open | None:
    indent = _indent(line)
    closer = _closer(rest)
    if closer is not None:
        return _Open(indent, is_block=True, closer=closer)
    is_unclosed = sum(rest.count(mark) for mark in "([{") > sum(rest.count(mark) for mark in ")]}")
    if _WORD.search(rest):
        is_open = is_unclosed or rest.rstrip().endswith("\\")
        return _Open(indent, is_block=True) if is_open else None
    if _GOES_ON.search(line) or _FLAG_OR_ITEM.match(line) or _NAME_ENTRY.match(line):
        return _Open(indent, is_block=_OPENS.search(line) is not None)
    return None


def _closer(rest: str) -> str | None:
    for quotes in ('"""', "'''", "`"):
        if rest.count(quotes) % 2:
            return quotes
    heredoc = _HEREDOC.search(rest)
    return heredoc.group(1) if heredoc else None


def _without_value(line: str) -> str:
    if not _WORD.search(line):
        return line
    entry = _VALUE_ENTRY.match(line)
    return f"{entry.group()}{MARK}" if entry else MARK


def _without(line: str, spans: Sequence[tuple[int, int]]) -> str:
    end = len(line)
    for start, stop in sorted(spans, reverse=True):
        if start < end:
            line = f"{line[:start]}{MARK}{line[max(min(stop, len(line)), start) :]}"
            end = start
    return line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
