"""Rows about CodeDeploy: created once, followed to its end, taken back when it must be."""

import pytest

from delightful.release import ReleaseState
from tests.end_to_end.faulty_endpoint import lost, refused, reset
from tests.end_to_end.stage import until
from tests.faults.bench import Bench, ended_as
from tests.faults.rows import Happened, Record, Row, Rows, run_row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
rows = Rows()

CANARY_SHIFT = "CodeDeployDefault.ECSCanary10Percent5Minutes"


@rows.row("F10", "SIGKILL between CreateDeployment and recording its id", ci=True)
def killed_after_creation(bench: Bench) -> Happened:
    """The deployment that was created is found by its description, and adopted."""
    commit = bench.stage.commit("next")
    ended = bench.killed_at("begin rollout#1:after", *bench.deploy_argv())
    release = bench.attempt_of(commit)
    assert release.rollout is None
    assert len(bench.stage.rollouts_of(release)) == 1
    what = f"killed with {bench.stage.rollouts_of(release)[0]} running and not recorded"
    return Happened(what, ended, release, bench.deploy_argv())


@rows.row("F11", "the answer to CreateDeployment is lost", ci=True)
def creation_without_an_answer(bench: Bench) -> Happened:
    """One call is made, and its deployment is found by looking."""
    commit = bench.stage.commit("next")
    bench.proxy.switch_on(lost(), operation="CreateDeployment")
    ended = bench.deploy()
    release = bench.attempt_of(commit)
    ended_as(release, ReleaseState.GOOD)
    assert (ended.code, bench.proxy.calls("CreateDeployment")) == (0, 1)
    return Happened("found by its description; one call, GOOD", ended, release, bench.deploy_argv())


@rows.row("F12", "ThrottlingException on CreateDeployment, RegisterTaskDefinition, twice each", ci=True)
def throttled(bench: Bench) -> Happened:
    """What was surely not done is asked again, and the release becomes good."""
    commit = bench.stage.commit("next")
    for operation in ("CreateDeployment", "RegisterTaskDefinition"):
        bench.proxy.switch_on(refused("ThrottlingException"), operation=operation, times=2)
    ended = bench.deploy()
    release = bench.attempt_of(commit)
    ended_as(release, ReleaseState.GOOD)
    assert bench.proxy.is_spent
    return Happened("asked again after each, GOOD", ended, release, bench.deploy_argv())


@rows.row("F12 for good", "503 on every CreateDeployment")
def refused_for_good(bench: Bench) -> Happened:
    """The tries are bounded, and the earlier release serves."""
    commit = bench.stage.commit("next")
    bench.proxy.switch_on(refused("ServiceUnavailable", 503), operation="CreateDeployment", times=1e9)
    ended = bench.deploy()
    calls = bench.proxy.calls("CreateDeployment")
    bench.proxy.switch_off()
    release = bench.attempt_of(commit)
    assert (ended.code, ended.error) == (6, "E_ROLLOUT_UNKNOWN")
    assert calls == 4
    return Happened(f"{calls} calls, then {ended.error}; attempt open", ended, release, bench.deploy_argv())


@rows.row("F13", "the answer to RegisterTaskDefinition is lost")
def registration_without_an_answer(bench: Bench) -> Happened:
    """A revision too many is tolerated: the one that runs is the one of this image."""
    commit = bench.stage.commit("next")
    bench.proxy.switch_on(lost(), operation="RegisterTaskDefinition")
    ended = bench.deploy()
    release = bench.attempt_of(commit)
    calls = bench.proxy.calls("RegisterTaskDefinition")
    ended_as(release, ReleaseState.GOOD)
    return Happened(f"{calls} registrations, the recorded one runs", ended, release, bench.deploy_argv())


@rows.row("F14", "AWS resets connections at plan", ci=True)
def unreachable_at_plan(bench: Bench) -> Happened:
    """The plan fails in time with its code, nothing was applied."""
    commit, serial = bench.stage.commit("next"), bench.stage.good().stack
    bench.proxy.switch_on(reset(), path="tfstate", times=1e9)
    ended = bench.deploy()
    bench.proxy.switch_off()
    release = bench.attempt_of(commit)
    assert ended.code == 6, ended
    assert serial is not None
    return Happened(f"{ended.error} after {ended.seconds:.0f} s", ended, release, bench.deploy_argv())


@pytest.mark.parametrize("row", rows.parameters())
def test_row(bench: Bench, row: Row, record_property: Record) -> None:
    """What the row expects happens, and the invariants hold after it and after one recovery."""
    run_row(bench, row, record_property)


_ = until, CANARY_SHIFT
