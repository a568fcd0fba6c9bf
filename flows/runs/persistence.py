"""How long a task's result counts: within one run and its retries, never beyond."""

from collections.abc import Callable
from typing import Any

from prefect.cache_policies import CacheKeyFnPolicy, CachePolicy
from prefect.context import TaskRunContext
from prefect.utilities.hashing import hash_objects

from flows.runs.run_identity import root_run_id

RESULT_SERIALIZER = "json"


def once_per_run(*, ignoring: tuple[str, ...] = ()) -> CachePolicy:
    """Serve a task from its persisted result where the same run already did it with these inputs.

    "The same run" is the outermost flow run: a retry from the Prefect UI makes new subflow runs
    for what failed, so Prefect's own run-scoped policy would repeat the tasks that succeeded
    inside them. Another attempt has another release id among its inputs and is never served.
    """
    return CacheKeyFnPolicy(cache_key_fn=_key_function(ignoring))


def _key_function(
    ignoring: tuple[str, ...],
) -> Callable[[TaskRunContext, dict[str, Any]], str | None]:
    def key(context: TaskRunContext, inputs: dict[str, Any]) -> str | None:
        counted = {name: value for name, value in inputs.items() if name not in ignoring}
        task = context.task
        return hash_objects(root_run_id(), task.name, counted, raise_on_failure=True)

    return key
