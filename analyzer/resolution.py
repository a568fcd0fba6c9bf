"""From facts to answers: witnesses are weighed, and those that agree add up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, is_true_of
from analyzer.tree import SourceTree
from delightful.recommendation import Answer, Confidence, Evidence

# What a recommendation answers, in the order in which it is shown.
FIELDS: Final = (
    "kind",
    "language",
    "runtime_version",
    "framework",
    "port",
    "start_command",
    "health_path",
    "database",
    "database_version",
    "cache",
    "worker",
    "migration_tool",
    "migration_command",
    "environment_variables",
    "secrets",
    "cpu_units",
    "memory_mib",
)
MANIFEST_RULE: Final = "manifest"

# How often one rule of a confidence is right, for weighing; the benchmark prints what they are.
_WEIGHTS: Final[dict[Confidence, float]] = {"high": 0.95, "medium": 0.75, "low": 0.4}
_SURE: Final = 0.9
_LIKELY: Final = 0.6
_MOST_EVIDENCE: Final = 5


@dataclass(frozen=True)
class _Candidate:
    """One value of a field, with the surest and shallowest fact of each rule that speaks for it."""

    value: JsonValue
    facts: tuple[Fact, ...]

    @property
    def weight(self) -> float:
        return 1 - self.doubt(None)

    def doubt(self, usual: JsonValue) -> float:
        """Return what doubt is left; that a value is the usual one takes as much as a hint does."""
        is_usual = usual is not None and self.value == usual
        doubt = 1 - _WEIGHTS["low"] if is_usual else 1.0
        for fact in self.facts:
            doubt *= 1 - _WEIGHTS[fact.confidence]
        return doubt


@cache
def unknown(field: str) -> Answer:
    """Return the answer that nothing was found."""
    return Answer(field=field, value=None, rule="none", confidence="low")


def proven(tree: SourceTree, facts: Iterable[Fact]) -> list[Fact]:
    """Return the facts whose quote stands where they say; the manifest may lie elsewhere."""
    lines: dict[str, list[str]] = {}
    kept = []
    for fact in facts:
        if fact.evidence is not None:
            path = fact.evidence.file
            if path not in lines:
                lines[path] = (tree.text(path) or "").split("\n")
            if not is_true_of(fact.evidence, lines[path]):
                continue
        kept.append(fact)
    return kept


def weighed(field: str, facts: Sequence[Fact], *, usual: JsonValue = None) -> Answer:
    """Return the heaviest value of a field; what the manifest says outweighs all.

    Each rule speaks once for a value. An answer is less sure where another is likely too, and
    unknown where hints alone speak for two. `usual` is the value that most services have: where
    a rule speaks for it, that counts as one more hint, and makes no answer surer.
    """
    spoken = [fact for fact in facts if fact.field == field]
    if not spoken:
        return unknown(field)
    stated = [fact for fact in spoken if fact.rule == MANIFEST_RULE]
    candidates = sorted(_candidates(field, stated or spoken), key=lambda one: one.doubt(usual))
    best, rival = candidates[0], candidates[1].weight if candidates[1:] else 0.0
    if best.weight == rival and best.weight < _LIKELY:
        return unknown(field)
    return Answer(
        field=field,
        value=best.value,
        rule=best.facts[0].rule,
        confidence=_confidence(best.weight, rival),
        evidence=_evidence(best.facts),
    )


def listed(field: str, facts: Sequence[Fact]) -> Answer:
    """Return every value of a field, sorted, each with its first evidence."""
    named: dict[str, Fact] = {}
    for fact in facts:
        if fact.field == field:
            named.setdefault(str(fact.value), fact)
    if not named:
        return unknown(field)
    first = [named[name] for name in sorted(named)]
    return Answer(
        field=field,
        value=[fact.value for fact in first],
        rule="+".join(sorted({fact.rule for fact in first})),
        confidence=max((fact.confidence for fact in first), key=list(_WEIGHTS).index),
        evidence=tuple(fact.evidence for fact in first if fact.evidence),
    )


def _candidates(field: str, facts: Sequence[Fact]) -> list[_Candidate]:
    # The order of the facts is that of the detectors, so equals stay in it.
    by_value: dict[str, dict[str, Fact]] = {}
    for fact in facts:
        rules = by_value.setdefault(_key(field, fact.value), {})
        known = rules.get(fact.rule)
        if known is None or _doubt(fact) < _doubt(known):
            rules[fact.rule] = fact
    if field == "runtime_version":
        by_value = _with_shorter(by_value)
    return [_candidate(rules) for rules in by_value.values()]


def _candidate(rules: Mapping[str, Fact]) -> _Candidate:
    facts = tuple(sorted(rules.values(), key=lambda fact: _doubt(fact)[0]))
    return _Candidate(facts[0].value, facts)


def _with_shorter(by_value: Mapping[str, dict[str, Fact]]) -> dict[str, dict[str, Fact]]:
    """Let `3.11` speak for `3.11.4` too: the longer is the same version, told in full."""
    merged: dict[str, dict[str, Fact]] = {}
    for version, rules in by_value.items():
        supported = dict(rules)
        for other, others in by_value.items():
            if version.startswith(f"{other}."):
                supported = {**others, **supported}
        merged[version] = {
            rule: Fact(
                fact.field,
                rules[next(iter(rules))].value,
                fact.rule,
                fact.confidence,
                fact.evidence,
            )
            for rule, fact in supported.items()
        }
    return merged


def _key(field: str, value: JsonValue) -> str:
    text = str(value)
    return text.rstrip("/") if field == "health_path" else text


def _doubt(fact: Fact) -> tuple[int, int]:
    depth = fact.evidence.file.count("/") if fact.evidence else 0
    return list(_WEIGHTS).index(fact.confidence), depth


def _confidence(weight: float, rival: float) -> Confidence:
    if weight >= _SURE and rival < _LIKELY:
        return "high"
    return "medium" if weight >= _LIKELY and rival < _SURE else "low"


def _evidence(facts: Sequence[Fact]) -> tuple[Evidence, ...]:
    found = [fact.evidence for fact in facts if fact.evidence]
    # To tell equals apart is dearer than all else here, and most answers have one witness.
    return tuple(dict.fromkeys(found) if len(found) > 1 else found)[:_MOST_EVIDENCE]
