"""A job asks for one run, and is told of it in the files that GitHub names."""

from pathlib import Path

import pytest

from cli.submission.github_job import idempotency_key, tell_job, tell_summary
from tests.delightful import samples

NAMES = ("deploy", "api", "staging", "0" * 40)


def test_a_job_asks_for_the_same_run_however_often_it_asks() -> None:
    """Another attempt of the job, another verb or commit is another run."""
    job = {"GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "1"}
    key = idempotency_key(NAMES, job)
    assert idempotency_key(NAMES, job) == key
    assert idempotency_key(NAMES, {**job, "GITHUB_RUN_ATTEMPT": "2"}) != key
    assert idempotency_key(("plan", *NAMES[1:]), job) != key
    assert idempotency_key((*NAMES[:3], "1" * 40), job) != key


def test_outside_ci_every_call_is_one_of_its_own() -> None:
    """A person who types the same twice means it twice; the ledger keeps that in order."""
    assert idempotency_key(NAMES, {}) != idempotency_key(NAMES, {})


def test_adds_outputs_and_the_release_card(tmp_path: Path) -> None:
    """What earlier steps wrote stays; without GitHub's files nothing is written."""
    output, summary = tmp_path / "output", tmp_path / "summary"
    output.write_text("earlier=1\n")
    variables = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
    tell_job(variables, {"release_id": "api-staging-000001"}, samples.release())
    assert output.read_text() == "earlier=1\nrelease_id=api-staging-000001\n"
    assert samples.commit(1) in summary.read_text()
    tell_job({}, {"release_id": "x"}, samples.release())


def test_no_value_can_be_read_as_another_output(tmp_path: Path) -> None:
    """A line break in a value is refused before anything is written."""
    variables = {"GITHUB_OUTPUT": str(tmp_path / "output")}
    for value in ("a\nb=c", "a\rb=c", "a\u2028b=c"):
        with pytest.raises(ValueError, match="more than one line"):
            tell_job(variables, {"flow_run_url": value}, None)
    assert not (tmp_path / "output").exists()


def test_a_card_without_a_release_reaches_the_summary(tmp_path: Path) -> None:
    """What was found of drift stands on the job's page, where there is one."""
    summary = tmp_path / "summary"
    tell_summary({"GITHUB_STEP_SUMMARY": str(summary)}, "## Drift of api")
    tell_summary({}, "nobody reads this")
    assert summary.read_text() == "## Drift of api\n"
