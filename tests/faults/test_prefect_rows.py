"""Rows about the Prefect server: gone for a while, gone for good with its database."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from delightful.release import ReleaseState
from sandbox import prefect_server
from sandbox.children import free_port
from sandbox.paths import SandboxPaths
from sandbox.settings import cache_directory
from tests.end_to_end.stage import until
from tests.faults.bench import Bench, another_good, ended_as
from tests.faults.rows import Happened, Record, Row, Rows, run_row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
rows = Rows()

AWAY_SECONDS = 20.0


class OtherPrefect:
    """A Prefect server that a row may kill: the sandbox's own takes the sandbox with it."""

    def __init__(self, folder: Path) -> None:
        self.home, self.port, self._log = folder, free_port(), folder.with_suffix(".log")
        self.url = f"http://127.0.0.1:{self.port}/api"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, on the database that it had before."""
        # A kept database would be copied over the one that is there.
        is_new = not (self.home / "prefect.db").exists()
        cache = cache_directory() if is_new else self.home / "none"
        self.process = prefect_server.start_server(self.home, self.port, self._log, cache)
        prefect_server.wait_until_healthy(self.url, self.process)

    def kill(self) -> None:
        """End it as the kernel does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=10)

    def lose_database(self) -> None:
        """Lose everything that it knew."""
        shutil.rmtree(self.home, ignore_errors=True)


@contextmanager
def other_prefect(bench: Bench) -> Iterator[OtherPrefect]:
    """Have commands meet another Prefect server than the sandbox's own."""
    server = OtherPrefect(bench.stage.folder / f"prefect-{time.monotonic_ns()}")
    description = SandboxPaths(bench.stage.sandbox.directory).description
    before = description.read_text()
    told = bench.stage.sandbox.model_copy(update={"prefect_api_url": server.url})
    try:
        server.start()
        bench.is_cold = True
        description.write_text(told.model_dump_json())
        bench.register_at(server.url)
        yield server
    finally:
        bench.is_cold = False
        description.write_text(before)
        server.kill()


@rows.row("F26", "the Prefect server is killed in the middle, and back after 20 s")
def server_away(bench: Bench) -> Happened:
    """The run goes on, or dies and is recovered; no step is done twice."""
    with other_prefect(bench) as server:
        commit = bench.stage.commit("next")
        running = bench.start(*bench.deploy_argv())
        until(lambda: "plan:" in running.said(), "the plan")
        server.kill()
        time.sleep(AWAY_SECONDS)
        server.start()
        ended = bench.heard(running)
    release = bench.attempt_of(commit)
    assert len(bench.stage.rollouts_of(release)) <= 1
    return Happened(f"exit {ended.code}, {release.state}", ended, release, bench.deploy_argv())


@rows.row("F27", "the Prefect server and its database are gone")
def server_gone(bench: Bench) -> Happened:
    """Nothing is known but to the ledger: a new server, registered anew, can roll back."""
    target = another_good(bench)
    with other_prefect(bench) as server:
        server.kill()
        server.lose_database()
        gone = bench.rollback(target.release_id)
        assert (gone.code, gone.error) == (6, "E_PREFECT_UNREACHABLE"), gone
        server.start()
        up = bench.run("sandbox", "up", "--json")
        assert up.code == 0, up
        bench.register_at(server.url)
        ended = bench.rollback(target.release_id)
    assert ended.code == 0, ended
    release = bench.newest()
    ended_as(release, ReleaseState.GOOD)
    assert release.restores == target.release_id
    again = bench.rollback_argv(target.release_id)
    return Happened(f"without it {gone.error}; then GOOD", ended, release, again)


@pytest.mark.parametrize("row", rows.parameters())
def test_row(bench: Bench, row: Row, record_property: Record) -> None:
    """What the row expects happens, and the invariants hold after it and after one recovery."""
    run_row(bench, row, record_property)
