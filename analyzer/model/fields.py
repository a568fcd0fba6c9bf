"""The fields that the model may speak of, and the rule that stands for each."""

from collections.abc import Mapping
from typing import Final

from analyzer.resolution import MANIFEST_RULE
from delightful.recommendation import Answer

# Each is told in docs/rules/model.md.
RULES: Final[dict[str, str]] = {
    "kind": "model/kind",
    "language": "model/language",
    "runtime_version": "model/runtime-version",
    "framework": "model/framework",
    "port": "model/port",
    "start_command": "model/start-command",
    "health_path": "model/health-path",
    "database": "model/database",
    "database_version": "model/database-version",
    "cache": "model/cache",
    "worker": "model/worker",
    "environment_variables": "model/environment-variables",
}
_NOT_RUN: Final = ("library", "cli")


def open_fields(answers: Mapping[str, Answer]) -> tuple[str, ...]:
    """Return what the rules left unknown or unsure, in the order of the table.

    What the manifest says is settled, and so is everything of what is not run as a service.
    """
    kind = answers.get("kind")
    if kind is not None and kind.value in _NOT_RUN and not _is_open(kind):
        return ()
    return tuple(field for field in RULES if field in answers and _is_open(answers[field]))


def _is_open(answer: Answer) -> bool:
    if answer.rule == MANIFEST_RULE:
        return False
    return answer.value is None or answer.confidence == "low"
