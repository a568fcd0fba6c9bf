"""What runs that are watched here work on: the stories' cloud in memory, and a small service."""

from tests.flows.conftest import cloud, source

__all__ = ["cloud", "source"]
