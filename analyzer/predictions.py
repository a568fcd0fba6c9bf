"""A recommendation as one bare object: the fields by which analyzers are compared."""

import shlex
from typing import Final

from pydantic import JsonValue

from analyzer.witnesses.command_lines import handed_to_shell
from delightful.recommendation import Recommendation

_AS_ANSWERED: Final = (
    "kind",
    "language",
    "runtime_version",
    "framework",
    "port",
    "health_path",
    "database",
    "cache",
    "worker",
)


def predictions_of(recommendation: Recommendation) -> dict[str, JsonValue]:
    """Return the answers by field; null is "unknown", the start command is one text."""
    answers = {answer.field: answer.value for answer in recommendation.answers}
    command = answers["start_command"]
    return {field: answers[field] for field in _AS_ANSWERED} | {
        "start_command": _line(command) if isinstance(command, list) else None,
        "env_vars": answers["environment_variables"] or [],
    }


def _line(command: list[JsonValue]) -> str:
    return handed_to_shell(command) or shlex.join(str(word) for word in command)
