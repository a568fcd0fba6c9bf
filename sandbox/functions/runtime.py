"""The runtime inside a function's process: import the handler, call it once, write the answer.

Run as `python -S -P runtime.py RESULT_FILE PACKAGES...` with the event on standard input and
Lambda's variables in the environment. It sees the standard library, the function's own files and
what the real Python runtime brings along, and nothing of this project's environment: a zip that
lacks a package must fail here as it would there. Standard library only.
"""

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any


class FunctionFailed(Exception):
    """The invocation ends with a function error of this type."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


class Context:
    """What a handler is given beside its event."""

    def __init__(self) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = os.environ["SANDBOX_FUNCTION_ARN"]
        self.aws_request_id = os.environ["SANDBOX_REQUEST_ID"]
        self.identity = None
        self.client_context = None
        self._deadline = float(os.environ["SANDBOX_DEADLINE"])

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the function is stopped."""
        return max(0, int((self._deadline - time.time()) * 1000))


def main(arguments: list[str]) -> int:
    """Run the handler once; the exit code says whether it failed."""
    result, packages = Path(arguments[0]), arguments[1:]
    # Its own folder, where this file lies, is no part of what the function sees.
    sys.path[:0] = [os.environ["LAMBDA_TASK_ROOT"], *packages]
    event = json.loads(sys.stdin.read() or "null")
    request_id = os.environ["SANDBOX_REQUEST_ID"]
    try:
        text = _encoded(_handler()(event, Context()))
    except FunctionFailed as error:
        answer = {"errorMessage": str(error), "errorType": error.error_type}
        return _fail(result, {**answer, "requestId": request_id, "stackTrace": []})
    except Exception as error:
        stack = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
        answer = {"errorMessage": str(error), "errorType": type(error).__name__}
        return _fail(result, {**answer, "requestId": request_id, "stackTrace": stack})
    result.write_text(text)
    return 0


def _handler() -> Any:
    module_name, _, function_name = os.environ["_HANDLER"].rpartition(".")
    module_name = module_name.replace("/", ".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        text = f"Unable to import module '{module_name}': {error}"
        raise FunctionFailed("Runtime.ImportModuleError", text) from error
    handler = getattr(module, function_name, None)
    if handler is None:
        text = f"Handler '{function_name}' missing on module '{module_name}'"
        raise FunctionFailed("Runtime.HandlerNotFound", text)
    return handler


def _encoded(answer: Any) -> str:
    try:
        return json.dumps(answer)
    except (TypeError, ValueError) as error:
        text = f"Unable to marshal response: {error}"
        raise FunctionFailed("Runtime.MarshalError", text) from error


def _fail(result: Path, answer: dict[str, Any]) -> int:
    result.write_text(json.dumps(answer))
    sys.stdout.write(f"[ERROR] {answer['errorType']}: {answer['errorMessage']}\n")
    sys.stdout.writelines(answer["stackTrace"])
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
