"""Rows about Terraform's state and its locks."""

import getpass
import hashlib
import json
import socket
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from delightful.errors import Refused
from delightful.release import ReleaseState
from tests.end_to_end.faulty_endpoint import held, page, refused
from tests.end_to_end.stage import ENVIRONMENT, SERVICE, until
from tests.faults.bench import Bench, ended_as
from tests.faults.outside import STATE_KEY, pid_of_terraform, state_object
from tests.faults.rows import Happened, Record, Row, Rows, run_row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
rows = Rows()

ALWAYS = 1e9
HELD_SECONDS = 20.0
STATE_ITSELF = rf"{SERVICE}/terraform\.tfstate(\?|$)"


@rows.row(
    "F15",
    "S3 answers 503 to every PutObject of the state, from the apply on",
    ci=True,
    I6="resources are ahead of the state until it is pushed",
)
def state_not_taken(bench: Bench) -> Happened:
    """The state is kept, nothing is applied over it, and it is pushed once S3 is back."""
    commit = bench.stage.commit("next")
    bench.proxy.switch_on(page(503), method="PUT", path=STATE_ITSELF, times=ALWAYS)
    ended = bench.deploy()
    bench.proxy.switch_off()
    kept = list(bench.stage.folder.glob("state/delightful/terraform/service-*/errored.tfstate"))
    release = bench.attempt_of(commit)
    assert kept, ended
    assert ended.code != 0
    return Happened(
        f"{ended.error} {release.state}, the state kept", ended, release, bench.deploy_argv()
    )


@rows.row(
    "F16",
    "DynamoDB takes no digest of the state",
    I6="the digest is an older state's until it is put right",
)
def digest_not_taken(bench: Bench) -> Happened:
    """The lost write is seen right after the apply, and put right only by what this run wrote."""
    commit = bench.stage.commit("next")
    fault = refused("InternalServerError", 500)
    bench.proxy.switch_on(fault, operation="PutItem", body=r"terraform\.tfstate-md5", times=ALWAYS)
    ended = bench.deploy()
    bench.proxy.switch_off()
    release = bench.attempt_of(commit)
    assert ended.code != 0
    return Happened(f"{ended.error} {release.state}", ended, release, bench.deploy_argv())


@rows.row("F17", "DynamoDB refuses to release the lock after the apply")
def lock_not_released(bench: Bench) -> Happened:
    """All was applied, only the lock stayed: it is released by its own id, and it goes on."""
    commit = bench.stage.commit("next")
    running = bench.start(*bench.deploy_argv())
    until(lambda: pid_of_terraform(bench, "apply"), "the apply")
    bench.proxy.switch_on(refused("InternalServerError", 500), operation="DeleteItem", times=ALWAYS)
    until(lambda: pid_of_terraform(bench, "apply") is None, "the end of the apply")
    met = bench.proxy.has_met()
    bench.proxy.switch_off()
    ended = bench.heard(running)
    release = bench.attempt_of(commit)
    assert met
    assert ended.code == 0, ended
    ended_as(release, ReleaseState.GOOD)
    return Happened("released by its id, GOOD", ended, release, bench.deploy_argv())


@rows.row(
    "F18",
    "the lock of a run that was killed at its plan",
    ci=True,
    I2="the killed run cannot give its lock back",
)
def stale_lock(bench: Bench) -> Happened:
    """It is broken once its owner is proven dead, by its exact id and by no other."""
    commit = bench.stage.commit("next")
    ended = bench.killed_at("plan#1:before", *bench.deploy_argv())
    lock = lay_lock(bench)
    about = ("--service", SERVICE)
    told = json.loads(bench.run("locks", *about, "--json").output)["state"]
    assert {(one["lock"]["lock_id"], one["is_stale"]) for one in told} == {(lock, True)}
    wrong = bench.run("locks", *about, "--break", str(uuid.uuid4()))
    assert (wrong.code, wrong.error) == (4, "E_NO_LOCK")
    release = bench.attempt_of(commit)
    return Happened("proven stale; a wrong id refused", ended, release, bench.deploy_argv())


def lay_lock(bench: Bench) -> str:
    """Put the row and the file of a lock, as Terraform writes them; return its id."""
    sandbox = bench.stage.sandbox
    path, lock_id = f"{sandbox.state_bucket}/{STATE_KEY}", str(uuid.uuid4())
    info = json.dumps(
        {
            "ID": lock_id,
            "Operation": "OperationTypePlan",
            "Info": "",
            "Who": f"{getpass.getuser()}@{socket.gethostname()}",
            "Version": "1.11.4",
            "Created": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "Path": path,
        }
    )
    item = {"LockID": {"S": path}, "Info": {"S": info}}
    bench.stage.aws("dynamodb").put_item(TableName=sandbox.lock_table, Item=item)
    bench.stage.aws("s3").put_object(
        Bucket=sandbox.state_bucket, Key=f"{STATE_KEY}.tflock", Body=info.encode()
    )
    return lock_id


@rows.row("F19", "a second deploy, and a second plan, while a run lives")
def lock_of_a_live_run(bench: Bench) -> Happened:
    """The wait is bounded, and the refusal names the holder."""
    commit = bench.stage.commit("next")
    _plan_with(bench)
    bench.proxy.forget()
    bench.proxy.switch_on(held(HELD_SECONDS), operation="RegisterTaskDefinition")
    with bench.registered(lock_wait_seconds=1):
        running = bench.start(*bench.deploy_argv())
        until(lambda: bench.proxy.calls("RegisterTaskDefinition"), "the apply")
        with pytest.raises(Refused, match="E_LOCKED"):
            _plan_with(bench, lock_timeout_seconds=0)
        holder = bench.stage.ledger().head(SERVICE, ENVIRONMENT).in_progress
        second = bench.deploy()
        ended = bench.heard(running)
    release = bench.attempt_of(commit)
    assert (second.code, second.error) == (4, "E_LOCKED")
    assert str(holder) in second.last_line
    assert ended.code == 0
    ended_as(release, ReleaseState.GOOD)
    return Happened(
        "refused with the holder's name; the first is GOOD", ended, release, bench.deploy_argv()
    )


def _plan_with(bench: Bench, **changes: Any) -> None:
    good = bench.stage.good()
    assert good.stack is not None
    elsewhere = bench.stage.folder / "another-machine"
    stack = bench.environment.stack("service", SERVICE)
    stack.model_copy(update={"work_directory": elsewhere, **changes}).plan(good.stack.variables)


@rows.row(
    "F20", "half of the state object is gone", I6="the state cannot be read until it is put back"
)
def truncated_state(bench: Bench) -> Happened:
    """Nothing is applied on a state whose digest is another one."""
    commit = bench.stage.commit("next")
    content = state_object(bench, STATE_KEY)
    assert content is not None
    put_state(bench, content[: len(content) // 2])
    ended = bench.deploy()
    release = bench.attempt_of(commit)
    assert ended.code != 0
    return Happened(f"{ended.error} {release.state}", ended, release, bench.deploy_argv())


def put_state(bench: Bench, content: bytes, *, with_digest: bool = False) -> None:
    """Write the state's object, and where asked its digest too."""
    sandbox = bench.stage.sandbox
    bench.stage.aws("s3").put_object(Bucket=sandbox.state_bucket, Key=STATE_KEY, Body=content)
    if with_digest:
        # Terraform's own digest, no protection against anybody.
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        item = {
            "LockID": {"S": f"{sandbox.state_bucket}/{STATE_KEY}-md5"},
            "Digest": {"S": digest},
        }
        bench.stage.aws("dynamodb").put_item(TableName=sandbox.lock_table, Item=item)


@rows.row(
    "F21",
    "an older state is put back, its digest too",
)
def older_state(bench: Bench) -> Happened:
    """A state that went back is refused, with what a person has to put back."""
    content = state_object(bench, STATE_KEY)
    assert content is not None
    older = _earlier_version(bench, json.loads(content)["serial"])
    put_state(bench, older, with_digest=True)
    commit = bench.stage.commit("next")
    ended = bench.deploy()
    release = bench.attempt_of(commit)
    assert ended.code != 0, "applied on a state that went back"
    assert "E_STATE_WENT_BACK" in ended.last_line, ended
    # As the line says; no machine can know which of two states is the true one.
    put_state(bench, content, with_digest=True)
    return Happened(f"{ended.error} {release.state}", ended, release, bench.deploy_argv())


def _earlier_version(bench: Bench, serial: int) -> bytes:
    s3, bucket = bench.stage.aws("s3"), bench.stage.sandbox.state_bucket
    found = s3.list_object_versions(Bucket=bucket, Prefix=STATE_KEY)["Versions"]
    for one in found:
        if one["Key"] == STATE_KEY and not one["IsLatest"]:
            version = s3.get_object(Bucket=bucket, Key=STATE_KEY, VersionId=one["VersionId"])
            content = bytes(version["Body"].read())
            # Another row may have left half a state among them, and put the whole one back.
            with suppress(ValueError):
                if json.loads(content)["serial"] < serial:
                    return content
    raise AssertionError("no earlier state")


@rows.row("F22", "the bucket of the states, then the table of the locks is not there")
def no_place_for_the_state(bench: Bench) -> Happened:
    """It is said which one is missing, and no local state is made instead."""
    bench.stage.commit("next")
    said = []
    for missing in ("state_bucket", "lock_table"):
        with bench.registered(**{missing: "delightful-nowhere"}):
            ended = bench.deploy()
        assert (ended.code, ended.error) == (2, "E_BACKEND"), ended
        assert "delightful-nowhere" in ended.last_line, ended
        said.append(ended.error)
    assert not list(bench.stage.folder.glob("state/**/source/service/terraform.tfstate"))
    # Nothing was opened: there is no attempt whose end anybody could tell.
    return Happened(f"{said}")


@rows.row("F25", "the state moves between plan and apply")
def stale_plan(bench: Bench) -> Happened:
    """The plan is made and judged again, and only then applied."""
    commit = bench.stage.commit("next")
    running = bench.start(*bench.deploy_argv())
    until(lambda: "plan:" in running.said(), "the plan")
    content = state_object(bench, STATE_KEY)
    assert content is not None
    state = json.loads(content)
    put_state(
        bench, json.dumps({**state, "serial": state["serial"] + 1}).encode(), with_digest=True
    )
    ended = bench.heard(running)
    release = bench.attempt_of(commit)
    assert ended.code == 0, ended
    assert "planned and judged again" in ended.output + ended.errors
    ended_as(release, ReleaseState.GOOD)
    return Happened("planned and judged again, GOOD", ended, release, bench.deploy_argv())


@pytest.mark.parametrize("row", rows.parameters())
def test_row(bench: Bench, row: Row, record_property: Record) -> None:
    """What the row expects happens, and the invariants hold after it and after one recovery."""
    run_row(bench, row, record_property)
