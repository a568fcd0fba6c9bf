"""A submitted verb against a real Prefect server: one run, its log, its end as it really was."""

import contextvars
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate, LogCreate
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.flow_engine import run_flow
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Cancelled, Completed, Crashed, Failed, Running, State

from blocks.ledger.rules import HEAD_ITEM
from cli.asked import Watching
from cli.main import INTERRUPTED
from cli.submission import submitting
from cli.submission.submitting import Submission, submit, watch
from delightful.errors import ConfigError, ExternalError, TransientError
from delightful.release import Release, ReleaseState
from delightful.render import release_markdown
from flows.deploy import deploy
from flows.rollback import rollback
from tests.cli.prefect_proxy import Fate, PrefectProxy
from tests.delightful import samples
from tests.delightful.samples import commit
from tests.flows.fakes.cloud import FakeCloud

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("prefect_server", "quick", "registered")]

WATCHING = Watching(timeout_seconds=60, as_json=True)
Act = Callable[[FlowRun], None]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, be patient for seconds only, and be in no job of GitHub's."""
    monkeypatch.setattr(submitting, "POLL_SECONDS", 0.2)
    for name in ("GITHUB_RUN_ID", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def registered() -> None:
    """Have Prefect deployments of the two stories, their forms checked, as registering does."""
    with get_client(sync_client=True) as client:
        for story in (deploy, rollback):
            client.create_deployment(
                flow_id=client.create_flow(story),
                name=story.name,
                parameter_openapi_schema=story.parameters.model_dump_for_openapi(),
                enforce_parameter_schema=True,
            )


def asked(number: int = 2, source: str = "", **parameters: Any) -> Submission:
    """Return the wish to deploy the commit of a number."""
    known = {
        "service": "api",
        "environment": "sandbox",
        "commit": commit(number),
        "source": source,
        "history": [commit(earlier) for earlier in range(number, 0, -1)],
    }
    return Submission(
        flow="deploy", verb="deploy", about=commit(number), parameters=known | parameters
    )


def runs_of(key_part: str) -> list[FlowRun]:
    """Return the flow runs whose key has a part."""
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(limit=200)
    return [run for run in found if key_part in (run.idempotency_key or "")]


def as_worker(act: Act, key_part: str) -> threading.Thread:
    """Take up the run with a key once it is there, as a worker does."""

    def work() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = runs_of(key_part)
            if found:
                act(found[0])
                return
            time.sleep(0.3)

    thread = threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True)
    thread.start()
    return thread


def running(story: Flow[..., Any]) -> Act:
    """Return a worker that runs a story."""

    def act(run: FlowRun) -> None:
        with get_client(sync_client=True) as client:
            run = client.read_flow_run(run.id)
        run_flow(story, flow_run=run, parameters=run.parameters, return_type="state")

    return act


def ending(*states: State[Any], before: Act | None = None) -> Act:
    """Return a worker that only takes a run through states."""

    def act(run: FlowRun) -> None:
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(run.id, Running(), force=True)
            if before:
                before(run)
            for state in states:
                client.set_flow_run_state(run.id, state, force=True)

    return act


def submitted(
    wanted: Submission, act: Act, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, Any], str]:
    """Submit while a worker acts; return exit code, the one JSON object and standard error."""
    worker = as_worker(act, f"/{wanted.about}/")
    code = submit(wanted, WATCHING)
    worker.join(timeout=60)
    told = capsys.readouterr()
    answer: dict[str, Any] = json.loads(told.out)
    assert answer["exit_code"] == code
    return code, answer, told.err


def test_a_good_deploy_is_told_with_its_release(
    cloud: FakeCloud, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The worker's run takes the commit live; the record comes back from the API."""
    cloud.serve(1)
    code, answer, told = submitted(asked(2, source), running(deploy), capsys)
    assert code == 0
    assert answer["release"]["state"] == "GOOD"
    assert answer["release"]["commit"] == commit(2)
    assert answer["flow_run_url"] in told


def test_a_rolled_back_deploy_exits_5(
    cloud: FakeCloud, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one line of the flow is the last line here."""
    cloud.serve(3)
    cloud.unhealthy.add(commit(4))
    code, answer, told = submitted(asked(4, source), running(deploy), capsys)
    assert (code, answer["code"]) == (5, "E_DEPLOY")
    assert answer["release"]["state"] == "ROLLED_BACK"
    assert told.splitlines()[-1] == answer["message"]


def test_a_frozen_service_exits_4_without_an_attempt(
    cloud: FakeCloud, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A guard's refusal comes through with its code, although no release was opened."""
    good = cloud.serve(5)
    freeze(cloud, good)
    code, answer, _ = submitted(asked(6, source), running(deploy), capsys)
    assert (code, answer["code"], answer["release"]) == (4, "E_FROZEN", None)


def freeze(cloud: FakeCloud, good: Release) -> None:
    """Freeze a service's releases."""
    table = cloud.ledger(good.service)._memory
    frozen = {"frozen_reason": "incident", "frozen_by": "ann"}
    table.items[f"{good.service}/{good.environment}", HEAD_ITEM] |= frozen


def test_a_superseded_commit_exits_3(
    cloud: FakeCloud, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A commit that the good one contains is nothing to do."""
    cloud.serve(8)
    code, answer, _ = submitted(asked(7, source), running(deploy), capsys)
    assert (code, answer["code"]) == (3, "E_SUPERSEDED")


def test_a_commit_that_serves_already_exits_0(
    cloud: FakeCloud, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked again, there is nothing to do, and that is good."""
    cloud.serve(8)
    submitted(asked(9, source), running(deploy), capsys)
    code, answer, _ = submitted(
        asked(9, source).model_copy(update={"verb": "again"}), running_newest(deploy), capsys
    )
    assert (code, answer["release"]["state"]) == (0, "GOOD")


def running_newest(story: Flow[..., Any]) -> Act:
    """Return a worker that takes up the scheduled one of several runs."""

    def act(run: FlowRun) -> None:
        waiting: list[FlowRun] = []
        while not waiting:
            found = runs_of("again/")
            waiting = [one for one in found if one.state_type is StateType.SCHEDULED]
        running(story)(waiting[0])

    return act


def test_completed_is_not_good_where_the_release_is_rolled_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What Prefect calls the run never outweighs what the release's record says."""

    def publish(run: FlowRun) -> None:
        record = samples.release(10, state=ReleaseState.ROLLED_BACK)
        with get_client(sync_client=True) as client:
            client.create_artifact(
                ArtifactCreate(
                    key="release-api-sandbox",
                    type="markdown",
                    data=release_markdown(record),
                    flow_run_id=run.id,
                )
            )

    code, answer, _ = submitted(asked(10), ending(Completed(), before=publish), capsys)
    assert (code, answer["state"]) == (5, "Completed")


@pytest.mark.parametrize(
    ("state", "code", "exit_code"),
    [
        (Crashed(message="the task stopped"), "E_RUN_CRASHED", 6),
        (Cancelled(), "E_RUN_CANCELLED", 6),
        (Failed(message="no flow could be loaded"), "E_RUN_FAILED", 1),
        (Completed(), "E_OUTCOME", 6),
    ],
)
def test_an_end_that_leaves_nothing_behind_is_told(
    state: State[Any], code: str, exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """No artifact, no release: the run's own state is all there is, and it is never good."""
    number = 20 + exit_code + len(code)
    found, answer, _ = submitted(asked(number), ending(state), capsys)
    assert (found, answer["code"]) == (exit_code, code)


def test_log_lines_come_once_and_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    """What the run and its subflow runs log is on standard error, and nothing of it elsewhere."""

    def log(run: FlowRun) -> None:
        with get_client(sync_client=True) as client:
            for number in range(3):
                client.create_logs([line_of(run.id, f"{number}a"), line_of(run.id, f"{number}b")])
                time.sleep(0.2)

    _, _, told = submitted(asked(40), ending(Failed(), before=log), capsys)
    lines = [line.strip() for line in told.splitlines() if line.strip().startswith("step ")]
    assert lines == [f"step {number}{letter}" for number in range(3) for letter in "ab"]


def line_of(run_id: UUID, name: str) -> LogCreate:
    """Return a line of a run's log."""
    return LogCreate(
        name="prefect.flow_runs",
        level=20,
        message=f"step {name}",
        timestamp=datetime.now(UTC),
        flow_run_id=run_id,
    )


def test_a_commit_of_digits_only_stays_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Parameters keep their types: nothing reads `1e10` or forty digits as a number."""
    digits = "1" * 40
    wanted = asked(1, "0123", commit=digits, history=[digits]).model_copy(update={"about": digits})
    submitted(wanted, ending(Failed()), capsys)
    (run,) = runs_of(digits)
    assert run.parameters["commit"] == digits
    assert (run.parameters["history"], run.parameters["source"]) == ([digits], "0123")


@pytest.fixture
def proxy() -> Iterator[PrefectProxy]:
    """Return a proxy that everybody here meets as the server."""
    with (
        PrefectProxy(str(PREFECT_API_URL.value())) as proxy,
        temporary_settings({PREFECT_API_URL: proxy.api_url}),
    ):
        yield proxy


def test_a_lost_answer_makes_no_second_run(
    proxy: PrefectProxy, capsys: pytest.CaptureFixture[str]
) -> None:
    """The request is repeated under the same key, and finds the run that it made."""
    creations: list[str] = []

    def fate(method: str, path: str) -> Fate:
        if path.endswith("/create_flow_run"):
            creations.append(path)
            return "lost" if len(creations) == 1 else "pass"
        return "pass"

    proxy.fate_of = fate
    code, _, _ = submitted(asked(50), ending(Crashed()), capsys)
    assert (code, len(runs_of(commit(50)))) == (6, 1)
    assert len(creations) >= 2


@pytest.mark.parametrize("fate", ["away", "busy", "page", "lost"])
def test_a_server_that_is_away_for_a_while_changes_nothing(
    proxy: PrefectProxy, fate: Fate, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever watches asks again, and tells the end as it was."""
    number = 60 + ["away", "busy", "page", "lost"].index(fate)
    asked_so_far: list[str] = []

    def fate_of(method: str, path: str) -> Fate:
        asked_so_far.append(path)
        return fate if 3 <= len(asked_so_far) <= 10 else "pass"

    def act(run: FlowRun) -> None:
        proxy.fate_of = fate_of
        ending_directly(run, proxy)

    code, answer, _ = submitted(asked(number), act, capsys)
    assert (code, answer["code"]) == (1, "E_RUN_FAILED")
    assert any(one.endswith(fate) for one in proxy.seen)


def ending_directly(run: FlowRun, proxy: PrefectProxy) -> None:
    """End a run past the proxy."""
    with (
        temporary_settings({PREFECT_API_URL: proxy.behind_url}),
        get_client(sync_client=True) as client,
    ):
        client.set_flow_run_state(run.id, Running(), force=True)
        time.sleep(1)
        client.set_flow_run_state(run.id, Failed(), force=True)


def test_a_server_that_stays_away_is_told(
    proxy: PrefectProxy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 6, the run's address and the command that watches it again."""
    monkeypatch.setattr(submitting, "AWAY_SECONDS", 1.0)

    def act(run: FlowRun) -> None:
        proxy.fate_of = lambda method, path: "away"

    worker = as_worker(act, f"/{commit(70)}/")
    code = submit(asked(70), WATCHING)
    worker.join(timeout=10)
    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["code"]) == (6, "E_PREFECT_UNREACHABLE")
    assert answer["message"].endswith(
        f"delightful watch {answer['flow_run_id']} --environment sandbox"
    )
    proxy.fate_of = lambda method, path: "away"
    with pytest.raises(TransientError, match="E_PREFECT_UNREACHABLE"):
        submit(asked(71), WATCHING)


def test_a_server_that_refuses_is_told_at_once(proxy: PrefectProxy) -> None:
    """A wrong auth string is not tried again; the line names the setting."""
    proxy.fate_of = lambda method, path: "refused"
    with pytest.raises(ExternalError, match="PREFECT_API_AUTH_STRING"):
        submit(asked(72), WATCHING)
    assert len(proxy.seen) <= 2


def test_what_the_form_does_not_take_is_bad_input() -> None:
    """A parameter that is none of the registered form's is told before there is a run."""
    with pytest.raises(ConfigError, match="E_PARAMETERS"):
        submit(asked(73, dry_run="perhaps"), WATCHING)
    assert runs_of(commit(73)) == []
    missing = asked(74).model_copy(update={"flow": "no-such-flow"})
    with pytest.raises(ConfigError, match="E_NOT_REGISTERED"):
        submit(missing, WATCHING)
    with pytest.raises(ConfigError, match="E_FLOW_RUN"):
        watch("no-id", "sandbox", WATCHING)


def test_nobody_takes_it_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a worker the watch ends and says so; the run stays scheduled."""
    monkeypatch.setattr(submitting, "START_SECONDS", 0.5)
    assert submit(asked(75), WATCHING) == 6
    assert json.loads(capsys.readouterr().out)["code"] == "E_NOT_STARTED"
    (run,) = runs_of(commit(75))
    assert run.state_type is StateType.SCHEDULED


def test_a_watch_that_runs_out_of_time_leaves_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    """The run goes on, and may be watched again to its end."""
    worker = as_worker(ending(), f"/{commit(76)}/")
    assert submit(asked(76), Watching(timeout_seconds=1, as_json=True)) == 6
    worker.join(timeout=10)
    told = json.loads(capsys.readouterr().out)
    assert told["code"] == "E_WATCH_TIMEOUT"
    (run,) = runs_of(commit(76))
    assert run.state_type is StateType.RUNNING
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run.id, Crashed(), force=True)
    assert watch(str(run.id), "sandbox", WATCHING) == 6
    assert json.loads(capsys.readouterr().out)["code"] == "E_RUN_CRASHED"


def test_an_interrupted_watch_leaves_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """SIGTERM and Ctrl-C end the watch alone; the last line says how to watch again."""
    for number, stop in ((77, signal.SIGTERM), (78, signal.SIGINT)):
        worker = as_worker(
            ending(before=lambda run, stop=stop: os.kill(os.getpid(), stop)),  # type: ignore[misc]
            f"/{commit(number)}/",
        )
        assert submit(asked(number), WATCHING) == INTERRUPTED
        worker.join(timeout=10)
        told = json.loads(capsys.readouterr().out)
        assert told["code"] == "E_INTERRUPTED"
        assert told["flow_run_id"] in told["message"]
        (run,) = runs_of(commit(number))
        assert run.state_type is StateType.RUNNING


def test_a_job_is_told_and_asks_once(
    cloud: FakeCloud,
    source: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Outputs and summary are written; the same job asked again watches the same run."""
    folder = tmp_path_factory.mktemp("job")
    monkeypatch.setenv("GITHUB_RUN_ID", "4711")
    monkeypatch.setenv("GITHUB_OUTPUT", str(folder / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary"))
    cloud.serve(80)
    _, first, _ = submitted(asked(81, source), running(deploy), capsys)
    written = (folder / "output").read_text()
    assert f"flow_run_url={first['flow_run_url']}\n" in written
    assert f"release_id={first['release']['release_id']}\n" in written
    assert commit(81) in (folder / "summary").read_text()
    assert submit(asked(81, source), WATCHING) == 0
    assert json.loads(capsys.readouterr().out)["flow_run_id"] == first["flow_run_id"]
