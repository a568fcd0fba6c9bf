"""One sandbox per pytest worker, kept over rows, and the table at the end."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox import lifecycle
from sandbox.description import SandboxDescription
from sandbox.settings import SandboxSettings
from tests.end_to_end.faulty_endpoint import FaultyEndpoint
from tests.end_to_end.stage import Stage
from tests.faults import table
from tests.faults.bench import Bench
from tests.stand_ins.github import github_stand_in
from tests.stand_ins.slack import slack_stand_in

# A folder with a sandbox that stays up between runs, for whoever works on a row.
KEPT = "FAULTS_STAGE"


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Return a sandbox twenty times as fast as the wall, with worker, stand-ins and fault proxy."""
    kept = os.environ.get(KEPT)
    folder = Path(kept) if kept else tmp_path_factory.mktemp("faults")
    with ExitStack() as stack:
        # Where Terraform works, for the worker's runs and for ours as for the command's.
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        sandbox = _sandbox(stack, folder / "sandbox", is_kept=kept is not None)
        stage = Stage(sandbox, folder)
        proxy = stack.enter_context(FaultyEndpoint(sandbox.aws_endpoint_url))
        github = stack.enter_context(github_stand_in())
        slack = stack.enter_context(slack_stand_in())
        if stage.history():
            forget_what_was_told(stage)
        else:
            stage.prepare()
        bench = Bench(stage, proxy, github, slack)
        stack.callback(bench.close)
        if not stage.history():
            stage.commit("as_it_is")
            done = bench.deploy()
            assert done.code == 0, done.errors
        yield bench


def _sandbox(stack: ExitStack, directory: Path, *, is_kept: bool) -> SandboxDescription:
    settings = SandboxSettings(speed=20, tasks="process", worker="process")
    if is_kept:
        return lifecycle.start(directory, settings)
    return stack.enter_context(lifecycle.running(directory, settings))


def forget_what_was_told(stage: Stage) -> None:
    """Forget what earlier stand-ins were told: these are new, and remember none of it."""
    dynamodb, table = stage.aws("dynamodb"), stage.sandbox.ledger_table
    for item in dynamodb.scan(TableName=table)["Items"]:
        if item["item"]["S"].startswith("tell") or item["item"]["S"].startswith("told#"):
            key = {name: item[name] for name in ("stream", "item")}
            dynamodb.delete_item(TableName=table, Key=key)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table of the rows that were run."""
    lines = _lines(terminalreporter)
    if lines:
        terminalreporter.write_line("\n".join(table.rendered(lines)))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deal the kill points, which compute, evenly among the rows, of which many wait."""
    here = [item for item in items if item.path.parent == Path(__file__).parent]
    places: dict[pytest.Item, float] = {}
    for is_kill in (False, True):
        kind = [one for one in here if (one.path.name == "test_kill_points.py") is is_kill]
        places |= {one: (number + 0.5) / len(kind) for number, one in enumerate(kind)}
    items.sort(key=lambda one: places.get(one, 0.0))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """End non-zero where the whole was asked for and a row of it was not run."""
    options, reporter = (
        session.config.option,
        session.config.pluginmanager.get_plugin("terminalreporter"),
    )
    is_whole = options.markexpr == "faults" and not options.keyword and not options.collectonly
    missing = table.missing(_lines(reporter)) if is_whole and reporter is not None else []
    if missing or len(table.CANNOT_RUN) > table.CANNOT_RUN_AT_MOST:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _lines(reporter: Any) -> list[table.Line]:
    outcomes = ("passed", "failed", "skipped")
    return table.lines_of([one for name in outcomes for one in reporter.getreports(name)])
