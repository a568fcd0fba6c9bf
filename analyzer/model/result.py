"""What comes of asking a model; the compiler knows no more of it than this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from analyzer.facts import Fact
from analyzer.model.usage import Usage
from analyzer.tree import SourceTree
from delightful.recommendation import Answer

NO_KEY: Final = "no model: no API key"


@dataclass(frozen=True)
class ModelResult:
    """Facts of medium or low confidence, what to tell of it in words, and what was used."""

    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)


Model = Callable[[SourceTree, Mapping[str, Answer]], ModelResult]


def no_model(reason: str) -> Model:
    """Return a model that is never asked, and says why."""
    return lambda tree, answers: ModelResult(notes=(f"no model: {reason}",))


def heard(answers: Mapping[str, Answer], result: ModelResult) -> list[Fact]:
    """Return the facts that may speak: an unsure one is silent where a rule has said anything."""
    return [
        fact
        for fact in result.facts
        if fact.confidence != "low" or answers[fact.field].value is None
    ]


def bounded(answers: Mapping[str, Answer], facts: list[Fact]) -> dict[str, Answer]:
    """Return the answers with those that a model has a part in never above medium."""
    fields = {fact.field for fact in facts}
    return {
        name: answer.model_copy(update={"confidence": "medium"})
        if name in fields and answer.confidence == "high"
        else answer
        for name, answer in answers.items()
    }
