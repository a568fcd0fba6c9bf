"""Rows whose promise the same real parts prove with one deploy or none."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from analyzer.model.consulting import model_of
from blocks.ecs.probe import ServiceProbe
from blocks.ledger.attempt_request import AttemptRequest
from blocks.ledger.ownership import this_owner
from delightful.errors import DelightfulError, Refused
from delightful.manifest import Manifest, SmokeTest
from delightful.release import AttemptKind, Release, ReleaseState
from delightful.verdict import smoke_verdict
from tests.analyzer.model.messages_api import Reply, failure, message, serving
from tests.analyzer.model.test_model import compiled, settings
from tests.end_to_end.stage import ENVIRONMENT, SERVICE
from tests.faults.bench import Bench, another_good, ended_as
from tests.faults.rows import Happened, Record, Row, Rows, run_row
from tests.stand_ins.faults import secondary_limit, status
from tests.stand_ins.local_server import Answer, Asked, local_server

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
rows = Rows()

RACES = 50


@rows.row("F23", "two deploys race: 50 pairs for the ledger, one pair on the whole")
def races(bench: Bench) -> Happened:
    """One is active; both end, each once; the newest commit serves."""
    for number in range(RACES):
        _race(bench, f"race-{number}")
    older, newer = bench.stage.commit("next"), bench.stage.commit("next")
    running = [bench.start(*bench.deploy_argv("--commit", one)) for one in (older, newer)]
    ended = [bench.heard(one) for one in running]
    release = bench.attempt_of(newer)
    assert ended[1].code == 0, ended[1]
    assert ended[0].code in (0, 3), ended[0]
    ended_as(release, ReleaseState.GOOD)
    what = f"{RACES} races with one winner each; the older ended {bench.attempt_of(older).state}"
    return Happened(what, ended[1], release, bench.deploy_argv())


def _race(bench: Bench, service: str) -> None:
    """Open an attempt from two threads at once, as two owners; one gets the mutex."""
    start = threading.Barrier(2)
    ledger = bench.stage.ledger()

    def opened(pid: int) -> Release | None:
        owner = this_owner(None).model_copy(update={"flow_run_id": f"run-{pid}"})
        commit = f"{pid:040x}"
        wanted = AttemptRequest(
            service=service,
            environment=ENVIRONMENT,
            commit=commit,
            kind=AttemptKind.DEPLOY,
            history=(commit,),
        )
        start.wait()
        try:
            return ledger.open_attempt(wanted, owner, datetime.now(UTC))
        except Refused:
            return None

    with ThreadPoolExecutor(max_workers=2) as pool:
        found = [one for one in pool.map(opened, (1, 2)) if one is not None]
    assert len(found) == 1
    assert ledger.head(service, ENVIRONMENT).in_progress == found[0].release_id
    ledger.record(found[0].moved_to(ReleaseState.FAILED, datetime.now(UTC)))
    assert [one.state for one in ledger.history(service, ENVIRONMENT)] == [ReleaseState.FAILED]


@rows.row("F28", "artifacts are patched to no JSON, patched to a lie, and deleted", ci=True)
def tampered_artifacts(bench: Bench) -> Happened:
    """The ledger wins: the lie is told and ignored, the unreadable refused, the lost not needed."""
    target = another_good(bench)
    artifact = bench.stage.artifact_of(target)
    shown = bench.stage.ask_prefect(f"/artifacts/{artifact}")["data"]
    _patch(bench, artifact, {"data": "{no json"})
    unreadable = bench.run(*bench.rollback_argv(artifact), "--dry-run")
    assert (unreadable.code, unreadable.error) == (2, "E_ARTIFACT")
    _patch(bench, artifact, {"data": shown.replace(target.commit, "f" * 40)})
    lie = bench.run(*bench.rollback_argv(artifact), "--dry-run")
    assert lie.code == 0, lie
    assert "is not what the ledger has" in lie.output + lie.errors
    httpx.delete(f"{bench.stage.sandbox.prefect_api_url}/artifacts/{artifact}").raise_for_status()
    lost = bench.run(*bench.rollback_argv(target.release_id), "--dry-run")
    assert lost.code == 0, lost
    return Happened("refused, ignored aloud, not needed", lost, None, None)


def _patch(bench: Bench, artifact: str, change: dict[str, str]) -> None:
    url = f"{bench.stage.sandbox.prefect_api_url}/artifacts/{artifact}"
    httpx.patch(url, json=change).raise_for_status()


@rows.row("F30", "GitHub's secondary limit, then 503; Slack answers 500", ci=True)
def nobody_hears(bench: Bench) -> Happened:
    """The release is not affected, and what was not said is said by the next run, once."""
    commit = bench.stage.commit("next")
    bench.github.add_pull(int(commit[:4], 16) + 1, commit)
    bench.github.faults.switch_on(secondary_limit(1), times=2)
    bench.github.faults.switch_on(status(503), times=2)
    bench.slack.faults.switch_on(status(500), times=3)
    ended = bench.deploy()
    release = bench.attempt_of(commit)
    assert ended.code == 0, ended
    ended_as(release, ReleaseState.GOOD)
    bench.github.faults.switch_off()
    bench.slack.faults.switch_off()
    assert len(bench.github.bodies(int(commit[:4], 16) + 1)) <= 1
    return Happened("GOOD meanwhile", ended, release, bench.deploy_argv())


@rows.row("F31", "the image of an earlier release is gone; a tag is pushed over", ci=True)
def image_gone(bench: Bench) -> Happened:
    """Refused before anything moves; another image never gets the tag, the same one is fine."""
    target, attempts = another_good(bench), bench.stage.history()
    assert target.image is not None
    registry = bench.environment.registry(SERVICE)
    builder = bench.environment.builder()
    manifest = Manifest(service=SERVICE, start_command=["python3", "server.py"])
    folder = bench.stage.folder / f"other-{time.monotonic_ns()}"
    folder.mkdir()
    (folder / "server.py").write_text("print('another image')\n")
    built = builder.build(folder, manifest, target.commit)
    with pytest.raises(Refused, match="E_TAG_TAKEN"):
        registry.push(built, target.commit)
    tag = "e" * 40
    assert registry.push(built, tag).digest == registry.push(built, tag).digest
    built.discard()
    bench.stage.aws("ecr").batch_delete_image(
        repositoryName=SERVICE, imageIds=[{"imageTag": target.commit}]
    )
    ended = bench.rollback(target.release_id)
    assert (ended.code, ended.error) == (4, "E_IMAGE_MISSING"), ended
    assert bench.stage.history() == attempts
    return Happened(f"{ended.error}, nothing moved", ended, None, None)


@rows.row("F34 answers", "5xx, a wrong commit, a redirect away, a slow drip, a huge body, TLS")
def wrong_answers(bench: Bench) -> Happened:
    """The smoke test fails closed on each, within its time."""
    release = bench.stage.good()
    smoke = SmokeTest(path="/", timeout_seconds=1)
    mine = {"X-Delightful-Commit": release.commit}

    def drip(_: Asked) -> Answer:
        time.sleep(1.5)
        return Answer(headers=mine)

    answers = {
        "5xx": lambda _: Answer(502, headers=mine),
        "wrong commit": lambda _: Answer(headers={"X-Delightful-Commit": "f" * 40}),
        "redirect": lambda _: Answer(302, headers={"Location": "http://127.0.0.2:1/", **mine}),
        "drip": drip,
        "huge": lambda _: Answer(body=b"x" * 300_000, headers=mine),
    }
    probe, began = ServiceProbe(), time.monotonic()
    for name, answer in answers.items():
        with local_server(answer) as server:
            verdict = smoke_verdict(release, probe.request(server.url, smoke), smoke)
        assert not verdict.is_good, name
    with local_server(lambda _: Answer(headers=mine)) as server:
        url = server.url.replace("http:", "https:")
        assert not smoke_verdict(release, probe.request(url, smoke), smoke).is_good
        assert smoke_verdict(release, probe.request(server.url, smoke), smoke).is_good
    assert time.monotonic() - began < 30
    return Happened("each fails closed", None, None, None)


@rows.row(
    "F37", "the clock goes back an hour between attempts, and commits are dated oddly", ci=True
)
def clock_goes_back(bench: Bench) -> Happened:
    """Order is that of sequences and ancestry: no date is asked."""
    ledger, service, now = (
        bench.stage.ledger(),
        f"clock-{time.monotonic_ns() % 10**6}",
        datetime.now(UTC),
    )
    older, newer = "a" * 40, "b" * 40
    owner = this_owner(None)
    first = _opened(bench, service, (older,), now)
    for state in (ReleaseState.BUILT, ReleaseState.APPLIED, ReleaseState.LIVE, ReleaseState.GOOD):
        first = first.moved_to(state, now)
        ledger.record(first)
    second = _opened(bench, service, (newer, older), now - timedelta(hours=1))
    assert second.sequence > first.sequence
    for state in (ReleaseState.BUILT, ReleaseState.APPLIED, ReleaseState.LIVE, ReleaseState.GOOD):
        second = second.moved_to(state, now - timedelta(hours=1))
        ledger.record(second)
    assert ledger.head(service, ENVIRONMENT).good == second.release_id
    assert [one.release_id for one in ledger.history(service, ENVIRONMENT)] == [
        second.release_id,
        first.release_id,
    ]
    third = _opened(bench, service, (older,), now + timedelta(hours=1))
    for state in (ReleaseState.BUILT, ReleaseState.APPLIED, ReleaseState.LIVE):
        third = third.moved_to(state, now)
        ledger.record(third)
    with pytest.raises(DelightfulError, match="E_SUPERSEDED"):
        ledger.record(third.moved_to(ReleaseState.GOOD, now + timedelta(hours=1)))
    assert owner == this_owner(None)
    return Happened("sequence and ancestry decide", None, None, None)


def _opened(bench: Bench, service: str, history: tuple[str, ...], at: datetime) -> Release:
    wanted = AttemptRequest(
        service=service,
        environment=ENVIRONMENT,
        commit=history[0],
        kind=AttemptKind.DEPLOY,
        history=history,
    )
    return bench.stage.ledger().open_attempt(wanted, this_owner(None), at)


REPLIES: dict[str, Reply] = {
    "429": failure(429, "rate_limit_error", retry_after_ms="1"),
    "529": failure(529, "overloaded_error", retry_after_ms="1"),
    "500": failure(500, "api_error", retry_after_ms="1"),
    "truncated": Reply(b"{"),
    "max_tokens": message('{"answers": [', stop_reason="max_tokens"),
    "refusal": message("", stop_reason="refusal"),
}


@rows.row("F40", "the model's API: 429, 529, 500, truncated, max_tokens, refusal", ci=True)
def model_fails(bench: Bench) -> Happened:
    """The rules' result stands, and its note says that no model answered."""
    for name, reply in REPLIES.items():
        with serving([reply]) as api:
            said = compiled(model_of(settings(api, retries=1)))
        assert any(note.startswith("no model: ") for note in said.notes), name
        assert said.answers, name
    return Happened("the rules' result each time, marked", None, None, None)


@rows.row("F41", "the mirror of providers is empty")
def mirror_missing(bench: Bench) -> Happened:
    """It fails at init, before any lock, and the text names the place."""
    commit = bench.stage.commit("next")
    mirror = bench.stage.folder / "empty-mirror"
    mirror.mkdir(exist_ok=True)
    config = bench.stage.folder / "empty.tfrc"
    config.write_text(f'provider_installation {{ filesystem_mirror {{ path = "{mirror}" }} }}\n')
    elsewhere = {"XDG_STATE_HOME": str(bench.stage.folder / "fresh-state")}
    with bench.registered(terraform_cli_config=config):
        ended = bench.deploy(**elsewhere)
    release = bench.attempt_of(commit)
    assert ended.code != 0
    assert str(mirror) in ended.last_line or "mirror" in ended.last_line, ended
    return Happened(f"{ended.error}, {release.state}", ended, release, bench.deploy_argv())


@pytest.mark.parametrize("row", rows.parameters())
def test_row(bench: Bench, row: Row, record_property: Record) -> None:
    """What the row expects happens, and the invariants hold after it and after one recovery."""
    run_row(bench, row, record_property)
