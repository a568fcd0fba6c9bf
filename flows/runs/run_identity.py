"""Which flow run this is: asked of Prefect's server once a run, not at every task."""

import functools

from prefect.context import FlowRunContext
from prefect.runtime import flow_run


def root_run_id() -> str | None:
    """Return the id of the outermost flow run around this code, or None outside of any."""
    run_id = flow_run.id
    return _root_around(run_id) if run_id else None


def is_outermost_run() -> bool:
    """Say whether this code runs in a flow run that no other run began."""
    here = FlowRunContext.get()
    run = here.flow_run if here else None
    return run is not None and run.parent_task_run_id is None


@functools.lru_cache(maxsize=64)
def _root_around(run_id: str) -> str:
    """Return the root of the run that this code is in, which is the one of the id."""
    del run_id
    return str(flow_run.root_flow_run_id)
