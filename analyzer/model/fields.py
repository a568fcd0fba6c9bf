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
# What makes a field idle: a library is not run, a worker listens on nothing, and what keeps no data
# on a server has no version of it.
_IDLE: Final[tuple[tuple[str, frozenset[str], frozenset[str]], ...]] = (
    ("kind", frozenset({"library", "cli"}), frozenset(RULES)),
    ("kind", frozenset({"worker"}), frozenset({"port", "health_path"})),
    ("database", frozenset({"none", "sqlite", "h2", "dynamodb"}), frozenset({"database_version"})),
)


def open_fields(answers: Mapping[str, Answer]) -> tuple[str, ...]:
    """Return what the rules left unknown or unsure, in the order of the table.

    What the manifest says is settled, and so is what a sure answer leaves no question about.
    """
    idle = {
        field
        for decider, values, fields in _IDLE
        if decider in answers and not _is_open(answers[decider])
        if answers[decider].value in values
        for field in fields
    }
    return tuple(
        field
        for field in RULES
        if field in answers and field not in idle and _is_open(answers[field])
    )


def _is_open(answer: Answer) -> bool:
    if answer.rule == MANIFEST_RULE:
        return False
    return answer.value is None or answer.confidence == "low"
