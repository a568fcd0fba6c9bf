"""A crash-only sweep: deploy and rollback killed at every phase boundary, then recovered once."""

import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.faults.bench import Bench, another_good
from tests.faults.kill_points import KillPoint, boundaries, read_trace
from tests.faults.rows import Happened, Record, Row, run_row
from tests.faults.traced import TRACE

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]

# The boundaries of one verb are dealt to this many tests, of which CI takes the first.
SHARES = 6


def _shares() -> list[Any]:
    mark = pytest.mark.faults_ci
    return [pytest.param(number, marks=[] if number else [mark]) for number in range(SHARES)]


@pytest.fixture(scope="module")
def points_of_deploy(bench: Bench) -> list[KillPoint]:
    """Return the boundaries of a deploy, from one that was run to its end."""
    bench.ready()
    bench.stage.commit("next")
    return _points(bench, bench.deploy_argv())


@pytest.fixture(scope="module")
def points_of_rollback(bench: Bench) -> list[KillPoint]:
    """Return the boundaries of a rollback, from one that was run to its end."""
    bench.ready()
    return _points(bench, bench.rollback_argv(another_good(bench).release_id))


def _points(bench: Bench, argv: tuple[str, ...]) -> list[KillPoint]:
    trace = bench.stage.folder / f"trace-{time.monotonic_ns()}.jsonl"
    ended = bench.heard(bench.start_module("tests.faults.traced", *argv, **{TRACE: str(trace)}))
    assert ended.code == 0, ended.errors
    found = boundaries(read_trace(Path(trace)))
    # Five records and the boundaries of five subflows in a deploy, of three in a rollback.
    assert len(found) >= 10
    return found


@pytest.mark.parametrize("share", _shares())
def test_deploy(
    bench: Bench, points_of_deploy: list[KillPoint], share: int, record_property: Record
) -> None:
    """Wherever a deploy is killed, one recovery brings agreement, and nothing is done twice."""
    _sweep(bench, "deploy", points_of_deploy[share::SHARES], record_property)


@pytest.mark.parametrize("share", _shares())
def test_rollback(
    bench: Bench, points_of_rollback: list[KillPoint], share: int, record_property: Record
) -> None:
    """Wherever a rollback is killed, one recovery brings agreement, and nothing is done twice."""
    _sweep(bench, "rollback", points_of_rollback[share::SHARES], record_property)


def _sweep(bench: Bench, verb: str, points: list[KillPoint], record: Record) -> None:
    broken = []
    for one in points:
        run = partial(_killed, verb=verb, point=one)
        row = Row(f"kill {verb} {one.point}", f"SIGKILL in {one.flow}: {one.task}", run)
        try:
            run_row(bench, row, record)
        except AssertionError as error:
            broken.append(f"{one}: {error}")
    assert not broken, "\n".join(broken)


def _killed(bench: Bench, verb: str, point: KillPoint) -> Happened:
    if verb == "deploy":
        bench.stage.commit("next")
        argv = bench.deploy_argv()
    else:
        argv = bench.rollback_argv(another_good(bench).release_id)
    ended = bench.killed_at(point.point, *argv)
    release = bench.newest()
    at = release.state if not release.is_terminal else f"{release.state}, ended"
    return Happened(f"left {release.release_id} at {at}", ended, release, argv)
