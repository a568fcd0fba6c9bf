"""A sandbox starts, can be found, ends, and leaves nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from delightful.errors import ExternalError, Refused
from sandbox import lifecycle
from sandbox.children import stat_fields
from sandbox.containers import note_engine
from sandbox.description import SandboxDescription
from sandbox.paths import SandboxPaths, is_locked
from sandbox.settings import SandboxSettings

WITHOUT_PREFECT = SandboxSettings(speed=20, tasks="process", prefect=False)

pytestmark = pytest.mark.sandbox


def processes_of(directory: Path) -> list[str]:
    """Return the command lines of every living process that has to do with the directory."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            environment = (entry / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if int(entry.name) != os.getpid() and str(directory) in command + environment:
            found.append(command)
    return found


def wait_for(condition: Callable[[], object], seconds: float = 20) -> bool:
    """Wait until a condition holds and say whether it did."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def children_of(parent: int) -> list[int]:
    """Return the pids of a process's children."""
    pids = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if (stat_fields(pid) or ["", ""])[1] == str(parent)]


def answers(description: SandboxDescription) -> bool:
    """Say whether the AWS endpoint answers."""
    try:
        return httpx.get(description.aws_endpoint_url).status_code < 500
    except httpx.HTTPError:
        return False


def test_starts_once_is_found_and_ends_without_a_trace(tmp_path: Path) -> None:
    """Asking for a sandbox twice is asking once, and stopping it takes everything away."""
    said: list[str] = []
    first = lifecycle.start(tmp_path, WITHOUT_PREFECT, progress=said.append)
    try:
        assert lifecycle.start(tmp_path, WITHOUT_PREFECT) == first
        assert lifecycle.describe(tmp_path) == first
        assert answers(first)
        assert any("AWS endpoint" in line for line in said)
    finally:
        assert lifecycle.stop(tmp_path) is True
    assert lifecycle.describe(tmp_path) is None
    assert not answers(first)
    assert processes_of(tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == {"logs", "sandbox.lock"}
    assert lifecycle.stop(tmp_path) is False


def test_a_killed_supervisor_leaves_no_process_and_no_description(tmp_path: Path) -> None:
    """After SIGKILL of the supervisor nothing runs, and the next start is a fresh one."""
    description = lifecycle.start(tmp_path, WITHOUT_PREFECT)
    assert processes_of(tmp_path)
    os.kill(description.supervisor_pid, signal.SIGKILL)
    assert wait_for(lambda: not is_locked(SandboxPaths(tmp_path).lock))
    assert processes_of(tmp_path) == []
    assert not (tmp_path / "sandbox.json").exists()
    with lifecycle.running(tmp_path, WITHOUT_PREFECT) as fresh:
        assert fresh.supervisor_pid != description.supervisor_pid
        assert answers(fresh)


def test_a_killed_aws_server_takes_the_sandbox_with_it(tmp_path: Path) -> None:
    """Its state is gone, so nothing of the sandbox is of use: the rest ends too."""
    description = lifecycle.start(tmp_path, WITHOUT_PREFECT)
    (server,) = children_of(description.supervisor_pid)
    os.kill(server, signal.SIGKILL)
    assert wait_for(lambda: not is_locked(SandboxPaths(tmp_path).lock))
    assert processes_of(tmp_path) == []
    assert lifecycle.describe(tmp_path) is None
    assert "AWS server ended" in (tmp_path / "logs" / "supervisor.log").read_text()


def test_containers_of_a_killed_sandbox_are_removed(tmp_path: Path) -> None:
    """The guard asks the engine that was used for what carries the sandbox's label."""
    description = lifecycle.start(tmp_path / "sandbox", WITHOUT_PREFECT)
    engine = tmp_path / "engine"
    engine.write_text('#!/bin/sh\necho "$@" >> "$(dirname "$0")/calls"\necho container-1\n')
    engine.chmod(0o755)
    note_engine(tmp_path / "sandbox" / "run", str(engine))
    os.kill(description.supervisor_pid, signal.SIGKILL)
    assert wait_for(lambda: not is_locked(SandboxPaths(tmp_path / "sandbox").lock))
    listed, *ended = (tmp_path / "calls").read_text().splitlines()
    assert listed.startswith("ps -aq --filter label=delightful.sandbox=")
    assert ended == ["kill container-1", "rm -f -v container-1"]


def test_a_killed_guard_takes_the_sandbox_with_it(tmp_path: Path) -> None:
    """SIGKILL of the guard ends the supervisor, which ends the rest."""
    description = lifecycle.start(tmp_path, WITHOUT_PREFECT)
    fields = stat_fields(description.supervisor_pid)
    assert fields is not None
    os.kill(int(fields[1]), signal.SIGKILL)
    assert wait_for(lambda: not processes_of(tmp_path))
    # A process that is ending has given its memory back, and so its name, before it is a corpse.
    assert wait_for(lambda: lifecycle.describe(tmp_path) is None)


def test_a_description_of_a_dead_supervisor_is_not_believed(tmp_path: Path) -> None:
    """A stale sandbox.json is nobody's: describe says none runs, stop takes it away."""
    with lifecycle.running(tmp_path, WITHOUT_PREFECT) as description:
        stale = description.model_dump_json()
    (tmp_path / "sandbox.json").write_text(stale)
    assert lifecycle.describe(tmp_path) is None
    assert lifecycle.stop(tmp_path) is False
    assert not (tmp_path / "sandbox.json").exists()


def test_a_tied_sandbox_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """A test run or rehearsal that is killed leaves no sandbox behind."""
    program = (
        "import sys, pathlib, time\n"
        "from sandbox import lifecycle\n"
        "from sandbox.settings import SandboxSettings\n"
        "lifecycle.start(pathlib.Path(sys.argv[1]), SandboxSettings(prefect=False), tied=True)\n"
        "print('up', flush=True)\n"
        "time.sleep(60)\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "up\n"
    owner.kill()
    owner.communicate()
    assert wait_for(lambda: not processes_of(tmp_path))
    assert wait_for(lambda: not is_locked(SandboxPaths(tmp_path).lock))


def test_the_description_tells_clients_where_to_go(sandbox: SandboxDescription) -> None:
    """The stored description is the one that start returns, with the clients' environment."""
    stored = json.loads((sandbox.directory / "sandbox.json").read_text())
    assert SandboxDescription.model_validate(stored) == sandbox
    environment = sandbox.environment()
    assert environment["AWS_ENDPOINT_URL"] == sandbox.aws_endpoint_url
    assert environment["AWS_EC2_METADATA_DISABLED"] == "true"
    assert Path(environment["TF_CLI_CONFIG_FILE"]).exists()
    assert "PREFECT_API_URL" not in environment


def test_the_prefect_server_answers_and_keeps_its_database_inside(
    sandbox_with_prefect: SandboxDescription,
) -> None:
    """The sandbox's Prefect server is its own: SQLite below its directory, UI and API up."""
    url = sandbox_with_prefect.prefect_api_url
    assert url is not None
    assert httpx.get(f"{url}/health").json() is True
    assert (sandbox_with_prefect.directory / "run" / "prefect" / "prefect.db").exists()
    ui = str(sandbox_with_prefect.prefect_ui_url)
    assert httpx.get(ui, follow_redirects=True).is_success
    assert httpx.get(f"{ui}/ui-settings").json()["api_url"] == url


def test_two_who_start_at_once_get_the_same_sandbox(tmp_path: Path) -> None:
    """One of them starts it, the other waits for it and adopts it."""
    with ThreadPoolExecutor(2) as pool:
        starts = [pool.submit(lifecycle.start, tmp_path, WITHOUT_PREFECT) for _ in range(2)]
        first, second = (start.result() for start in starts)
    lifecycle.stop(tmp_path)
    assert first == second


def test_a_sandbox_without_prefect_is_not_passed_off_as_one_with_it(tmp_path: Path) -> None:
    """Whoever needs Prefect is told what to do, and the running sandbox is left alone."""
    with lifecycle.running(tmp_path, WITHOUT_PREFECT) as description:
        with pytest.raises(Refused, match="without a Prefect server"):
            lifecycle.start(tmp_path, SandboxSettings())
        assert lifecycle.describe(tmp_path) == description


def test_a_directory_that_cannot_be_made_is_the_reason_that_is_given(tmp_path: Path) -> None:
    """A start that cannot begin says what is in the way, not merely that it failed."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExternalError, match="its directory cannot be made"):
        lifecycle.start(tmp_path / "file" / "sandbox", WITHOUT_PREFECT)
