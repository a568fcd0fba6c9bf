"""Rows about CodeDeploy: created once, followed to its end, taken back when it must be."""

import time

import pytest

from delightful.release import Release, ReleaseState
from tests.end_to_end.faulty_endpoint import held, lost, refused, reset, reworded, slow
from tests.end_to_end.stage import ENVIRONMENT, SERVICE, until
from tests.faults.bench import Bench, another_good, ended_as
from tests.faults.outside import STATE_KEY
from tests.faults.rows import Happened, Record, Row, Rows, run_row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
rows = Rows()


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


@rows.row("F12", "ThrottlingException on CreateDeployment, RegisterTaskDefinition, twice each")
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
    bench.proxy.switch_on(
        refused("ServiceUnavailable", 503), operation="CreateDeployment", times=1e9
    )
    ended = bench.deploy()
    calls = bench.proxy.calls("CreateDeployment")
    bench.proxy.switch_off()
    release = bench.attempt_of(commit)
    assert (ended.code, ended.error) == (6, "E_ROLLOUT_UNKNOWN")
    assert calls == 4
    return Happened(
        f"{calls} calls, then {ended.error}; attempt open", ended, release, bench.deploy_argv()
    )


@rows.row("F13", "the answer to RegisterTaskDefinition is lost")
def registration_without_an_answer(bench: Bench) -> Happened:
    """A revision too many is tolerated: the one that runs is the one of this image."""
    commit = bench.stage.commit("next")
    bench.proxy.switch_on(lost(), operation="RegisterTaskDefinition")
    ended = bench.deploy()
    release = bench.attempt_of(commit)
    calls = bench.proxy.calls("RegisterTaskDefinition")
    ended_as(release, ReleaseState.GOOD)
    return Happened(
        f"{calls} registrations, the recorded one runs", ended, release, bench.deploy_argv()
    )


@rows.row("F14", "S3 resets every connection for the state, from the plan on", ci=True)
def unreachable_at_plan(bench: Bench) -> Happened:
    """The plan fails in time with its code, nothing was applied."""
    commit = bench.stage.commit("next")
    bench.proxy.switch_on(reset(), path=STATE_KEY, times=1e9)
    ended = bench.deploy()
    bench.proxy.switch_off()
    release = bench.attempt_of(commit)
    assert ended.code in (1, 6), ended
    assert release.stack is None
    return Happened(
        f"{ended.error} after {ended.seconds:.0f} s", ended, release, bench.deploy_argv()
    )


@rows.row("F24", "an older commit is asked for while a newer one is deployed", ci=True)
def older_commit_later(bench: Bench) -> Happened:
    """The older one ends SUPERSEDED by name, whatever it waited for, and applies nothing."""
    older = bench.stage.commit("next")
    newer = bench.stage.commit("next")
    running = bench.start(*bench.deploy_argv())
    until(lambda: bench.stage.ledger().head(SERVICE, ENVIRONMENT).in_progress, "its attempt")
    late = bench.run(*bench.deploy_argv("--commit", older))
    ended = bench.heard(running)
    release = bench.attempt_of(newer)
    assert (late.code, late.error) == (3, "E_SUPERSEDED")
    assert newer[:12] in late.last_line
    ended_as(bench.attempt_of(older), ReleaseState.SUPERSEDED)
    ended_as(release, ReleaseState.GOOD)
    assert bench.attempt_of(older).stack is None
    return Happened("the older SUPERSEDED, the newer GOOD", ended, release, bench.deploy_argv())


@rows.row("F29", "the first deploy of a ledger that is empty fails")
def nothing_good_before(bench: Bench) -> Happened:
    """It stops, keeps what was made, and says that there is nothing to go back to."""
    table = _empty_ledger(bench)
    serving = bench.stage.good()
    commit = bench.stage.commit("broken")
    with bench.registered(ledger_table=table):
        ended = bench.deploy()
        back = bench.rollback()
    assert (ended.code, ended.error) == (1, "E_DEPLOY"), ended
    assert "nothing good served before" in ended.last_line
    assert (back.code, back.error) == (2, "E_TARGET")
    assert bench.stage.good() == serving
    # The state holds the broken inputs: the real ledger's next release mends that.
    mended = bench.stage.commit("next")
    assert bench.deploy().code == 0
    what = f"{ended.error}, rollback {back.error}; {commit[:7]} got no traffic"
    return Happened(what, None, bench.attempt_of(mended), bench.deploy_argv())


def _empty_ledger(bench: Bench) -> str:
    dynamodb, sandbox = bench.stage.aws("dynamodb"), bench.stage.sandbox
    real = dynamodb.describe_table(TableName=sandbox.ledger_table)["Table"]
    name = f"empty-{time.monotonic_ns()}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=real["KeySchema"],
        AttributeDefinitions=real["AttributeDefinitions"],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


@rows.row("F32", "CodeDeploy stays in Created")
def stuck_rollout(bench: Bench) -> Happened:
    """Its deadline ends it: stopped with rollback, and the earlier release serves."""
    commit = bench.stage.commit("next", healthy_timeout_seconds=10)
    stuck = reworded('"status": ?"(InProgress|Ready)"', '"status": "Created"')
    for operation in ("GetDeployment", "BatchGetDeployments"):
        bench.proxy.switch_on(stuck, operation=operation, times=1e9)
    ended = bench.deploy()
    bench.proxy.switch_off()
    release = bench.attempt_of(commit)
    assert ended.code == 5, ended
    ended_as(release, ReleaseState.ROLLED_BACK)
    return Happened(f"{release.failure.reason if release.failure else ''}", ended, release, None)


@rows.row("F33", "an alarm fires while it bakes, and once more just after", ci=True)
def alarm_while_baking(bench: Bench) -> Happened:
    """Traffic goes back, the cause is the alarm; after GOOD nothing moves by itself."""
    commit = bench.stage.commit("next", bake_seconds=30, termination_wait_minutes=60)
    running = bench.start(*bench.deploy_argv())
    live = until(lambda: _live(bench, commit), "the release live")
    assert live.stack is not None
    name = live.stack.outputs.alarm_names[0]
    # Whoever evaluates the alarm sets it back: it fires until somebody has seen it.
    until(lambda: _is_stopped_by(bench, live, name), "the rollout stopped")
    _fire(bench, name, "OK")
    ended = bench.heard(running)
    release = bench.attempt_of(commit)
    assert ended.code == 5, ended
    ended_as(release, ReleaseState.ROLLED_BACK)
    assert release.failure is not None
    assert name in release.failure.reason or "alarm" in release.failure.reason.lower()
    attempts = bench.stage.history()
    _fire(bench, name)
    time.sleep(2)
    _fire(bench, name, "OK")
    assert bench.stage.history() == attempts
    return Happened(f"ROLLED_BACK: {release.failure.reason[:60]}", ended, release, None)


def _live(bench: Bench, commit: str) -> Release | None:
    found = bench.newest()
    return found if (found.commit, found.state) == (commit, ReleaseState.LIVE) else None


def _is_stopped_by(bench: Bench, release: Release, alarm: str) -> bool:
    _fire(bench, alarm)
    mine = (
        one for one in bench.stage.rollouts() if release.release_id in one.get("description", "")
    )
    return any(one["status"] in ("Stopped", "Failed") for one in mine)


def _fire(bench: Bench, name: str, state: str = "ALARM") -> None:
    bench.stage.aws("cloudwatch").set_alarm_state(
        AlarmName=name, StateValue=state, StateReason="a row of the fault table"
    )


@rows.row("F34", "a version that answers 503 on its test listener", ci=True)
def smoke_fails(bench: Bench) -> Happened:
    """It never gets traffic, says why, and the earlier release serves."""
    commit = bench.stage.commit("broken")
    ended = bench.deploy()
    release = bench.attempt_of(commit)
    assert ended.code == 5, ended
    ended_as(release, ReleaseState.ROLLED_BACK)
    assert release.failure is not None
    assert "503" in str(release.failure.response)
    return Happened("ROLLED_BACK, the answer kept", ended, release, None)


@rows.row("F35", "the rollback fails: an alarm stays in ALARM")
def rollback_fails(bench: Bench) -> Happened:
    """It ends ROLLBACK_FAILED once, without a loop, and what is healthy serves."""
    good, target = bench.stage.good(), another_good(bench)
    assert good.stack is not None
    name = good.stack.outputs.alarm_names[0]
    running = bench.start(*bench.rollback_argv(target.release_id))

    def has_ended() -> bool:
        _fire(bench, name)
        return running.process.poll() is not None

    until(has_ended, "its end", seconds=300)
    ended = bench.heard(running)
    _fire(bench, name, "OK")
    release = bench.newest()
    assert (ended.code, ended.error) == (7, "E_ROLLBACK"), ended
    ended_as(release, ReleaseState.ROLLBACK_FAILED)
    assert len(bench.stage.rollouts_of(release)) <= 1
    return Happened(f"{ended.error}: {ended.last_line[:70]}", ended, release, None)


@rows.row("F38", "credentials expire in the middle of the rollout")
def credentials_expire(bench: Bench) -> Happened:
    """The attempt stays as it was recorded, and goes on once there are new ones."""
    commit = bench.stage.commit("next", termination_wait_minutes=60)
    running = bench.start(*bench.deploy_argv())
    until(lambda: bench.proxy.calls("CreateDeployment"), "the creation of the rollout")
    bench.proxy.switch_on(refused("ExpiredTokenException"), times=1e9)
    ended = bench.heard(running)
    bench.proxy.switch_off()
    release = bench.attempt_of(commit)
    assert ended.code == 6, ended
    return Happened(f"{ended.error}, {release.state}", ended, release, bench.deploy_argv())


@rows.row("F39", "each call of the rollout takes two seconds longer")
def slow_network(bench: Bench) -> Happened:
    """Nothing is asked twice because its answer was slow."""
    commit = bench.stage.commit("next")
    for operation in ("CreateDeployment", "RegisterTaskDefinition", "ContinueDeployment"):
        bench.proxy.switch_on(held(2.0), operation=operation, times=1e9)
    bench.proxy.switch_on(slow(2.0), operation="GetDeployment", times=3)
    ended = bench.deploy()
    release = bench.attempt_of(commit)
    assert ended.code == 0, ended
    assert bench.proxy.calls("CreateDeployment") == 1
    assert bench.proxy.calls("RegisterTaskDefinition") == 1
    ended_as(release, ReleaseState.GOOD)
    return Happened("each once, GOOD", ended, release, bench.deploy_argv())


@pytest.mark.parametrize("row", rows.parameters())
def test_row(bench: Bench, row: Row, record_property: Record) -> None:
    """What the row expects happens, and the invariants hold after it and after one recovery."""
    run_row(bench, row, record_property)
