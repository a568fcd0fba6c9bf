"""Lifecycle hooks: a Lambda function is told, and its callback decides."""

import json
import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)
CALLBACK_TIMEOUT_SECONDS = 3600
CALLBACK_TIMED_OUT = (
    "The deployment timed out while waiting for a status callback. CodeDeploy expects a status"
    " callback within one hour after a deployment hook is invoked."
)
HOOK_FAILED = (
    "The deployment failed because one or more of the lifecycle event validation functions failed."
)

Invoke = Callable[[str, str, str], None]
RunFunction = Callable[[str], None]


def invoker(find: Callable[[str], RunFunction]) -> Invoke:
    """Return how to tell a function of a deployment id and an execution id, without waiting.

    `find` returns what runs a function with an event, or raises where there is no such function.
    What the function answers does not matter: only its callback does.
    """

    def invoke(function: str, deployment_id: str, execution_id: str) -> None:
        payload = {
            "DeploymentId": deployment_id,
            "LifecycleEventHookExecutionId": execution_id,
        }
        threading.Thread(
            target=_call,
            args=(find(function), json.dumps(payload)),
            name=f"hook-{function}",
            daemon=True,
        ).start()

    return invoke


def _call(run: RunFunction, event: str) -> None:
    try:
        run(event)
    except Exception:
        log.exception("a hook function could not be run")
