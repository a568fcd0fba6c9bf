"""What the flows do to the outside: one effect each, and where a test of crashes may end it."""

import functools
import itertools
import os
import signal
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE

from flows.runs.persistence import RESULT_SERIALIZER, once_per_run

FAILPOINT = "DELIGHTFUL_FAILPOINT"

Given = ParamSpec("Given")
Found = TypeVar("Found")


def effect(
    name: str, *, run_name: str | None = None
) -> Callable[[Callable[Given, Found]], Task[Given, Found]]:
    """Make a task that is done each time it is called."""
    options: dict[str, Any] = {"name": name, "task_run_name": run_name}
    return lambda do: task(**options, cache_policy=NO_CACHE, persist_result=False)(
        killable(name)(do)
    )


def effect_once(
    name: str, *, ignoring: tuple[str, ...] = ()
) -> Callable[[Callable[Given, Found]], Task[Given, Found]]:
    """Make a task that a run and its retries do once with the same inputs."""
    options: dict[str, Any] = {"name": name, "cache_policy": once_per_run(ignoring=ignoring)}
    return lambda do: task(**options, persist_result=True, result_serializer=RESULT_SERIALIZER)(
        killable(name)(do)
    )


def killable(name: str) -> Callable[[Callable[Given, Found]], Callable[Given, Found]]:
    """End the process, as the kernel does, where DELIGHTFUL_FAILPOINT says.

    It is `NAME#NUMBER:before` or `:after`, the first time being number 1.
    """
    times = itertools.count(1)

    def wrapped(do: Callable[Given, Found]) -> Callable[Given, Found]:
        @functools.wraps(do)
        def done(*args: Given.args, **kwargs: Given.kwargs) -> Found:
            time = f"{name}#{next(times)}"
            end_at(f"{time}:before")
            found = do(*args, **kwargs)
            end_at(f"{time}:after")
            return found

        return done

    return wrapped


def end_at(point: str) -> None:
    """End this process with SIGKILL if that is where it is to end."""
    if os.environ.get(FAILPOINT) == point:
        os.kill(os.getpid(), signal.SIGKILL)
