"""One invocation of a function: its files, its process, its answer and its log."""

import io
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from sandbox import children
from sandbox.functions import runtime

_RUNTIME = (sys.executable, "-S", "-P", runtime.__file__)

UNZIPPED_LIMIT_BYTES = 250 * 1024 * 1024


@dataclass(frozen=True)
class FunctionCode:
    """What to run, for how long, and with which variables."""

    name: str
    arn: str
    version: str
    handler: str
    code_sha256: str
    zip_bytes: bytes
    timeout_seconds: int
    memory_mib: int
    log_group: str
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Invocation:
    """What came of an invocation. `failed` is a function error, told with HTTP 200."""

    request_id: str
    payload: str
    failed: bool
    log_stream: str
    log: tuple[str, ...]


@dataclass
class Runner:
    """Runs functions below a directory, each invocation in a process of its own."""

    directory: Path
    packages: Path
    _running: set[subprocess.Popen[bytes]] = field(default_factory=set)

    def invoke(self, code: FunctionCode, event: str) -> Invocation:
        """Run the handler with an event (JSON) and return what came of it."""
        request_id = str(uuid4())
        stream = f"{time.strftime('%Y/%m/%d')}/[{code.version}]{uuid4().hex}"
        work = self.directory / "invocations" / request_id
        work.mkdir(parents=True)
        began = time.monotonic()
        try:
            outcome, output = self._run(code, event, request_id, stream, work)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        lines = _log_lines(code, request_id, output, time.monotonic() - began)
        return Invocation(request_id, outcome[0], outcome[1], stream, lines)

    def stop(self) -> None:
        """End what still runs."""
        for process in list(self._running):
            children.stop(process, grace_seconds=0.5)

    def _run(
        self, code: FunctionCode, event: str, request_id: str, stream: str, work: Path
    ) -> tuple[tuple[str, bool], str]:
        task_root = self._extracted(code)
        deadline = time.time() + code.timeout_seconds
        variables = {
            **_variables(code, task_root, stream),
            "SANDBOX_REQUEST_ID": request_id,
            "SANDBOX_FUNCTION_ARN": code.arn,
            "SANDBOX_DEADLINE": str(deadline),
        }
        (work / "event").write_text(event)
        with (work / "event").open("rb") as given, (work / "log").open("wb") as log:
            process = children.spawn(
                [*_RUNTIME, str(work / "result"), str(self.packages)],
                cwd=task_root,
                env=variables,
                stdin=given,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        outcome = self._outcome(process, code, request_id, work / "result")
        return outcome, (work / "log").read_text(errors="replace")

    def _outcome(
        self, process: subprocess.Popen[bytes], code: FunctionCode, request_id: str, result: Path
    ) -> tuple[str, bool]:
        self._running.add(process)
        try:
            exit_code = process.wait(timeout=code.timeout_seconds)
        except subprocess.TimeoutExpired:
            text = f"Error: Task timed out after {code.timeout_seconds:.2f} seconds"
            return _error("Sandbox.Timedout", request_id, text), True
        finally:
            # Whatever the function started ends with it.
            children.stop(process, grace_seconds=0)
            self._running.discard(process)
        if not result.exists():
            text = f"Error: Runtime exited with error: {_ending(exit_code)}"
            return _error("Runtime.ExitError", request_id, text), True
        return result.read_text(), exit_code != 0

    def _extracted(self, code: FunctionCode) -> Path:
        name = code.code_sha256.replace("/", "_").replace("+", "-").rstrip("=")
        target = self.directory / "code" / name
        if not target.exists():
            partial = self.directory / "code" / f"{name}.{uuid4().hex}"
            extract(code.zip_bytes, partial)
            try:
                partial.rename(target)
            except OSError:  # another invocation was first
                shutil.rmtree(partial)
        return target


def extract(zip_bytes: bytes, target: Path) -> None:
    """Unpack a function's zip with the modes that its members carry.

    Raises:
        ValueError: it is larger than Lambda's limit, or a member would leave the folder.
    """
    target.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(zip_bytes)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > UNZIPPED_LIMIT_BYTES:
            raise ValueError(f"Unzipped size must be smaller than {UNZIPPED_LIMIT_BYTES} bytes")
        for member in members:
            if ".." in Path(member.filename).parts or member.filename.startswith("/"):
                raise ValueError(f"a member leaves the folder: {member.filename}")
            path = Path(archive.extract(member, target))
            mode = (member.external_attr >> 16) & 0o777
            if mode and not path.is_dir():
                path.chmod(mode)


def _variables(code: FunctionCode, task_root: Path, stream: str) -> dict[str, str]:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": str(task_root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "LAMBDA_TASK_ROOT": str(task_root),
        "_HANDLER": code.handler,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{version}",
        "AWS_LAMBDA_FUNCTION_NAME": code.name,
        "AWS_LAMBDA_FUNCTION_VERSION": code.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(code.memory_mib),
        "AWS_LAMBDA_LOG_GROUP_NAME": code.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        **code.variables,
    }


def _log_lines(code: FunctionCode, request_id: str, output: str, seconds: float) -> tuple[str, ...]:
    milliseconds = f"{seconds * 1000:.2f}"
    billed = int(seconds * 1000) + 1
    return (
        f"START RequestId: {request_id} Version: {code.version}",
        *output.splitlines(),
        f"END RequestId: {request_id}",
        f"REPORT RequestId: {request_id}\tDuration: {milliseconds} ms\t"
        f"Billed Duration: {billed} ms\tMemory Size: {code.memory_mib} MB",
    )


def _error(error_type: str, request_id: str, text: str) -> str:
    message = f"RequestId: {request_id} {text}"
    return json.dumps({"errorType": error_type, "errorMessage": message})


def _ending(exit_code: int) -> str:
    return f"signal: {-exit_code}" if exit_code < 0 else f"exit status {exit_code}"
