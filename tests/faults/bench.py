"""What a row of the fault table is given: one sandbox, every way to it through a fault proxy.

The environment's block names the proxy for AWS, and stand-ins for GitHub and Slack; whatever is
asked to judge goes to the sandbox itself.
"""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect.settings import PREFECT_API_URL, temporary_settings
from pydantic import HttpUrl, SecretStr

from blocks.delivery_environment import DeliveryEnvironment
from blocks.messengers.github_repository import GitHubRepository
from blocks.messengers.slack_channel import SlackChannel
from delightful.release import Release, ReleaseState
from flows.effects import FAILPOINT
from rehearsal.preparation import sandbox_environment
from rehearsal.prober import Prober
from tests.end_to_end.faulty_endpoint import FaultyEndpoint
from tests.end_to_end.stage import ENVIRONMENT, SERVICE, Stage
from tests.faults.warm import Warm, WarmProcess
from tests.stand_ins.github import GitHubStandIn
from tests.stand_ins.slack import SlackStandIn

# Every secret that the flows are given says so, and none may be seen anywhere.
CANARY = "canary-5d1f"
_PATIENCE_SECONDS = 900.0

Process = subprocess.Popen[bytes] | WarmProcess


@dataclass(frozen=True)
class Ended:
    """A command that has ended; killed ones have a negative exit code."""

    code: int
    output: str
    errors: str
    seconds: float

    @property
    def last_line(self) -> str:
        """Return what it said last, which is to say what is wrong."""
        return (self.errors.strip().splitlines() or [""])[-1]

    @property
    def error(self) -> str:
        """Return the stable code of the error, or nothing."""
        word = self.last_line.split(" ")[0]
        return word if word.startswith("E_") else ""


class Running:
    """A command that runs, in a session of its own as a shell would start it."""

    def __init__(self, process: Process, said: Sequence[Path]) -> None:
        self.process = process
        self._began = time.monotonic()
        self._said = said

    def said(self) -> str:
        """Return what it has said so far."""
        return "".join(path.read_text(errors="replace") for path in self._said)

    def send(self, number: signal.Signals) -> None:
        """Send it, and nobody else, a signal."""
        self.process.send_signal(number)

    def ended(self) -> Ended:
        """Wait for its end."""
        try:
            code = self.process.wait(timeout=_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        output, errors = (path.read_text(errors="replace") for path in self._said)
        return Ended(code, output, errors, time.monotonic() - self._began)


class Bench:
    """One sandbox with worker and service, kept over rows."""

    def __init__(
        self, stage: Stage, proxy: FaultyEndpoint, github: GitHubStandIn, slack: SlackStandIn
    ) -> None:
        self.stage = stage
        self.proxy = proxy
        self.github = github
        self.slack = slack
        self.said: list[Ended] = []
        # Whether commands are started from nothing, as where another Prefect server is to be met.
        self.is_cold = False
        self._variables = variables_of(stage)
        self._warm = Warm(self._variables)
        self.environment = self._environment()
        self.register()

    def _environment(self) -> DeliveryEnvironment:
        environment = sandbox_environment(self.stage.sandbox)
        credentials = environment.credentials.model_copy(deep=True)
        credentials.aws_client_parameters.endpoint_url = self.proxy.url
        credentials.aws_secret_access_key = SecretStr(f"{CANARY}-aws")
        return environment.model_copy(
            update={
                "credentials": credentials,
                "github": GitHubRepository(
                    repository="owner/name",
                    token=SecretStr(f"{CANARY}-github"),
                    base_url=HttpUrl(self.github.url),
                    timeout_seconds=5,
                ),
                "slack": SlackChannel(
                    channel="C0RELEASES",
                    token=SecretStr(f"xoxb-{CANARY}-slack"),
                    base_url=HttpUrl(self.slack.url),
                    timeout_seconds=5,
                ),
            }
        )

    def register(self, **changes: Any) -> None:
        """Have every flow meet the environment, with changes for a while."""
        self.register_at(str(self.stage.sandbox.prefect_api_url), **changes)

    def register_at(self, prefect_api_url: str, **changes: Any) -> None:
        """Have the flows of a Prefect server meet the environment."""
        wanted = self.environment.model_copy(update=changes)
        with temporary_settings({PREFECT_API_URL: prefect_api_url}):
            wanted.save(ENVIRONMENT, overwrite=True)

    @contextmanager
    def registered(self, **changes: Any) -> Iterator[None]:
        """Have every flow meet a changed environment inside."""
        self.register(**changes)
        try:
            yield
        finally:
            self.register()

    def start(self, *arguments: str, **variables: str) -> Running:
        """Start the command `delightful` and leave it running."""
        if self.is_cold:
            return self.start_module("cli.main", *arguments, **variables)
        said = self._said_files()
        order = {
            "arguments": arguments,
            "variables": self._variables | variables,
            "folder": str(self.stage.folder),
            "output": str(said[0]),
            "errors": str(said[1]),
        }
        return Running(self._warm.start(order), said)

    def start_module(self, module: str, *arguments: str, **variables: str) -> Running:
        """Start a module that is the command, from nothing."""
        said = self._said_files()
        with said[0].open("wb") as output, said[1].open("wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env=self._variables | variables,
                cwd=self.stage.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )
        return Running(process, said)

    def _said_files(self) -> tuple[Path, Path]:
        name = f"said-{time.monotonic_ns()}"
        output, errors = (self.stage.folder / f"{name}.{end}" for end in ("out", "err"))
        for file in (output, errors):
            # There before the command is, which may be asked at once what it has said.
            file.touch()
        return output, errors

    def close(self) -> None:
        """Let go of what starts commands."""
        self._warm.stop()

    def run(self, *arguments: str, **variables: str) -> Ended:
        """Run the command `delightful` to its end."""
        return self.heard(self.start(*arguments, **variables))

    def heard(self, running: Running) -> Ended:
        """Wait for a command's end, and keep what it said for the invariants."""
        ended = running.ended()
        self.said.append(ended)
        return ended

    def deploy_argv(self, *more: str) -> tuple[str, ...]:
        """Return the command that deploys the newest commit."""
        return ("deploy", str(self.stage.repository), *more)

    def deploy(self, **variables: str) -> Ended:
        """Deploy the newest commit."""
        return self.run(*self.deploy_argv(), **variables)

    def rollback_argv(self, release: str = "previous") -> tuple[str, ...]:
        """Return the command that goes back."""
        return ("rollback", release, "--service", SERVICE, "--reason", "a row of the fault table")

    def rollback(self, release: str = "previous", **variables: str) -> Ended:
        """Go back to an earlier release."""
        return self.run(*self.rollback_argv(release), **variables)

    def killed_at(self, point: str, *arguments: str) -> Ended:
        """Run a command that is killed as if by the kernel at a point of its effects."""
        ended = self.run(*arguments, **{FAILPOINT: point})
        assert ended.code == -signal.SIGKILL, (point, ended)
        return ended

    def recover(self) -> Ended:
        """Recover once."""
        return self.run("recover", "--service", SERVICE, "--environment", ENVIRONMENT)

    def thaw(self) -> None:
        """Let deploys through again, as a person does after a rollback."""
        self.stage.ledger().thaw(SERVICE, ENVIRONMENT, "the row goes on", "the fault table")

    def ready(self) -> Release:
        """Leave nothing of an earlier row, and return the release that is good."""
        self.proxy.switch_off()
        self.github.faults.switch_off()
        self.slack.faults.switch_off()
        self.proxy.forget()
        self.said.clear()
        self.thaw()
        head = self.stage.ledger().head(SERVICE, ENVIRONMENT)
        if head.in_progress is not None or head.good is None:
            # A row before this one has failed: begin from something good.
            self.recover()
            self.stage.commit("next")
            done = self.deploy()
            assert done.code == 0, done.errors
            self.said.clear()
        return self.stage.good()

    def prober(self, url: str) -> Prober:
        """Return a prober of ten requests a second."""
        file = self.stage.folder / f"requests-{time.monotonic_ns()}.jsonl"
        return Prober(url, file, requests_per_second=10)

    def newest(self) -> Release:
        """Return the newest attempt."""
        return self.stage.history()[0]

    def attempt_of(self, commit: str) -> Release:
        """Return the newest attempt of a commit."""
        return next(one for one in self.stage.history() if one.commit == commit)


def variables_of(stage: Stage) -> dict[str, str]:
    """Return the variables of a command, which finds this repository's modules."""
    places = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return stage.variables | {"PYTHONPATH": os.pathsep.join(place for place in places if place)}


def another_good(bench: Bench) -> Release:
    """Return a release that was good and has its image still, of another commit than serves."""
    serving = bench.stage.good().commit
    if not _others(bench, serving):
        bench.stage.commit("next")
        assert bench.deploy().code == 0
        serving = bench.stage.good().commit
    return _others(bench, serving)[0]


def _others(bench: Bench, serving: str) -> list[Release]:
    good = [one for one in bench.stage.history() if one.state is ReleaseState.GOOD]
    registry = bench.environment.registry(SERVICE)
    mine = (one for one in good if one.restores is None and one.commit != serving)
    return list(itertools.islice((one for one in mine if registry.find(one.commit)), 1))


def ended_as(release: Release, *states: ReleaseState) -> None:
    """Demand the state in which an attempt ended."""
    assert release.state in states, (release.release_id, release.state, release.failure)
