"""The sandbox's own Prefect server: a child process on a free port, SQLite in its directory."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib.metadata import version
from pathlib import Path

from sandbox.children import spawn
from sandbox.settings import TASK_EVENT_QUEUE, WORK_POOLS, WorkerType

# prefect_aws/settings.py: where the observer of ECS tasks listens.
QUEUE_SETTING = "PREFECT_INTEGRATIONS_AWS_ECS_OBSERVER_SQS_QUEUE_NAME"
START_TIMEOUT_SECONDS = 180.0

_SETTINGS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
    # SQLite on a small machine that also applies Terraform.
    "PREFECT_SERVER_DATABASE_TIMEOUT": "30",
    # Written down together what a second brings, not each state of a task by itself.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
}
# How often the worker looks for work, as the platform's own does.
_WORKER_SETTINGS = {"PREFECT_WORKER_QUERY_SECONDS": "2"}


def start_server(home: Path, port: int, log: Path, database_cache: Path) -> subprocess.Popen[bytes]:
    """Start the server; a database migrated earlier is copied, which halves the start."""
    home.mkdir(parents=True, exist_ok=True)
    cached = _cached_database(database_cache)
    if cached.exists():
        shutil.copyfile(cached, home / "prefect.db")
    command = [sys.executable, "-m", "prefect", "server", "start"]
    # The browser asks where it is told to, by default port 4200 whatever the server listens on.
    told = {"PREFECT_SERVER_UI_API_URL": f"http://127.0.0.1:{port}/api"}
    with log.open("ab") as output:
        return spawn(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            env={**server_environment(home), **told},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def start_worker(
    home: Path, worker: WorkerType, environment: dict[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start a worker for its pool, which exists; `environment` says where everything answers."""
    home.mkdir(parents=True, exist_ok=True)
    pool = WORK_POOLS[worker]
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool]
    with log.open("ab") as output:
        return spawn(
            [*command, "--type", worker, "--name", "sandbox"],
            env={**_worker_environment(home, worker), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def _worker_environment(home: Path, worker: WorkerType) -> dict[str, str]:
    settings = server_environment(home) | _WORKER_SETTINGS
    if worker == "process":
        return settings
    # An ECS worker hands its Prefect settings on to its tasks, which have homes of their own.
    del settings["PREFECT_HOME"]
    return {**settings, "HOME": str(home), QUEUE_SETTING: TASK_EVENT_QUEUE}


def has_work_pool(api_url: str, work_pool: str) -> bool:
    """Say whether the server knows a work pool; the worker starts once somebody made it."""
    return _answers(f"{api_url}/work_pools/{work_pool}")


def server_environment(home: Path) -> dict[str, str]:
    """Return the server's environment: no setting of the person's own Prefect reaches it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    return {**kept, **_SETTINGS, "PREFECT_HOME": str(home)}


def wait_until_healthy(api_url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers.

    Raises:
        RuntimeError: it ended, or did not answer in time.
    """
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the Prefect server ended with exit code {server.returncode}")
        if _answers(f"{api_url}/health"):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the Prefect server did not answer in {START_TIMEOUT_SECONDS:.0f} s")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - loopback
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def keep_migrated_database(home: Path, database_cache: Path) -> None:
    """Keep a copy of a fresh server's database for the next sandbox, unless one is kept."""
    cached = _cached_database(database_cache)
    if cached.exists():
        return
    database_cache.mkdir(parents=True, exist_ok=True)
    partial = cached.with_suffix(f".{os.getpid()}")
    try:
        _copy_database(home / "prefect.db", partial)
        partial.replace(cached)
    finally:
        partial.unlink(missing_ok=True)


def _copy_database(source_file: Path, target_file: Path) -> None:
    # SQLite's own backup, since the server writes meanwhile.
    with (
        contextlib.closing(sqlite3.connect(source_file)) as source,
        contextlib.closing(sqlite3.connect(target_file)) as target,
    ):
        source.backup(target)


def _cached_database(database_cache: Path) -> Path:
    return database_cache / f"prefect-{version('prefect')}.db"
