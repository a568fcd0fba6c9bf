"""From answers to `terraform.tfvars.json`: only names that `infrastructure/service` declares."""

import json
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from analyzer.conclusions import is_run
from delightful.recommendation import Answer, Recommendation

# What the analyzer may set; everything else is the environment's, the release's or the manifest's.
RECOMMENDED_VARIABLES: Final = frozenset(
    {"container_port", "start_command", "cpu_units", "memory_mib", "health_check"}
)
_IMAGE_RULE = "dockerfile/command"


def variables_of(answers: Mapping[str, Answer]) -> dict[str, JsonValue]:
    """Return the variables that the answers are sure enough to set.

    The image's own command stays the image's: giving it again would come on top of its
    ENTRYPOINT. What is unknown is left to the environment's value.
    """
    if not is_run(answers):
        return {}
    wanted = {
        "container_port": _sure(answers["port"]),
        "start_command": _start_command(answers["start_command"]),
        "cpu_units": answers["cpu_units"].value,
        "memory_mib": answers["memory_mib"].value,
        "health_check": _health_check(answers["health_path"]),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def variables_document(recommendation: Recommendation) -> bytes:
    """Return the content of `terraform.tfvars.json`: the same recommendation, the same bytes."""
    text = json.dumps(
        recommendation.variables, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False
    )
    return f"{text}\n".encode()


def _sure(answer: Answer) -> JsonValue:
    return answer.value if answer.confidence != "low" else None


def _start_command(answer: Answer) -> JsonValue:
    return None if answer.rule == _IMAGE_RULE else _sure(answer)


def _health_check(answer: Answer) -> JsonValue:
    path = _sure(answer)
    return {"path": path} if path is not None else None
