"""The supervisor: starts the AWS server and the Prefect server side by side and ends with them.

Run by the guard as `python -m sandbox.supervisor SAY_FD`, its order on standard input. What it
does is told line by line, as JSON, on `SAY_FD`, until the sandbox is ready or has failed.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO

from pydantic import BaseModel

from sandbox import container_storage, prefect_server, settings, terraform_config
from sandbox.aws.server import ServerOrder, ServerReady
from sandbox.children import free_port, spawn, started_ticks, stop
from sandbox.description import SandboxDescription
from sandbox.paths import SandboxPaths
from sandbox.settings import SandboxSettings, WorkerType

AWS_START_TIMEOUT_SECONDS = 60.0
WORKER_RESTART_SECONDS = 5.0


class Order(BaseModel):
    """What `lifecycle.start` wants."""

    directory: Path
    sandbox_id: str
    settings: SandboxSettings


class Stopped(Exception):
    """Somebody asked the sandbox to end."""


class Voice:
    """Tells whoever started the sandbox how far it is, with the seconds since the start."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """Report one step."""
        self._write({"say": text, "seconds": round(time.monotonic() - self._began, 1)})

    def close_with(self, **outcome: str) -> None:
        """Report how it came out, as the last word."""
        self._write(outcome)
        with contextlib.suppress(OSError):
            self._stream.close()

    def _write(self, line: Mapping[str, object]) -> None:
        # Whoever started the sandbox need not listen to the end.
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(json.dumps(line) + "\n")
            self._stream.flush()


class Supervisor:
    """The children of one sandbox."""

    def __init__(self, order: Order, voice: Voice) -> None:
        self._order = order
        self._voice = voice
        self._paths = SandboxPaths(order.directory)
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def run(self) -> None:
        """Start everything, describe it, then wait until a child ends or somebody says stop."""
        prefect_port = self._start_prefect() if self._order.settings.prefect else None
        ready = self._start_aws()
        description = self._describe(ready, prefect_port)
        self._voice.close_with(described="yes")
        if prefect_port is not None:
            self._await_prefect(prefect_port)
        self._watch(description)

    def stop(self) -> None:
        """End the children, the youngest first."""
        for child in reversed(self._children.values()):
            stop(child, grace_seconds=10)

    def _start_prefect(self) -> int:
        port = free_port()
        self._children["Prefect server"] = prefect_server.start_server(
            self._paths.run / "prefect",
            port,
            self._paths.logs / "prefect.log",
            settings.cache_directory(),
        )
        return port

    def _await_prefect(self, port: int) -> None:
        server = self._children["Prefect server"]
        prefect_server.wait_until_healthy(_api_url(port), server)
        prefect_server.keep_migrated_database(
            self._paths.run / "prefect", settings.cache_directory()
        )

    def _start_worker(self, worker: WorkerType, description: SandboxDescription) -> None:
        url, pool = description.prefect_api_url, settings.WORK_POOLS[worker]
        if url is None or not prefect_server.has_work_pool(url, pool):
            return
        self._children["Prefect worker"] = prefect_server.start_worker(
            self._paths.run / "prefect-worker",
            worker,
            description.environment(),
            self._paths.logs / "worker.log",
        )

    def _start_aws(self) -> ServerReady:
        order = ServerOrder(
            directory=self._paths.run,
            logs=self._paths.logs,
            sandbox_id=self._order.sandbox_id,
            settings=self._order.settings,
        )
        with (self._paths.logs / "aws.err").open("ab") as errors:
            server = spawn(
                [sys.executable, "-m", "sandbox.aws.server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        self._children["AWS server"] = server
        ready = _ready_line(server, order)
        self._voice.say(f"AWS endpoint at {ready.endpoint_url}, images at {ready.registry}")
        return ready

    def _describe(self, ready: ServerReady, prefect_port: int | None) -> SandboxDescription:
        terraform_cli_config = self._paths.run / "terraform.tfrc"
        terraform_config.write_cli_config(
            terraform_cli_config, settings.cache_directory() / "terraform-plugins"
        )
        description = _description(self._order, ready, prefect_port, terraform_cli_config)
        if description.tasks_mode == "container":
            storage = container_storage.write_storage_configuration(self._paths.run / "containers")
            description = description.model_copy(update={"container_storage": storage})
        partial = self._paths.description.with_suffix(".partial")
        partial.write_text(description.model_dump_json(indent=2) + "\n")
        partial.replace(self._paths.description)
        self._voice.say(_manner(description))
        return description

    def _watch(self, description: SandboxDescription) -> None:
        while True:
            if self._order.settings.worker is not None:
                self._keep_worker(self._order.settings.worker, description)
            for name, child in self._children.items():
                if child.poll() is not None:
                    raise RuntimeError(f"the {name} ended with exit code {child.returncode}")
            time.sleep(0.5)

    def _keep_worker(self, kind: WorkerType, description: SandboxDescription) -> None:
        """Start the worker once its pool exists, and again when it ends: it holds no state."""
        worker = self._children.get("Prefect worker")
        if worker is not None and worker.poll() is not None:
            sys.stderr.write(f"the Prefect worker ended with exit code {worker.returncode}\n")
            del self._children["Prefect worker"]
            time.sleep(WORKER_RESTART_SECONDS)
        if "Prefect worker" not in self._children:
            self._start_worker(kind, description)


def _description(
    order: Order, ready: ServerReady, prefect_port: int | None, terraform_cli_config: Path
) -> SandboxDescription:
    return SandboxDescription.model_validate(
        {
            "directory": order.directory,
            "aws_endpoint_url": ready.endpoint_url,
            "account": settings.ACCOUNT,
            "region": settings.REGION,
            "access_key_id": settings.ACCESS_KEY_ID,
            "secret_access_key": settings.SECRET_ACCESS_KEY,
            "registry": ready.registry,
            "prefect_api_url": None if prefect_port is None else _api_url(prefect_port),
            "prefect_ui_url": None if prefect_port is None else f"http://127.0.0.1:{prefect_port}",
            "speed": order.settings.speed,
            "state_bucket": settings.STATE_BUCKET,
            "lock_table": settings.LOCK_TABLE,
            "ledger_table": settings.LEDGER_TABLE,
            "artifact_bucket": settings.ARTIFACT_BUCKET,
            "terraform_cli_config": terraform_cli_config,
            "supervisor_pid": os.getpid(),
            "supervisor_started_ticks": started_ticks(os.getpid()),
            "started_at": datetime.now(UTC),
            **ready.facts,
        }
    )


def _manner(description: SandboxDescription) -> str:
    kind = "containers" if description.tasks_mode == "container" else "plain processes"
    pace = f"waits pass {description.speed:g} times as fast as on AWS"
    return f"tasks run as {kind} behind {description.load_balancer}" + (
        "" if description.speed == 1 else f"; {pace}"
    )


def _api_url(port: int) -> str:
    return f"http://127.0.0.1:{port}/api"


def _ready_line(server: subprocess.Popen[bytes], order: ServerOrder) -> ServerReady:
    assert server.stdin is not None and server.stdout is not None  # noqa: S101, PT018
    server.stdin.write(order.model_dump_json().encode() + b"\n")
    server.stdin.flush()
    killer = threading.Timer(AWS_START_TIMEOUT_SECONDS, server.kill)
    killer.start()
    line = server.stdout.readline()
    killer.cancel()
    if not line:
        raise RuntimeError("the AWS server did not start")
    return ServerReady.model_validate_json(line)


def _on_signal(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped


def main(arguments: list[str]) -> int:
    """Run a sandbox until it is stopped; return 0 for a stop that was asked for."""
    voice = Voice(os.fdopen(int(arguments[0]), "w"))
    order = Order.model_validate_json(sys.stdin.readline())
    supervisor = Supervisor(order, voice)
    signal.signal(signal.SIGTERM, _on_signal)
    try:
        supervisor.run()
    except Stopped:
        return 0
    except Exception as error:
        sys.stderr.write(f"{error}\n")
        voice.close_with(failed=str(error))
        return 1
    finally:
        supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
