"""Lambda's Invoke: the function's code runs, and the answer is what it answered."""

import base64
import json
import logging
import threading
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from moto.awslambda.responses import LambdaResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import TYPE_RESPONSE

from sandbox.aws.extension import Override, SandboxContext
from sandbox.functions.invocation import FunctionCode, Invocation, Runner
from sandbox.functions.logging_config import LoggingResponse
from sandbox.functions.packages import link_packages

log = logging.getLogger(__name__)

PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024
EVENT_LIMIT_BYTES = 1024 * 1024
LOG_TAIL_BYTES = 4096

# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
_RETRY_AFTER_SECONDS = (60.0, 120.0)


class RequestTooLarge(JsonRESTError):
    """The event is longer than Lambda takes."""

    code = 413

    def __init__(self, limit_bytes: int) -> None:
        text = f"Request must be smaller than {limit_bytes} bytes for the InvokeFunction operation"
        super().__init__("RequestTooLargeException", text)


class FunctionResponse(LoggingResponse):
    """Answers Lambda's calls."""

    def invoke(self) -> TYPE_RESPONSE:
        """Run the function now, run it later, or only look whether it could run."""
        name = unquote(self.path.rstrip("/").rsplit("/", 2)[-2])
        kind = self.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        function = self.backend.get_function(name, self._get_param("Qualifier"))
        limit = EVENT_LIMIT_BYTES if kind == "Event" else PAYLOAD_LIMIT_BYTES
        if len(self.body.encode()) > limit:
            raise RequestTooLarge(limit)
        if kind == "DryRun":
            return 204, {"status": 204}, ""
        if kind == "Event":
            extension.invoke_later(function, self.body or "{}")
            return 202, {"status": 202}, ""
        return self._answered(extension.invoke(function, self.body or "{}"), function)

    def _answered(self, invocation: Invocation, function: Any) -> TYPE_RESPONSE:
        payload, failed = _within_limit(invocation)
        headers: dict[str, Any] = {
            "status": 200,
            "content-type": "application/json",
            "X-Amz-Executed-Version": _version(function),
        }
        if failed:
            headers["X-Amz-Function-Error"] = "Unhandled"
        if self.headers.get("X-Amz-Log-Type") == "Tail":
            tail = "\n".join(invocation.log).encode()[-LOG_TAIL_BYTES:]
            headers["X-Amz-Log-Result"] = base64.b64encode(tail).decode()
        return 200, headers, payload


def _within_limit(invocation: Invocation) -> tuple[str, bool]:
    if len(invocation.payload.encode()) <= PAYLOAD_LIMIT_BYTES:
        return invocation.payload, invocation.failed
    limit = f"maximum allowed payload size ({PAYLOAD_LIMIT_BYTES} bytes)"
    text = f"Response payload size exceeded {limit}."
    return json.dumps({"errorMessage": text, "errorType": "Function.ResponseSizeTooLarge"}), True


def _version(function: Any) -> str:
    # moto counts the unpublished function as version 1 and knows published ones by number.
    return "$LATEST" if function.function_arn.count(":") == 6 else str(function.version)


class FunctionExtension:
    """Lambda in the sandbox."""

    name = "functions"
    overrides: Sequence[Override] = (Override("awslambda", LambdaResponse, FunctionResponse),)
    _context: SandboxContext
    _runner: Runner

    def start(self, context: SandboxContext) -> None:
        """Make the folder in which functions run."""
        directory = context.directory / self.name
        self._context = context
        self._runner = Runner(directory, link_packages(directory / "packages"))

    def stop(self) -> None:
        """End the functions that run."""
        self._runner.stop()

    def invoke(self, function: Any, event: str) -> Invocation:
        """Run a function with an event (JSON), write its log, and return what came of it."""
        invocation = self._runner.invoke(self._code(function), event)
        self._write_log(function.logs_group_name, invocation)
        return invocation

    def invoke_later(self, function: Any, event: str) -> None:
        """Run a function on its own, again after each pause as long as it fails."""
        attempts = threading.Thread(
            target=self._invoke_until_good, args=(function, event), name="function", daemon=True
        )
        attempts.start()

    def _invoke_until_good(self, function: Any, event: str) -> None:
        for pause in (*_RETRY_AFTER_SECONDS, None):
            failed = self.invoke(function, event).failed
            if not failed or pause is None:
                return
            if self._context.clock.sleep(pause, self._context.stopping):
                return

    def _code(self, function: Any) -> FunctionCode:
        if not str(function.run_time).startswith("python"):
            raise JsonRESTError(
                "InvalidRuntimeException",
                f"The sandbox runs Python functions only, not {function.run_time}.",
            )
        return FunctionCode(
            name=function.function_name,
            arn=function.function_arn,
            version=_version(function),
            handler=function.handler,
            code_sha256=function.code_sha_256,
            zip_bytes=function.code_bytes,
            timeout_seconds=int(function.timeout),
            memory_mib=int(function.memory_size),
            log_group=function.logs_group_name,
            variables={**self._credentials(function.role), **function.environment_vars},
        )

    def _credentials(self, role_arn: str) -> dict[str, str]:
        role = self._context.backend("sts").assume_role(
            region_name=self._context.region,
            role_session_name=uuid4().hex,
            role_arn=role_arn,
            policy=None,
            duration=3600,
            external_id=None,
        )
        return {
            "AWS_ACCESS_KEY_ID": role.access_key_id,
            "AWS_SECRET_ACCESS_KEY": role.secret_access_key,
            "AWS_SESSION_TOKEN": role.session_token,
            "AWS_REGION": self._context.region,
            "AWS_DEFAULT_REGION": self._context.region,
            "AWS_ENDPOINT_URL": self._context.endpoint_url,
        }

    def _write_log(self, group: str, invocation: Invocation) -> None:
        logs = self._context.backend("logs")
        logs.ensure_log_group(group)
        logs.create_log_stream(group, invocation.log_stream)
        now = int(self._context.clock.now().timestamp() * 1000)
        events = [{"timestamp": now, "message": line} for line in invocation.log]
        logs.put_log_events(group, invocation.log_stream, events)


extension = FunctionExtension()
