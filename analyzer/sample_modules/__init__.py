"""Terraform modules for what a manifest cannot declare: samples, for people to review.

Pure: a recommendation goes in, the text of files comes out. What a module says of itself is the
same for every service; only its README tells of the one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from pydantic import JsonValue

from analyzer.patterns import Pattern
from analyzer.sample_modules.allowed import refuse_unlisted
from delightful.names import service_name
from delightful.recommendation import Answer, Confidence, Recommendation
from delightful.text import escaped

# By field and value: the module, which is the folder beside this file that holds its text.
MODULES: Final[Mapping[tuple[str, JsonValue], str]] = {
    ("database", "mongodb"): "documents",
    ("database", "sqlserver"): "sqlserver",
    ("database", "dynamodb"): "table",
    ("cache", "memcached"): "memcached",
    ("worker", True): "worker",
}
SOURCES: Final = ("main.tf", "variables.tf", "outputs.tf", "versions.tf")
_CONFIDENT: Final[frozenset[Confidence]] = frozenset({"high", "medium"})
_PLACE: Final = Pattern(r"\{\{([a-z]+)\}\}")


@dataclass(frozen=True)
class Sample:
    """A module for one answer: its folder, and its files by their path from the folder above."""

    folder: str
    answer: Answer
    files: Mapping[str, str]


def sample_modules(recommendation: Recommendation) -> tuple[Sample, ...]:
    """Return a module for each answer that a manifest cannot declare; a guess has none.

    Raises:
        ConfigError: E_NAME, the service's name is none.
        Refused: E_SAMPLE, a module would hold what none may.
    """
    service_name(recommendation.service)
    samples = tuple(
        _sample(recommendation.service, module, answer)
        for module, answer in _undeclarable(recommendation)
        if answer.confidence in _CONFIDENT
    )
    for sample in samples:
        refuse_unlisted(sample.files)
    return samples


def unsure_answers(recommendation: Recommendation) -> tuple[Answer, ...]:
    """Return the answers that would have a module if they were more than a guess."""
    found = _undeclarable(recommendation)
    return tuple(answer for _, answer in found if answer.confidence not in _CONFIDENT)


def _undeclarable(recommendation: Recommendation) -> Iterator[tuple[str, Answer]]:
    kind = recommendation.answer("kind")
    for (field, value), module in MODULES.items():
        answer = recommendation.answer(field)
        # What is a worker itself has no second process.
        is_itself = module == "worker" and kind is not None and kind.value == "worker"
        if answer is not None and answer.value == value and not is_itself:
            yield module, answer


def _sample(service: str, module: str, answer: Answer) -> Sample:
    folder = f"{service.replace('-', '_')}_{module}"
    names = (*SOURCES, f"tests/{module}.tftest.hcl")
    texts = {f"{folder}/{name}": _packaged(module, name) for name in names}
    readme = _filled(_packaged(module, "README.md"), _told(service, folder, answer))
    return Sample(folder, answer, {**texts, f"{folder}/README.md": readme})


def _packaged(module: str, name: str) -> str:
    return (files(__name__) / module / name).read_text(encoding="utf-8")


def _filled(template: str, told: Mapping[str, str]) -> str:
    # In one pass: what is filled in is never looked at again.
    return _PLACE.sub(lambda match: told[match[1]], template)


def _told(service: str, folder: str, answer: Answer) -> dict[str, str]:
    lines = [f"{one.file}:{one.line}: {one.quote.strip()}" for one in answer.evidence]
    return {
        "service": service,
        "folder": folder,
        "field": answer.field,
        "value": str(answer.value).lower(),
        "confidence": answer.confidence,
        "rule": f"`{escaped(answer.rule)}`",
        # Indented by four, Markdown shows it as it is.
        "evidence": "\n".join(f"    {escaped(line, limit=200)}" for line in lines)
        or "No line of the service says so.",
    }
