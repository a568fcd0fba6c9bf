"""The conditions in which a store is opened, read from the lines around what opens it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.facts import quoted
from analyzer.patterns import Pattern
from delightful.recommendation import Evidence

# What is there, told by denying that it is not.
_GIVEN: Final = Pattern(
    r"\bis not None\b|!==?[ \t]*(?:null|nil|undefined|None)\b"
    r"|![ \t]*(?:\w{1,30}\.){0,3}(?:IsNullOr\w{1,20}|isEmpty|isBlank|empty)\("
    r"|![ \t]*[\w.$]{1,60}\.(?:isEmpty\(|isBlank\(|isNullOr\w{1,20}\(|empty\?|blank\?|nil\?)"
)
# What is not there, upon which nothing is done.
_MISSING: Final = Pattern(
    r"(?<!!)!(?!!)[ \t]*[\w(.@$]|\bnot\b|\bunless\b|\bis None\b|\bIsNullOr\w|\.is(?:Empty|Blank)\("
    r"|==[ \t]*(?:null\b|nil\b|undefined\b|None\b|\"\"|'')|\.(?:nil|blank|empty)\?"
)
_LEAVES: Final = Pattern(r"\breturn\b")
_FAILS: Final = Pattern(r"\b(?:throw|raise|panic|exit|Fatal\w{0,3}|errs?|errors?|Errorf|abort)\b")
# A client that is made once, where there is none yet, or in one way or another.
_DENIED: Final = Pattern(
    r"(?i:cluster|sentinel|single|\b(?:password|ssl|tls)\b)|(?<!!)!(?!!)[ \t]*[\w(.@$]|\bnot\b"
    r"|\bis None\b|==[ \t]*(?:null|nil|undefined|None)\b|\bnil\?"
)
_NEAR: Final = 160
_LONGEST_LINE: Final = 400
# How many lines above its client a condition is looked for, and how many it may lead.
_FURTHEST: Final = 40
_LONGEST_BLOCK: Final = 6
_LONGEST_BRANCH: Final = 60
_LONGEST_TEXT: Final = 2_000
_ELSE: Final = Pattern(r"[ \t]*(?:\}[ \t]*)?else[ \t]*(?:[{:]?[ \t]*$|throw\b)")
_ENDS: Final = Pattern(r"[ \t]*(?:\}|\)|\{)[ \t]*[;{]?[ \t]*$|[ \t]*(?://|#)")
_VARIABLE: Final = Pattern(r"env", re.IGNORECASE)


@dataclass(frozen=True)
class Sort:
    """A sort of stores: their names, and what modules beside them are called that need none.

    Such a module keeps the same in memory, or in a file.
    """

    name: Pattern[str]
    condition: Pattern[str]
    unless: Pattern[str]
    either: Pattern[str]
    choice: Pattern[str]
    inside: tuple[str, ...]


def sort_of(name: str, inside: tuple[str, ...]) -> Sort:
    """Return a sort of stores by a pattern of their names, and what those inside are called."""
    ask = r"(?<![\w.])(?:if|elif|elsif|case|when)\b[^\n]{0,160}?"
    compare = r"(?:==[ \t]*|\b(?:case|when)[ \t]+)[\"':]\w{0,20}"
    return Sort(
        name=Pattern(name, re.IGNORECASE),
        condition=Pattern(rf"{ask}{name}\w*", re.IGNORECASE),
        unless=Pattern(rf"\bunless\b[^\n]{{0,160}}?{name}\w*", re.IGNORECASE),
        either=Pattern(rf"[\w.]*{name}[\w.()\[\]\"' ]{{0,30}}\?[ \t]*$", re.IGNORECASE),
        choice=Pattern(compare + name, re.IGNORECASE),
        inside=inside,
    )


def condition_of(lines: Sequence[str], client: Evidence, sort: Sort) -> Evidence | None:
    """Return the condition that a client stands in: in its line, around it, or left before it."""
    beside = _in_its_line(lines, client, sort)
    if beside:
        return _quoted(client, lines, *beside)
    depth = _depth(lines[client.line - 1])
    for number in range(client.line - 2, max(client.line - _FURTHEST, 0) - 1, -1):
        line = lines[number][:_LONGEST_LINE]
        if line.strip() and _depth(line) == depth:
            left = _left(lines, number, sort)
            if left:
                return _quoted(client, lines, number, left)
        if not line.strip() or _depth(line) >= depth:
            continue
        # A brace of its own belongs to the line above it, which is as deep.
        depth = _depth(line) + (line.strip() == "{")
        condition = sort.condition.search(line)
        if condition and _asks(line, condition, sort):
            # Where the program fails without the store nothing is left to choose.
            return None if _fails_else(lines, number) else _quoted(client, lines, number, condition)
    return None


def is_demanded(text: str, place: int) -> bool:
    """Say whether the condition on a store at a place only sees to it that there is one."""
    begin = text.rfind("\n", 0, place) + 1
    lines = text[begin : place + _LONGEST_TEXT].split("\n")
    is_missed = _MISSING.search(_GIVEN.sub("", lines[0])) is not None
    return bool(is_missed and _FAILS.search(_block(lines, 0))) or _fails_else(lines, 0)


def _fails_else(lines: Sequence[str], number: int) -> bool:
    """Say whether the other branch of a line's condition fails, which may be far below it."""
    depth = _depth(lines[number])
    for at in range(number + 1, min(number + _LONGEST_BRANCH, len(lines))):
        line = lines[at]
        if not line.strip() or _depth(line) > depth or line.strip() == "{":
            continue
        if _ELSE.match(line):
            return _FAILS.search(_block(lines, at)) is not None
        if not _ENDS.match(line):
            return False
    return False


def _in_its_line(
    lines: Sequence[str], client: Evidence, sort: Sort
) -> tuple[int, re.Match[str]] | None:
    """Return the condition that stands beside a client, and in which line."""
    own, at = lines[client.line - 1], client.line - 1
    begin = own.find(client.quote)
    end = begin + len(client.quote)
    behind = sort.condition.search(own, end, end + _NEAR)
    before = sort.condition.search(own, max(begin - _NEAR, 0), end)
    for condition in (behind, before):
        # A client that is made in a condition is none that is asked for.
        is_asked = condition and (condition.end() <= begin or condition is behind)
        if condition and (is_asked or _is_variable(client)) and _asks(own, condition, sort):
            return None if _fails_else(lines, at) else (at, condition)
    either = sort.either.search(own, max(begin - _NEAR, 0), begin)
    if own.count(client.quote) > 1:
        # Each branch opens one.
        either = None
    if own.lstrip().startswith("?") and at > 0:
        # The branches stand in lines of their own.
        at -= 1
        either = sort.either.search(f"{lines[at][:_LONGEST_LINE].rstrip()} ?")
    return (at, either) if either and _asks(either.string, either, sort) else None


def _is_variable(client: Evidence) -> bool:
    return _VARIABLE.search(client.quote) is not None


def _left(lines: Sequence[str], number: int, sort: Sort) -> re.Match[str] | None:
    """Return the condition of a line upon which a function is left where no store is given."""
    line = lines[number][:_LONGEST_LINE]
    condition = sort.condition.search(line) or sort.unless.search(line)
    if condition is None or not _MISSING.search(_GIVEN.sub("", line)):
        return None
    done = _block(lines, number)
    return condition if _LEAVES.search(done) and not _FAILS.search(done) else None


def _block(lines: Sequence[str], number: int) -> str:
    """Return a line with the first of those that it leads."""
    line = lines[number][:_LONGEST_LINE]
    block = [line]
    for below in lines[number + 1 : number + 1 + _LONGEST_BLOCK]:
        if below.strip() and _depth(below) <= _depth(line):
            break
        block.append(below[:_LONGEST_LINE])
    return "\n".join(block)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _asks(line: str, condition: re.Match[str], sort: Sort) -> bool:
    """Say whether a condition holds where a cache is asked for, not where none is there yet."""
    asked = line[condition.start() : condition.end() + _NEAR]
    return sort.choice.search(asked) is not None or not _DENIED.search(_GIVEN.sub("", asked))


def _quoted(
    client: Evidence, lines: Sequence[str], number: int, condition: re.Match[str]
) -> Evidence:
    line = quoted(client.file, lines[number], *condition.span())
    return line.model_copy(update={"line": number + 1})
