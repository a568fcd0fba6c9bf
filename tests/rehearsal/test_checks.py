"""What a part of a rehearsal demands, and what it does not let pass."""

import pytest

from delightful.release import AttemptKind, Check, Failure, ReleaseState, Verdict
from rehearsal import checks
from rehearsal.report import Part, Report, report_lines
from rehearsal.traffic import Traffic
from tests.delightful.samples import image, release

A, B = "a" * 40, "b" * 40


def traffic(
    *, requests: int = 10, failed: int = 0, commits: dict[str, int] | None = None
) -> Traffic:
    """Return traffic of a service that names its commit, unless said otherwise."""
    return Traffic(
        requests=requests,
        failed=failed,
        commits={A: requests} if commits is None else commits,
        p99_milliseconds=1.0,
        failures=("at 1.000: status 503",) * failed,
    )


def part(*found: Check) -> Part:
    """Return a part that rests on these checks."""
    return Part(key="first", title="one", release_id="r", checks=found, phases=(), seconds=1.0)


def test_no_request_is_not_a_pass() -> None:
    """A prober that saw nothing proves nothing: the check stays open."""
    assert checks.nothing_failed(traffic(requests=0)).ok is None


def test_one_failed_request_fails_the_part() -> None:
    """Zero means zero, and the report shows which request it was."""
    check = checks.nothing_failed(traffic(failed=1))
    assert check.ok is False
    assert "status 503" in check.detail


@pytest.mark.parametrize(
    ("answered", "expected", "ok"),
    [({A: 5}, {A}, True), ({A: 5, B: 1}, {A}, False), ({A: 5}, {A, B}, False)],
)
def test_an_answer_by_another_commit_is_seen(
    answered: dict[str, int], expected: set[str], ok: bool
) -> None:
    """One answer by a commit that must not serve fails the check, and so does a missing one."""
    assert checks.served_by(traffic(commits=answered), expected).ok is ok


def test_good_without_a_verdict_is_not_good() -> None:
    """The state alone convinces nobody: a recorded GOOD needs checks that held."""
    found = checks.is_good(release(1, state=ReleaseState.GOOD).with_parts(verdict=None))
    assert [check.ok for check in found] == [True, False]
    unsure = Verdict(checks=(Check(name="alarms", ok=None, detail="no data"),))
    assert checks.is_good(release(1).with_parts(verdict=unsure))[1].ok is False


@pytest.mark.parametrize(
    ("failure", "ok"),
    [
        (None, False),
        (Failure(phase="codedeploy", reason="never healthy"), False),
        (Failure(phase="codedeploy", reason="503", response="503 no", log_tail=("x",)), True),
    ],
)
def test_a_failure_has_to_explain_itself(failure: Failure | None, ok: bool) -> None:
    """A reason without anything that was seen is no explanation."""
    failed = release(1, state=ReleaseState.FAILED).with_parts(failure=failure)
    assert checks.explains_itself(failed).ok is ok


def test_a_rollback_must_run_the_image_it_restores() -> None:
    """Naming the right release while another digest runs is not a rollback."""
    target = release(1)
    back = release(3, kind=AttemptKind.ROLLBACK, restores=target.release_id)
    assert checks.restores(back.with_parts(image=image(1)), target).ok is True
    assert checks.restores(back.with_parts(image=image(2)), target).ok is False


def test_a_part_without_checks_does_not_hold() -> None:
    """Nothing looked at is nothing shown."""
    assert not part().holds
    assert not part(Check(name="x", ok=None, detail="")).holds
    assert part(Check(name="x", ok=True, detail="")).holds


def test_a_rehearsal_that_ended_early_says_so() -> None:
    """Fewer than four parts never count as shown, whatever they found."""
    report = Report(
        service="api",
        source="api",
        tasks_mode="process",
        load_balancer="haproxy",
        speed=20,
        setting_up=(),
        parts=(part(Check(name="x", ok=True, detail="fine")),),
        links={},
    )
    assert not report.holds
    assert report_lines(report)[-1].startswith("NOT SHOWN")
    assert "process mode" in "\n".join(report_lines(report))
