"""What a service says of its load: processes, threads, heap, queue and the declared traffic.

Nothing here is an answer of its own; `sizing.py` works out from it what a task needs.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from itertools import chain
from typing import Final

from analyzer.facts import Fact, is_true_of, quoted, quoted_line
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.sizing.load_rules import (
    MANIFESTS,
    PROGRAMS,
    LoadRule,
    is_dockerfile,
    launch_files,
    rules_for,
)
from analyzer.sizing.queues import queue_facts
from analyzer.tree import SourceTree
from delightful.manifest import Manifest
from delightful.reading.yaml import read_yaml
from delightful.recommendation import Confidence, Evidence

_DEEPEST: Final = 4
_LONGEST_BYTES: Final = 128 * 1024
# How far in front of a flag the program may stand that it is for.
_LOOK_BACK: Final = 400

_STATIC: Final = Pattern(r"^FROM[ \t]+(?:\S+/)?(nginx|caddy|httpd)\b[^\n]*", re.MULTILINE)
_RANK: Final[dict[Confidence, int]] = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True)
class Load:
    """For each thing the surest fact, or None where nothing says so."""

    processes: Fact | None = None
    threads: Fact | None = None
    consumers: Fact | None = None
    heap_mib: Fact | None = None
    queue: Fact | None = None
    static: Fact | None = None
    requests_per_second: Fact | None = None


def load_of(tree: SourceTree, manifest: Manifest | None) -> Load:
    """Read what files say of the load; quotes that do not stand in their line are dropped."""
    found = chain(_declared(tree, manifest), _launches(tree), queue_facts(tree))
    facts = [fact for fact in found if _is_proven(tree, fact)]
    return Load(**{field.name: _surest(field.name, facts) for field in fields(Load)})


def _surest(name: str, facts: Iterable[Fact]) -> Fact | None:
    spoken = (fact for fact in facts if fact.field == name)
    return min(spoken, key=_doubt, default=None)


def _doubt(fact: Fact) -> tuple[int, bool, int]:
    path = fact.evidence.file if fact.evidence else ""
    return _RANK[fact.confidence], path not in MANIFESTS, path.count("/")


def _is_proven(tree: SourceTree, fact: Fact) -> bool:
    evidence = fact.evidence
    return evidence is None or is_true_of(evidence, (tree.text(evidence.file) or "").split("\n"))


def _declared(tree: SourceTree, manifest: Manifest | None) -> Iterator[Fact]:
    if manifest is None or manifest.traffic is None:
        return
    rate = manifest.traffic.requests_per_second
    yield Fact("requests_per_second", rate, "manifest", "high", _manifest_line(tree))


def _manifest_line(tree: SourceTree) -> Evidence | None:
    name = next((name for name in MANIFESTS if name in tree), None)
    text = tree.text(name) if name else None
    if name is None or text is None:
        return None
    mark = read_yaml(text.encode(), name).key_marks.get(("traffic", "requests_per_second"))
    return quoted_line(name, text, mark.line) if mark else None


def _launches(tree: SourceTree) -> Iterator[Fact]:
    for path in launch_files(tree):
        rules = rules_for(path)
        if not rules or path.count("/") >= _DEEPEST or is_aside(path):
            continue
        text = tree.text(path) or ""
        if len(text) <= _LONGEST_BYTES:
            yield from _said(path, text, rules)


def _said(path: str, text: str, rules: tuple[LoadRule, ...]) -> Iterator[Fact]:
    for rule in (rule for rule in rules if rule.may_match(text)):
        for match in rule.pattern.finditer(text):
            value = rule.read(match)
            if value > 0 and not _is_comment(text, match.start()) and _is_for(rule, text, match):
                evidence = _evidence(path, text, match)
                yield Fact(rule.field, value, f"load/{rule.name}", rule.confidence, evidence)
    if is_dockerfile(path):
        yield from _static(path, text)


def _static(path: str, text: str) -> Iterator[Fact]:
    matches = list(_STATIC.finditer(text))
    # Only the last stage is what runs.
    if matches and len(re.findall(r"^FROM[ \t]", text[matches[-1].start() :], re.MULTILINE)) == 1:
        evidence = quoted(path, text, matches[-1].start(), matches[-1].end())
        yield Fact("static", True, f"load/{matches[-1][1]}", "high", evidence)


def _is_for(rule: LoadRule, text: str, match: re.Match[str]) -> bool:
    if not rule.programs:
        return True
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    at, nearest = max((before.rfind(program), program) for program in PROGRAMS)
    return at >= 0 and nearest in rule.programs


def _is_comment(text: str, start: int) -> bool:
    return text[text.rfind("\n", 0, start) + 1 : start].lstrip().startswith(("#", "//"))


def _evidence(path: str, text: str, match: re.Match[str]) -> Evidence:
    begin = match.start(1) if "\n" in match[0].strip() else match.start()
    return quoted(path, text, begin, match.end())
