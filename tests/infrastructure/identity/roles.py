"""Roles among rendered resources, and what they are rendered from."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.infrastructure.rendering import Resource, of_type

TEMPLATES = Path(__file__).parent / "policies"


@dataclass(frozen=True)
class Role:
    """One role: whom it trusts, what it may do, and the boundary that it names."""

    name: str
    trust: dict[str, Any]
    policies: tuple[dict[str, Any], ...]
    boundary: str | None


def template(root: str, **filled: str) -> str:
    """Return a root's test file, with `<<name>>` filled in."""
    text = (TEMPLATES / f"{root}.tftest.hcl").read_text()
    for name, value in filled.items():
        text = text.replace(f"<<{name}>>", value)
    return text


def roles(resources: Sequence[Resource]) -> dict[str, Role]:
    """Return the roles among resources, by name."""
    policies = of_type(resources, "aws_iam_role_policy")
    return {
        values["name"]: Role(
            name=values["name"],
            trust=json.loads(values["assume_role_policy"]),
            policies=tuple(
                json.loads(one["policy"]) for one in policies if one["role"] == values["id"]
            ),
            boundary=values.get("permissions_boundary"),
        )
        for values in of_type(resources, "aws_iam_role")
    }
