"""How soon a rollback begins to act, and how soon the traffic is back.

`python -m benchmarks.rollback_latency --rollbacks 10`

Each rollback is a flow run of the sandbox's worker, asked for while a deploy is live and CodeDeploy
still holds the old tasks. Beside it, on the same sandbox, what others do once they are told to.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
from prefect.settings import PREFECT_API_URL, temporary_settings

from benchmarks.aws_calls import first_change
from benchmarks.rollback_rivals import Measured, measure_rivals
from delightful.frozen import Frozen
from rehearsal.preparation import sandbox_environment
from rehearsal.prober import Prober
from rehearsal.traffic import Sample
from sandbox import lifecycle
from sandbox.settings import SandboxSettings
from tests.end_to_end.faulty_endpoint import FaultyEndpoint
from tests.end_to_end.stage import ENVIRONMENT, SERVICE, Stage, kill, until

Seen = TypeVar("Seen")

ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
# Long enough that every rollback comes while the old tasks are held.
BAKE_SECONDS, TERMINATION_MINUTES = 900, 600
FIRST_CALL_SECONDS, TRAFFIC_SECONDS = 2.0, 5.0
REQUESTS_PER_SECOND = 40
PATIENCE_SECONDS = 900


class Rollback(Frozen):
    """One rollback, in seconds: until it ran, from then to its first calls, until traffic was back.

    `back_seconds` counts from when the flow run was Running.
    """

    submitting_seconds: float
    first_seconds: float
    first_call: str
    changing_seconds: float
    changing_call: str
    back_seconds: float
    failed_requests: int
    state: str


def measure(stage: Stage, endpoint: FaultyEndpoint, rollbacks: int) -> list[Rollback]:
    """Deploy and roll back as often as asked, each time in the middle of the deploy."""
    stage.commit("as_it_is")
    deploying = stage.deploying()
    until(lambda: deploying.poll() is not None, "the first release", seconds=PATIENCE_SECONDS)
    first = stage.good()
    url = needed(first.stack, "the first release's stack").outputs.url
    found = []
    file = stage.folder / "requests.jsonl"
    with Prober(url, file, requests_per_second=REQUESTS_PER_SECOND) as prober:
        for number in range(1, rollbacks + 1):
            found.append(one_rollback(stage, endpoint, prober, first.commit))
            print(f"  {number}: {found[-1]}", flush=True)
    return found


def one_rollback(stage: Stage, endpoint: FaultyEndpoint, prober: Prober, good: str) -> Rollback:
    """Have a new version live, ask for its rollback, and watch."""
    stage.ledger().thaw(SERVICE, ENVIRONMENT, "the next measurement", "benchmark")
    commit = stage.commit(
        "next", bake_seconds=BAKE_SECONDS, termination_wait_minutes=TERMINATION_MINUTES
    )
    deploying = stage.deploying()
    try:
        until(lambda: serves(prober, commit), "the new version live", seconds=PATIENCE_SECONDS)
        asked_at = time.time()
        run = submitted(stage)
        state = until(
            lambda: end_of(stage, run), "the end of the rollback", seconds=PATIENCE_SECONDS
        )
        until(
            lambda: deploying.poll() is not None,
            "the end of the stopped deploy",
            seconds=PATIENCE_SECONDS,
        )
    finally:
        if deploying.poll() is None:
            kill(deploying)
    running_at = began(stage, run)
    seen = list(endpoint.seen)
    acting = needed(first_change(seen, running_at), "a mutating call")
    changing = needed(first_change(seen, running_at, of_service=True), "a change of the service")
    samples = [one for one in prober.samples() if one.at >= asked_at]
    return Rollback(
        submitting_seconds=running_at - asked_at,
        first_seconds=acting.at - running_at,
        first_call=f"{acting.service} {acting.operation}",
        changing_seconds=changing.at - running_at,
        changing_call=f"{changing.service} {changing.operation}",
        back_seconds=back_at(samples, good) - running_at,
        failed_requests=sum(one.status != 200 for one in samples),
        state=state,
    )


def needed(found: Seen | None, what: str) -> Seen:
    """Return what there must be for a measurement to mean anything."""
    if found is None:
        raise RuntimeError(f"not there: {what}")
    return found


def serves(prober: Prober, commit: str) -> bool:
    """Say whether the last answers were all of one commit."""
    last = prober.samples()[-REQUESTS_PER_SECOND:]
    return len(last) == REQUESTS_PER_SECOND and {one.commit for one in last} == {commit}


def submitted(stage: Stage) -> str:
    """Ask the worker for a rollback, as the button in the Prefect UI does; a busy server again."""
    asked = {"service": SERVICE, "environment": ENVIRONMENT, "reason": "measured"}
    scheduled = {"type": "SCHEDULED"}
    body = {"parameters": asked, "state": scheduled, "idempotency_key": str(uuid.uuid4())}

    def ask() -> str:
        named = stage.ask_prefect("/deployments/name/rollback/rollback")
        return str(stage.ask_prefect(f"/deployments/{named['id']}/create_flow_run", body)["id"])

    return until(lambda: unless_busy(ask), "the flow run", seconds=PATIENCE_SECONDS)


def unless_busy(ask: Callable[[], str]) -> str | None:
    """Return an answer of the Prefect server, or None where it has no time."""
    try:
        return ask()
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            raise
        return None
    except httpx.TimeoutException:
        return None


def end_of(stage: Stage, run: str) -> str | None:
    """Return the state in which a flow run ended, or None."""
    kind = unless_busy(lambda: str(stage.ask_prefect(f"/flow_runs/{run}")["state"]["type"]))
    return kind if kind in ENDED else None


def began(stage: Stage, run: str) -> float:
    """Return when a flow run entered Running, in seconds since the epoch."""
    states: list[Any] = stage.ask_prefect(f"/flow_run_states/?flow_run_id={run}")
    running = [one["timestamp"] for one in states if one["type"] == "RUNNING"]
    return min(datetime.fromisoformat(one).timestamp() for one in running)


def back_at(samples: Sequence[Sample], good: str) -> float:
    """Return when the first request was sent from which on all were answered by the good commit."""
    others = [one.at for one in samples if one.commit != good]
    after = max(others, default=0.0)
    return min(one.at for one in samples if one.at > after)


def told(found: Sequence[Rollback], rivals: Sequence[Measured], speed: float) -> str:
    """Return the table for people, with the yardstick."""
    first = [one.first_seconds for one in found]
    rows = [
        ("submitting: asked until Running", [one.submitting_seconds for one in found], None),
        ("Running until first mutating AWS call", first, FIRST_CALL_SECONDS),
        ("Running until first call that changes the service", *_changing(found)),
        ("Running until traffic is back", [one.back_seconds for one in found], _until_back(found)),
    ]
    lines = [f"{len(found)} rollbacks, sandbox clock {speed:g} times the wall's"]
    lines += [_row(*row) for row in rows]
    lines.append(f"first calls: {_named(one.first_call for one in found)}")
    lines.append(f"first that change: {_named(one.changing_call for one in found)}")
    lines.append(f"failed requests while it went: {sum(one.failed_requests for one in found)}")
    lines.append("others, from the command's start:")
    return "\n".join([*lines, *(one.told() for one in rivals)])


def _changing(found: Sequence[Rollback]) -> tuple[list[float], None]:
    return [one.changing_seconds for one in found], None


def _until_back(found: Sequence[Rollback]) -> float:
    return percentile([one.first_seconds for one in found], 95) + TRAFFIC_SECONDS


def _row(what: str, seconds: Sequence[float], wanted: float | None) -> str:
    p50, p95 = percentile(seconds, 50), percentile(seconds, 95)
    yardstick = f", wanted at most {wanted:.2f} s" if wanted is not None else ""
    return f"  {what}: p50 {p50:.2f} s, p95 {p95:.2f} s{yardstick}"


def _named(calls: Iterable[str]) -> str:
    return ", ".join(sorted(set(calls)))


def percentile(seconds: Sequence[float], percent: int) -> float:
    """Return a percentile; of one value, that value."""
    if len(seconds) == 1:
        return seconds[0]
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]


def holds(found: Sequence[Rollback]) -> bool:
    """Say whether every rollback arrived, and in the time that is claimed."""
    in_time = percentile([one.first_seconds for one in found], 95) <= FIRST_CALL_SECONDS
    back = all(one.back_seconds <= one.first_seconds + TRAFFIC_SECONDS for one in found)
    return in_time and back and all(one.state == "COMPLETED" for one in found)


@contextmanager
def recorded_stage(folder: Path, speed: float) -> Iterator[tuple[Stage, FaultyEndpoint]]:
    """Yield a sandbox with its worker, whose flows meet AWS through a recorder."""
    settings = SandboxSettings(speed=speed, tasks="process", worker="process")
    with lifecycle.running(folder / "sandbox", settings) as sandbox:
        stage, environment = Stage(sandbox, folder), sandbox_environment(sandbox)
        stage.variables["AWS_SDK_UA_APP_ID"] = "benchmark"
        stage.prepare()
        with (
            FaultyEndpoint(sandbox.aws_endpoint_url) as endpoint,
            temporary_settings({PREFECT_API_URL: sandbox.prefect_api_url}),
        ):
            through = environment.model_copy(deep=True)
            through.credentials.aws_client_parameters.endpoint_url = endpoint.url
            through.save(ENVIRONMENT, overwrite=True)
            yield stage, endpoint


def main() -> int:
    """Measure in a sandbox of its own and print what was seen; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rollbacks", type=int, default=10)
    parser.add_argument("--rival-rounds", type=int, default=3)
    parser.add_argument("--speed", type=float, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        with recorded_stage(Path(folder), arguments.speed) as (stage, endpoint):
            rivals = measure_rivals(stage, endpoint, arguments.rival_rounds)
            found = measure(stage, endpoint, arguments.rollbacks)
    print(told(found, rivals, arguments.speed))
    return 0 if holds(found) else 1


if __name__ == "__main__":
    sys.exit(main())
