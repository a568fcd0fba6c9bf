"""Excerpts: the lines that the model is shown, chosen in a fixed order and redacted.

Project files, settings and entry points from their beginning; then the lines that the rules quote,
and lines that speak of an open field; a README last. The same tree and answers give the same lines.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.model.excerpt_files import HEADED, PROSE, SOURCE_SUFFIXES, rank_of
from analyzer.model.redaction import is_secret_file, redacted
from analyzer.tree import SourceTree, is_aside
from delightful.recommendation import Answer
from delightful.text import escaped

_LARGEST_FILE: Final = 128 * 1024
_MOST_FILES: Final = 60
_MOST_SEARCHED: Final = 1_500
_MOST_WINDOWS: Final = 40
_HEAD_LINES: Final = 160
_AROUND: Final = 4
_LONGEST_LINE: Final = 300

_SIGNS: Final[dict[str, re.Pattern[str]]] = {
    "port": re.compile(r"\b(?:port|listen|bind|serve)", re.IGNORECASE),
    "start_command": re.compile(r"\b(?:__main__|func main|void main|start|entrypoint)\b"),
    "health_path": re.compile(r"[\"'/](?:health|healthz|ready|readiness|live|ping|status|up)\b"),
    "database": re.compile(
        r"postgres|mysql|mariadb|sqlite|mongo|sqlserver|jdbc:|DATABASE_URL", re.IGNORECASE
    ),
    "cache": re.compile(r"redis|memcache", re.IGNORECASE),
    "worker": re.compile(
        r"\b(?:celery|sidekiq|resque|rq|bull|worker|consumer|queue)\b", re.IGNORECASE
    ),
    "environment_variables": re.compile(r"getenv|environ\b|process\.env|ENV\[|Getenv|env::var"),
}


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
    """Return what is shown of a tree for some open fields, at most so many characters of it."""
    chosen = []
    left = characters
    for path, wanted in _wanted(tree, answers, fields):
        excerpt = _excerpt(tree, path, wanted)
        if excerpt is None:
            continue
        if len(excerpt.text) > left:
            excerpt = _shortened(excerpt, left)
        if excerpt is None:
            break
        left -= len(excerpt.text)
        chosen.append(excerpt)
    return tuple(chosen)


def _wanted(
    tree: SourceTree, answers: Mapping[str, Answer], fields: Sequence[str]
) -> Iterator[tuple[str, frozenset[int]]]:
    ranked = sorted(
        (rank, path.count("/"), path)
        for path in tree.paths
        if (rank := rank_of(path)) is not None and not is_aside(path)
    )
    headed = [path for rank, _, path in ranked if rank < PROSE][:_MOST_FILES]
    prose = [path for rank, _, path in ranked if rank == PROSE][:1]
    windows = _windows(tree, answers, fields)
    head = frozenset(range(1, _HEAD_LINES + 1))
    for path in headed:
        yield path, head | windows.pop(path, frozenset())
    yield from sorted(windows.items(), key=lambda item: (item[0].count("/"), item[0]))
    for path in prose:
        yield path, frozenset(range(1, HEADED + 1))


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


def _signed(tree: SourceTree, signs: Sequence[re.Pattern[str]]) -> Iterator[tuple[str, int]]:
    sources = sorted(tree.sources(*SOURCE_SUFFIXES), key=lambda path: (path.count("/"), path))
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
    if is_secret_file(path) or redacted("", path) != [path] or escaped(path, limit=200) != path:
        return None
    if set(path) & set('<>"&'):
        return None
    data = tree.data(path)
    return None if data is None or len(data) > _LARGEST_FILE else tree.text(path)


def _shortened(excerpt: Excerpt, characters: int) -> Excerpt | None:
    kept: dict[int, str] = {}
    left = characters - len(Excerpt(excerpt.path, {}).text)
    for number, line in sorted(excerpt.lines.items()):
        left -= len(f"{number}| {line}\n")
        if left < 0:
            break
        kept[number] = line
    return Excerpt(excerpt.path, kept) if kept else None
