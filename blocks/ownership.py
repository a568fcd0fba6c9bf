"""Who holds an attempt, and whether that holder is proven dead."""

from delightful.release import Owner


def this_owner(flow_run_id: str | None) -> Owner:
    """Return this process as an owner."""
    ...
