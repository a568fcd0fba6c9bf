"""Excerpts: the lines that the model is shown, chosen in a fixed order and redacted.

Project files, settings and entry points from their beginning; then the lines that the rules quote,
and lines that speak of an open field; a README last. The same tree and answers give the same lines.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.model.excerpt_files import PROSE, SOURCE_SUFFIXES, rank_of
from analyzer.model.redaction import is_secret_file, redacted
from analyzer.paths import ALL_MODULE_ENDS, is_aside, is_module_beside, is_run_place
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Answer
from delightful.text import escaped

_LARGEST_FILE: Final = 128 * 1024
_MOST_FILES: Final = 12
_MOST_SEARCHED: Final = 400
_MOST_WINDOWS: Final = 12
_LONGEST_EXCERPT: Final = 6_000
_LONGEST_LINE: Final = 300
# Four sorts of files, the lines around what speaks of an open field, and a README.
_SHARES: Final = 6
_PLAIN_PATH: Final = Pattern(r"(?!\.github/)[A-Za-z0-9_@+ ()\[\]./-]{1,200}")
_HEAD: Final = frozenset(range(1, 161))
_PROSE_HEAD: Final = frozenset(range(1, 61))
_AROUND: Final = 4

_SIGNS: Final[dict[str, Pattern[str]]] = {
    "port": Pattern(r"\b(?:port|listen|bind|serve)", re.IGNORECASE),
    "start_command": Pattern(r"\b(?:__main__|func main|void main|start|entrypoint)\b"),
    "health_path": Pattern(r"[\"'/](?:health|healthz|ready|readiness|live|ping|status|up)\b"),
    "database": Pattern(
        r"postgres|mysql|mariadb|sqlite|mongo|sqlserver|jdbc:|DATABASE_URL", re.IGNORECASE
    ),
    "cache": Pattern(r"redis|memcache", re.IGNORECASE),
    "worker": Pattern(
        r"\b(?:celery|sidekiq|resque|rq|bull|worker|consumer|queue)\b", re.IGNORECASE
    ),
    "environment_variables": Pattern(r"getenv|environ\b|process\.env|ENV\[|Getenv|env::var"),
}


# A file, and the lines of it that are wanted.
_Wanted = tuple[str, frozenset[int]]


@dataclass(frozen=True)
class Excerpt:
    """Lines of one file as they are shown, by their number from 1."""

    path: str
    lines: Mapping[int, str]

    @property
    def text(self) -> str:
        """Return the lines, each behind its number, so that none can pass for anything else."""
        numbered = "\n".join(f"{number}| {line}" for number, line in sorted(self.lines.items()))
        return f'<file path="{self.path}">\n{numbered}\n</file>\n'


def excerpts_of(
    tree: SourceTree, answers: Mapping[str, Answer], fields: Sequence[str], characters: int
) -> tuple[Excerpt, ...]:
    """Return what is shown of a tree for some open fields, at most so many characters of it.

    Each sort of file has its share, so that thirty project files leave room for what they build.
    """
    chosen: dict[str, Excerpt] = {}
    for sort in _sorts(tree, answers, fields):
        left = characters // _SHARES
        for path, wanted in sort:
            excerpt = None if path in chosen else _excerpt(tree, path, wanted)
            shown = excerpt and _shortened(excerpt, min(left, _LONGEST_EXCERPT))
            if shown is not None:
                left -= len(shown.text)
                chosen[path] = shown
    return tuple(chosen.values())


def _sorts(
    tree: SourceTree, answers: Mapping[str, Answer], fields: Sequence[str]
) -> Iterator[Sequence[_Wanted]]:
    ranked: dict[int, list[str]] = {rank: [] for rank in range(PROSE + 1)}
    # What lies beside the service is shown where an answer was read from it.
    above = (path for path in tree.outer if not _lies_beside(path))
    for path in sorted((*tree.paths, *above), key=_depth):
        rank = rank_of(path)
        if rank is not None and not is_aside(path):
            ranked[rank].append(path)
    windows = _windows(tree, answers, fields)
    for rank in range(PROSE):
        paths = ranked[rank][:_MOST_FILES]
        yield [(path, _HEAD | windows.get(path, frozenset())) for path in paths]
    yield sorted(windows.items(), key=lambda item: _depth(item[0]))
    yield [(path, _PROSE_HEAD) for path in ranked[PROSE][:1]]


def _lies_beside(path: str) -> bool:
    below = path.replace("../", "")
    return is_module_beside(below, ALL_MODULE_ENDS) and not is_run_place(below)


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _windows(
    tree: SourceTree, answers: Mapping[str, Answer], fields: Sequence[str]
) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for answer in answers.values():
        for evidence in answer.evidence[:_MOST_WINDOWS]:
            if evidence.file in tree:
                found.setdefault(evidence.file, set()).update(_around(evidence.line))
    signs = [_SIGNS[field] for field in fields if field in _SIGNS]
    for path, line in _signed(tree, signs):
        found.setdefault(path, set()).update(_around(line))
    return {path: frozenset(lines) for path, lines in found.items()}


def _signed(tree: SourceTree, signs: Sequence[Pattern[str]]) -> Iterator[tuple[str, int]]:
    sources = sorted(tree.sources(*SOURCE_SUFFIXES), key=_depth)
    counts = dict.fromkeys(signs, 0)
    for path in sources[:_MOST_SEARCHED]:
        text = _text(tree, path) or ""
        for sign in signs:
            match = sign.search(text) if counts[sign] < _MOST_WINDOWS else None
            if match is not None:
                counts[sign] += 1
                yield path, text.count("\n", 0, match.start()) + 1


def _around(line: int) -> range:
    return range(max(1, line - _AROUND), line + _AROUND + 1)


def _excerpt(tree: SourceTree, path: str, wanted: frozenset[int]) -> Excerpt | None:
    text = _text(tree, path)
    if not text:
        return None
    lines = redacted(path, text)
    shown = {
        number: escaped(line, limit=_LONGEST_LINE)
        for number, line in enumerate(lines, 1)
        if number in wanted and line.strip()
    }
    return Excerpt(path, shown) if shown else None


def _text(tree: SourceTree, path: str) -> str | None:
    # A name that needs escaping, or is itself a secret, is not worth its trouble.
    if is_secret_file(path) or redacted("", path) != [path] or not _PLAIN_PATH.fullmatch(path):
        return None
    text = tree.text(path)
    return None if text is None or len(text) > _LARGEST_FILE else text


def _shortened(excerpt: Excerpt, characters: int) -> Excerpt | None:
    kept: dict[int, str] = {}
    left = characters - len(Excerpt(excerpt.path, {}).text)
    for number, line in sorted(excerpt.lines.items()):
        left -= len(f"{number}| {line}\n")
        if left < 0:
            break
        kept[number] = line
    return Excerpt(excerpt.path, kept) if kept else None
