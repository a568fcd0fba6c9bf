"""What follows from the answers: the kind of program, and the size of a task."""

from collections.abc import Mapping
from typing import Final

from delightful.recommendation import Answer

Answers = Mapping[str, Answer]

# 0.25 vCPU and 512 MiB: the smallest task that Fargate sells.
SMALLEST_CPU_UNITS: Final = 256
SMALLEST_MEMORY_MIB: Final = 512
_RUN_KINDS: Final = frozenset({"web", "worker"})


def concluded(answers: Answers) -> dict[str, Answer]:
    """Return the answers with the kind settled, and a size where there is something to run."""
    kind = _kind(answers)
    settled = dict(answers) | {"kind": kind}
    if kind.value not in _RUN_KINDS:
        return settled
    for field, value in (("cpu_units", SMALLEST_CPU_UNITS), ("memory_mib", SMALLEST_MEMORY_MIB)):
        if settled[field].value is None:
            settled[field] = _smallest(field, value, settled["language"])
    return settled


def is_run(answers: Answers) -> bool:
    """Say whether there is something to run as a service, as far as is known."""
    return answers["kind"].value not in ("library", "cli")


def _kind(answers: Answers) -> Answer:
    stated = answers["kind"]
    if stated.confidence == "high" and stated.value is not None:
        return stated
    # A web framework among what it runs with, or a port, outweighs being packaged.
    for field in ("framework", "port"):
        answer = answers[field]
        if answer.value is not None:
            return answer.model_copy(
                update={"field": "kind", "value": "web", "rule": f"kind/{field}"}
            )
    return stated


def _smallest(field: str, value: int, language: Answer) -> Answer:
    if language.value is None or language.value not in ("python", "node"):
        return Answer(field=field, value=None, rule="none", confidence="low")
    return Answer(
        field=field,
        value=value,
        rule=f"size/smallest-for-{language.value}",
        confidence="low",
        evidence=language.evidence,
    )
