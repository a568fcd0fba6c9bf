"""The gate of checkov is passed by what was looked at and mended, and by nothing else."""

from typing import Any

import checkov
import pytest

RESULTS: dict[str, list[Any]] = {
    "passed_checks": [
        {"file_path": f"/{root}/main.tf", "resource": "aws_x.this"} for root in checkov.ROOTS
    ],
    "failed_checks": [],
    "skipped_checks": [],
    "parsing_errors": [],
}


def finding(comment: str = "") -> dict[str, Any]:
    """Return one of checkov's findings."""
    return {
        "file_path": "/modules/alb/main.tf",
        "file_line_range": [7, 9],
        "resource": "module.alb.aws_lb.this",
        "check_id": "CKV_AWS_150",
        "check_name": "Ensure protection",
        "check_result": {"suppress_comment": comment},
    }


def faults(**changed: list[Any]) -> list[str]:
    """Return the faults of a report that differs in some results."""
    return list(checkov.faults({"results": RESULTS | changed}))


def test_passes_where_every_root_was_looked_at_and_skips_have_reasons() -> None:
    """A skip with its reason is no fault."""
    assert faults(skipped_checks=[finding("it has one")]) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"failed_checks": [finding()]},
            "infrastructure/modules/alb/main.tf:7 module.alb.aws_lb.this: "
            "CKV_AWS_150 Ensure protection",
        ),
        (
            {"skipped_checks": [finding(" ")]},
            "infrastructure/modules/alb/main.tf:7 module.alb.aws_lb.this: "
            "CKV_AWS_150 is skipped without a reason",
        ),
        ({"parsing_errors": ["/a.tf"]}, "/a.tf: could not be read"),
        (
            {"passed_checks": RESULTS["passed_checks"][1:]},
            "infrastructure/bootstrap: nothing was looked at",
        ),
    ],
)
def test_says_what_keeps_it_from_passing(changed: dict[str, list[Any]], said: str) -> None:
    """Each fault is one line that names the place."""
    assert faults(**changed) == [said]


def test_a_scan_of_nothing_does_not_pass() -> None:
    """checkov answers an empty folder with numbers alone."""
    assert len(list(checkov.faults({"passed": 0, "failed": 0}))) == len(checkov.ROOTS)
