"""Every error says what happened and what to do, and every code is on one page."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from delightful.errors import (
    ConfigError,
    DelightfulError,
    DeployFailed,
    ExitCode,
    ExternalError,
    Refused,
    RollbackFailed,
    Superseded,
    TransientError,
)

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACKAGES = ("delightful", "analyzer", "blocks", "flows", "sandbox", "rehearsal", "cli", "scripts")
CODE = re.compile(r"E_[A-Z0-9]+(?:_[A-Z0-9]+)*")
ROW = re.compile(r"^\| `(E_[A-Z0-9_]+)` \| (.+) \| (.+) \|$", re.MULTILINE)


@cache
def used_codes() -> dict[str, str]:
    """Return every code that stands as a text of its own in the packages, with one place."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and CODE.fullmatch(str(node.value)):
                    found[str(node.value)] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def documented_rows() -> list[tuple[str, str, str]]:
    """Return the rows of docs/errors.md: code, meaning, next step."""
    return ROW.findall((ROOT / "docs" / "errors.md").read_text(encoding="utf-8"))


def test_every_code_is_documented() -> None:
    """A code that can be met is in docs/errors.md; each missing one is named with its place."""
    documented = {code for code, _, _ in documented_rows()}
    missing = {code: place for code, place in used_codes().items() if code not in documented}
    assert not missing, f"add a row to docs/errors.md for: {missing}"


def test_no_code_is_documented_that_cannot_be_met() -> None:
    """A row whose code nothing raises any more is taken out."""
    used = used_codes()
    assert len(used) > 40
    unused = [code for code, _, _ in documented_rows() if code not in used]
    assert not unused, f"take these rows out of docs/errors.md: {unused}"


def test_every_row_says_what_to_do_next() -> None:
    """Codes are listed once, in order within their section, each with a meaning and a step."""
    rows = documented_rows()
    assert len(rows) == len({code for code, _, _ in rows})
    assert all(meaning.strip() and step.strip() for _, meaning, step in rows)


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (ConfigError("E_X", "what", hint="do"), ExitCode.BAD_INPUT),
        (Refused("E_X", "what", hint="do"), ExitCode.REFUSED),
        (Superseded("E_X", "what", hint="do"), ExitCode.SUPERSEDED),
        (TransientError("E_X", "what", hint="do"), ExitCode.UNREACHABLE),
        (DeployFailed("E_X", "what", hint="do", release_id="r", rolled_back=True), 5),
        (DeployFailed("E_X", "what", hint="do", release_id="r", rolled_back=False), 1),
        (RollbackFailed("E_X", "what", hint="do", release_id="r"), ExitCode.ROLLBACK_FAILED),
    ],
)
def test_an_error_is_one_line_with_a_next_step(error: DelightfulError, exit_code: int) -> None:
    """Code, what happened, an arrow, what to do; and an exit code of its own."""
    assert str(error) == "E_X what → do"
    assert error.exit_code == exit_code


def test_an_outside_error_names_service_operation_and_cause() -> None:
    """Whoever reads it knows whom to ask."""
    error = ExternalError(
        "E_X", "did not answer", hint="wait", service="ecs", operation="Describe", cause="503"
    )
    assert str(error) == "E_X ecs Describe: did not answer: 503 → wait"
    assert error.exit_code is ExitCode.UNREACHABLE
