"""What a person has in front of them: a sandbox that is up, its command, its Prefect, one service.

Everything is asked from outside: the command as a subprocess, Prefect over its API, AWS by boto3.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import boto3
import httpx
import yaml
from prefect.settings import PREFECT_API_URL, temporary_settings

from blocks.delivery_environment import DeliveryEnvironment
from blocks.ledger.release_ledger import ReleaseLedger
from delightful.release import Release
from delightful.render import read_release_artifact
from rehearsal.narration import Stopwatch
from rehearsal.preparation import prepare_service, sandbox_environment
from rehearsal.prober import Prober
from rehearsal.traffic import Traffic, traffic_of
from rehearsal.versions import Versions
from sandbox.description import SandboxDescription

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello-python"
SERVICE, ENVIRONMENT = "hello-python", "sandbox"
PATIENCE_SECONDS = 240.0
# As many as BatchGetDeployments takes.
_AT_ONCE = 25
RUN_ENDS = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})

Seen = TypeVar("Seen")
Json = Any


class Silence:
    """A narrator that says nothing."""

    def begin(self, stage: str) -> None:
        """Say nothing."""

    def end(self, stage: str, seconds: float) -> None:
        """Say nothing."""

    def tell(self, line: str) -> None:
        """Say nothing."""


class SandboxSession(boto3.Session):
    """A session whose every client meets one endpoint, whatever this process's variables say."""

    def __init__(self, endpoint_url: str, **options: Any) -> None:
        super().__init__(**options)
        self._endpoint_url = endpoint_url

    def client(self, service_name: Any, *arguments: Any, **options: Any) -> Any:
        """Return a client of the endpoint."""
        options["endpoint_url"] = self._endpoint_url
        return super().client(service_name, *arguments, **options)


class Stage:
    """One sandbox, one service, and the ways in which a person reaches them."""

    def __init__(self, sandbox: SandboxDescription, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.repository = folder / "repository"
        self.variables = _variables(sandbox.directory, folder) | sandbox.environment()
        self._clients: dict[str, Any] = {}

    def prepare(self) -> None:
        """Have the platform, a worker, and the service's image repository."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            environment = sandbox_environment(self.sandbox)
            repository = pool.submit(prepare_service, environment, SERVICE, Stopwatch(Silence()))
            up = self.command("sandbox", "up", "--json")
        repository.result()
        if up.returncode != 0:
            raise RuntimeError(up.stderr)

    def command(
        self, *arguments: str, seconds: float = PATIENCE_SECONDS
    ) -> "subprocess.CompletedProcess[str]":
        """Run the command `delightful` to its end."""
        return subprocess.run(
            [str(_beside_python("delightful")), *arguments],
            env=self.variables,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def prefect(
        self, *arguments: str, seconds: float = PATIENCE_SECONDS
    ) -> "subprocess.CompletedProcess[str]":
        """Run the command `prefect` to its end."""
        return subprocess.run(
            [str(_beside_python("prefect")), "--no-prompt", *arguments],
            env=self.variables,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def deploying(self) -> "subprocess.Popen[bytes]":
        """Start `delightful deploy` of the newest commit and leave it running."""
        return subprocess.Popen(
            [str(_beside_python("delightful")), "deploy", str(self.repository)],
            env=self.variables,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def deploy(self) -> tuple[int, Release]:
        """Deploy the newest commit by the command; return its exit code and the record."""
        done = self.command("deploy", str(self.repository), "--json")
        assert done.stdout, done.stderr
        return done.returncode, Release.model_validate_json(done.stdout)

    def commit(
        self, way: str = "next", more: Mapping[str, Json] | None = None, **rollout: Json
    ) -> str:
        """Commit a version (`as_it_is`, `next` or `broken`), with more keys in its manifest."""
        content = yaml.safe_load((EXAMPLE / ".delightful.yaml").read_text()) | dict(more or {})
        content["rollout"] |= {"bake_seconds": 1, **rollout}
        manifest = self.folder / "manifest.yaml"
        manifest.write_text(yaml.safe_dump(content))
        versions = Versions(EXAMPLE, self.repository, manifest)
        commit: str = getattr(versions, f"commit_{way}")()
        return commit

    def parameters(self, commit: str) -> dict[str, Json]:
        """Return what a person fills into the form of the Prefect deployment."""
        versions = Versions(EXAMPLE, self.repository)
        return {
            "service": SERVICE,
            "environment": ENVIRONMENT,
            "commit": commit,
            "source": str(self.repository),
            "history": versions.history(),
        }

    def ledger(self) -> ReleaseLedger:
        """Return the release ledger, which is the truth."""
        return sandbox_environment(self.sandbox).ledger(SERVICE)

    def good(self) -> Release:
        """Return the release that is good now."""
        ledger = self.ledger()
        return ledger.get(str(ledger.head(SERVICE, ENVIRONMENT).good))

    def history(self) -> list[Release]:
        """Return all attempts, newest first."""
        return list(self.ledger().history(SERVICE, ENVIRONMENT))

    def aws(self, service: str) -> Any:
        """Return a client of the sandbox's AWS, made once: each reads its service's model anew."""
        if service not in self._clients:
            self._clients[service] = self.session().client(service)
        return self._clients[service]

    def session(self) -> boto3.Session:
        """Return a session whose every client meets the sandbox."""
        return SandboxSession(
            self.sandbox.aws_endpoint_url,
            region_name=self.sandbox.region,
            aws_access_key_id=self.sandbox.access_key_id,
            aws_secret_access_key=self.sandbox.secret_access_key,
        )

    def rollouts(self) -> list[Json]:
        """Return all CodeDeploy deployments that there ever were, rollbacks among them."""
        codedeploy = self.aws("codedeploy")
        ids = codedeploy.list_deployments()["deployments"]
        pages = [ids[begin : begin + _AT_ONCE] for begin in range(0, len(ids), _AT_ONCE)]
        asked = [codedeploy.batch_get_deployments(deploymentIds=page) for page in pages]
        return [info for answer in asked for info in answer["deploymentsInfo"]]

    def rollouts_of(self, release: Release) -> list[str | None]:
        """Return the ids of the CodeDeploy deployments that were created for an attempt."""
        infos = self.rollouts()
        mine = [one for one in infos if release.release_id in one.get("description", "")]
        return [one["deploymentId"] for one in mine]

    def weights(self, listener_arn: str) -> list[int]:
        """Return the shares of the traffic, the smallest first."""
        listener = self.aws("elbv2").describe_listeners(ListenerArns=[listener_arn])["Listeners"][0]
        groups = listener["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
        return sorted(int(group.get("Weight", 0)) for group in groups)

    def ask_prefect(self, path: str, body: Mapping[str, Json] | None = None) -> Json:
        """Ask the Prefect API: a POST where there is a body, as its UI does."""
        method = "GET" if body is None else "POST"
        answer = httpx.request(
            method, f"{self.sandbox.prefect_api_url}{path}", json=body, timeout=30
        )
        answer.raise_for_status()
        return answer.json()

    def started_in_the_ui(self, commit: str) -> str:
        """Submit the form of the Prefect deployment, its list left empty; return the run's id."""
        named = self.ask_prefect("/deployments/name/deploy/deploy")
        filled_in = self.parameters(commit) | {"history": []}
        body = {"parameters": filled_in, "state": {"type": "SCHEDULED"}}
        run = self.ask_prefect(f"/deployments/{named['id']}/create_flow_run", body)
        return str(run["id"])

    def state_at_the_end(self, run: str, *, seconds: float = PATIENCE_SECONDS) -> Json:
        """Wait until a flow run has ended; return its state."""

        def ended() -> Json:
            state = self.ask_prefect(f"/flow_runs/{run}")["state"]
            return state if state["type"] in RUN_ENDS else None

        return until(ended, f"the end of flow run {run}", seconds=seconds)

    @contextmanager
    def registered(self, environment: DeliveryEnvironment) -> Iterator[None]:
        """Have every flow meet another environment than the sandbox's own inside."""
        with temporary_settings({PREFECT_API_URL: self.sandbox.prefect_api_url}):
            environment.save(ENVIRONMENT, overwrite=True)
            try:
                yield
            finally:
                sandbox_environment(self.sandbox).save(ENVIRONMENT, overwrite=True)

    def artifacts(self) -> list[Json]:
        """Return the release artifacts of the service, newest first."""
        key = {"any_": [f"release-{SERVICE}-{ENVIRONMENT}"]}
        wanted = {"artifacts": {"key": key}, "sort": "CREATED_DESC"}
        found: list[Json] = self.ask_prefect("/artifacts/filter", wanted)
        return found

    def artifact_of(self, release: Release) -> str:
        """Return the id of the artifact that shows a release as it ended."""
        for artifact in self.artifacts():
            shown = read_release_artifact(artifact["data"])
            if (shown.release_id, shown.state) == (release.release_id, release.state):
                return str(artifact["id"])
        raise AssertionError(f"no artifact shows {release.release_id}")

    def first_commit(self) -> str:
        """Return the oldest commit of the service."""
        return Versions(EXAMPLE, self.repository).history()[-1]

    @contextmanager
    def load(self, url: str) -> Iterator[Callable[[], Traffic]]:
        """Send requests all the while; what is yielded returns what they got so far."""
        file = self.folder / f"requests-{time.monotonic_ns()}.jsonl"
        with Prober(url, file, requests_per_second=20) as prober:
            yield lambda: traffic_of(prober.samples(), start=0, end=time.time(), expected=200)


def until(look: Callable[[], Seen | None], what: str, *, seconds: float = PATIENCE_SECONDS) -> Seen:
    """Look until there is something to see."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        seen = look()
        if seen:
            return seen
        time.sleep(0.1)
    raise AssertionError(f"never seen: {what}")


def credentials_of(iam: Any, user: str, folder: Path) -> Path:
    """Make a user of the account, and a credentials file with a profile of his name."""
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    file = folder / "credentials"
    file.write_text(
        f"[{user}]\naws_access_key_id = {key['AccessKeyId']}\n"
        f"aws_secret_access_key = {key['SecretAccessKey']}\n"
    )
    return file


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process as the kernel does when memory is short."""
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)


def json_of(done: "subprocess.CompletedProcess[str]") -> Json:
    """Return what a command printed as JSON, and nothing else, on its standard output."""
    return json.loads(done.stdout)


def _variables(sandbox: Path, folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return kept | {
        "DELIGHTFUL_SANDBOX": str(sandbox),
        "PREFECT_HOME": str(folder / "prefect"),
        "XDG_STATE_HOME": str(folder / "state"),
    }


def _beside_python(name: str) -> Path:
    return Path(sys.executable).with_name(name)
