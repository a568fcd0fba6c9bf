"""A small cloud for each story; told plainly, or with the session's Prefect server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect import Flow, Task
from prefect.settings import PREFECT_API_URL

from blocks.delivery_environment import DeliveryEnvironment
from flows import publishing, terraform_apply
from flows.runs import progress
from flows.runs.prefect_settings import SettingsFor
from tests.flows.fakes.cloud import FakeCloud

MANIFEST = """\
version: 1
service: api
port: 8000
start_command: [python3, server.py]
health_check: {path: /healthz}
smoke_test: {path: /}
rollout: {healthy_timeout_seconds: 10, bake_seconds: 0}
"""

# No server, even where another test of the session has one.
_nowhere = SettingsFor({PREFECT_API_URL: None})


@pytest.fixture
def told_plainly(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Call flows and tasks as the functions they are: the story without what Prefect adds to it.

    What Prefect adds (runs, retries, persisted results, artifacts) is tested with its server.
    """

    def called(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self.fn(*args, **kwargs)

    def shown(*_: Any, **__: Any) -> None:
        """Show nothing: nobody looks."""

    monkeypatch.setattr(Flow, "__call__", called)
    monkeypatch.setattr(Task, "__call__", called)
    monkeypatch.setattr(publishing, "create_markdown_artifact", shown)
    monkeypatch.setattr(publishing, "add_asset_metadata", shown)
    monkeypatch.setattr(terraform_apply, "create_markdown_artifact", shown)
    monkeypatch.setattr(progress, "create_progress_artifact", shown)
    with _nowhere():
        yield


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Return a cloud in memory that every flow of this test meets as its environment."""
    fake = FakeCloud()
    monkeypatch.setattr(DeliveryEnvironment, "load", lambda name: fake)
    return fake


@pytest.fixture
def source(tmp_path: Path) -> str:
    """Return the folder of a small service."""
    (tmp_path / ".delightful.yaml").write_text(MANIFEST)
    (tmp_path / "server.py").write_text("print('hello')\n")
    return str(tmp_path)
