"""Judging: what the model claims is checked again, against our bounds and the tree's own lines."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.facts import Fact
from analyzer.model.excerpts import Excerpt
from analyzer.model.fields import RULES
from analyzer.model.reply import AnyClaim
from analyzer.model.secret_lines import MARK
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.reading.path import url_path_fault
from delightful.recommendation import Confidence, Evidence

_PROSE: Final = (".md", ".rst", ".txt", ".adoc")
_COMMENT: Final = Pattern(r"\s*(?:#(?!!)|//|/?\*|--|<!--|;|@?REM\b|%)")
_MOST_VARIABLES: Final = 50
# Programs that start services; a shell would make a program of any text.
_STARTERS: Final = frozenset(
    {
        "bun", "bundle", "catalina.sh", "celery", "daphne", "deno", "dotnet", "elixir", "fastapi",
        "flask", "frankenphp", "gunicorn", "hypercorn", "java", "mix", "next", "node", "npm",
        "nuxt", "php", "php-fpm", "pipenv", "pnpm", "poetry", "puma", "python", "python3", "rackup",
        "rails", "ruby", "sanic", "sidekiq", "streamlit", "supervisord", "uv", "uvicorn", "uwsgi",
        "waitress-serve", "yarn",
    }
)  # fmt: skip
_OWN_PROGRAM: Final = Pattern(r"(?:\./|/app/|/usr/local/bin/|bin/)[A-Za-z0-9_-]{1,60}")
_INTERPRETERS: Final = frozenset(
    {"bun", "deno", "elixir", "node", "php", "python", "python3", "ruby"}
)
_CODE_FLAGS: Final = frozenset({"-c", "-e", "-r", "-p", "--eval", "--print", "eval"})


@dataclass(frozen=True)
class Judged:
    """What stands of an answer, and in words what does not."""

    facts: tuple[Fact, ...]
    notes: tuple[str, ...]


def judged(
    tree: SourceTree, shown: Sequence[Excerpt], fields: Sequence[str], claims: Sequence[AnyClaim]
) -> Judged:
    """Return the claims that hold as facts, at most one a field; none is of high confidence."""
    lines = {excerpt.path: excerpt.lines for excerpt in shown}
    facts: dict[tuple[str, str], Fact] = {}
    refused: Counter[str] = Counter()
    for claim in claims:
        reason = _fault(tree, lines, fields, claim)
        if reason is not None:
            refused[f"{claim.field} {reason}"] += 1
            continue
        facts.setdefault(_key(claim), _fact(claim, lines[claim.file][claim.line]))
    return Judged(
        tuple(facts.values())[: len(RULES) + _MOST_VARIABLES],
        tuple(f"left out of the model's answer: {reason}" for reason in sorted(refused)),
    )


def _key(claim: AnyClaim) -> tuple[str, str]:
    is_named = claim.field == "environment_variables"
    return claim.field, str(claim.value) if is_named else ""


def _fault(
    tree: SourceTree,
    lines: Mapping[str, Mapping[int, str]],
    fields: Sequence[str],
    claim: AnyClaim,
) -> str | None:
    if claim.field not in fields:
        return "was not asked for"
    if not _is_shown(tree, lines, claim):
        return "quotes what does not stand there"
    return _value_fault(claim, "\n".join(lines[claim.file].values()))


def _is_shown(tree: SourceTree, lines: Mapping[str, Mapping[int, str]], claim: AnyClaim) -> bool:
    shown = lines.get(claim.file, {}).get(claim.line)
    if shown is None or MARK in claim.quote or claim.quote not in shown:
        return False
    written = (tree.text(claim.file) or "").split("\n")
    return claim.line <= len(written) and claim.quote in written[claim.line - 1]


def _value_fault(claim: AnyClaim, shown: str) -> str | None:
    if claim.field == "health_path":
        return "is not a plain path" if url_path_fault(claim.value) else None
    if claim.field == "start_command":
        return _command_fault(claim.value, shown)
    if claim.field == "environment_variables" and claim.value not in claim.quote:
        return "names what its quote does not"
    return None


def _command_fault(words: Sequence[str], shown: str) -> str | None:
    if words[0] not in _STARTERS and not _OWN_PROGRAM.fullmatch(words[0]):
        return "does not begin with a program that is known"
    if words[0] in _INTERPRETERS and _CODE_FLAGS.intersection(words):
        return "would run what no file holds"
    if any("://" in word or word not in shown for word in words[1:]):
        return "has words that its file has not"
    return None


def _fact(claim: AnyClaim, line: str) -> Fact:
    return Fact(
        field=claim.field,
        value=list(claim.value) if isinstance(claim.value, list) else claim.value,
        rule=RULES[claim.field],
        confidence=_confidence(claim, line),
        evidence=Evidence(file=claim.file, line=claim.line, quote=claim.quote.strip()),
    )


def _confidence(claim: AnyClaim, line: str) -> Confidence:
    """Medium where code itself holds the value, low where it takes a reader's word."""
    if claim.file.lower().endswith(_PROSE) or _COMMENT.match(line):
        return "low"
    words = claim.value if isinstance(claim.value, list) else [str(claim.value)]
    return "medium" if all(_holds(claim.quote, word) for word in words) else "low"


def _holds(quote: str, word: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", quote, re.I) is not None
