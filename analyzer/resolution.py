"""From facts to answers: for each field the surest fact, or "unknown"."""

from collections.abc import Iterable, Sequence
from typing import Final

from analyzer.facts import Fact, is_true_of
from analyzer.tree import SourceTree
from delightful.recommendation import Answer, Confidence

# The closed list of what is answered, in the order in which it is told.
FIELDS: Final = (
    "kind",
    "language",
    "runtime_version",
    "framework",
    "port",
    "start_command",
    "health_path",
    "database",
    "cache",
    "worker",
    "environment_variables",
    "cpu_units",
    "memory_mib",
)

_RANK: Final[dict[Confidence, int]] = {"high": 0, "medium": 1, "low": 2}
# Set in every container anyway, so reading them says nothing of this service.
_EVERYWHERE: Final = frozenset({"HOME", "HOSTNAME", "LANG", "PATH", "PWD", "SHELL", "USER"})


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


def resolved(facts: Sequence[Fact]) -> dict[str, Answer]:
    """Return one answer for each field that detectors speak of.

    The language is settled first; what only holds for another language is then left out.
    """
    language = _surest("language", facts)
    held = [fact for fact in facts if fact.language in (None, language.value)]
    answers = {field: _surest(field, held) for field in FIELDS}
    return answers | {
        "language": language,
        "environment_variables": _environment_variables(held),
    }


def answer_of(fact: Fact) -> Answer:
    """Return a fact as the answer to its field."""
    return Answer(
        field=fact.field,
        value=fact.value,
        rule=fact.rule,
        confidence=fact.confidence,
        evidence=(fact.evidence,) if fact.evidence else (),
    )


def _surest(field: str, facts: Sequence[Fact]) -> Answer:
    spoken = [fact for fact in facts if fact.field == field]
    # min keeps the first of equals: the order of the detectors, then of the paths.
    surest = min(spoken, key=_doubt, default=None)
    return answer_of(surest) if surest else unknown(field)


def _doubt(fact: Fact) -> tuple[int, int]:
    depth = fact.evidence.file.count("/") if fact.evidence else 0
    return _RANK[fact.confidence], depth


def _environment_variables(facts: Sequence[Fact]) -> Answer:
    named: dict[str, Fact] = {}
    for fact in facts:
        if fact.field == "environment_variables" and fact.value not in _EVERYWHERE:
            named.setdefault(str(fact.value), fact)
    if not named:
        return unknown("environment_variables")
    first = [named[name] for name in sorted(named)]
    weakest = max(first, key=lambda fact: _RANK[fact.confidence])
    return Answer(
        field="environment_variables",
        value=[fact.value for fact in first],
        rule="+".join(sorted({fact.rule for fact in first})),
        confidence=weakest.confidence,
        evidence=tuple(fact.evidence for fact in first if fact.evidence),
    )
