"""What others do on the same sandbox when told to go back to the version before.

A plain re-apply and fabfuel's ecs-deploy go back where ECS itself rolls; `aws ecs deploy` goes
through CodeDeploy, as we do, and somebody lets it through as soon as it waits for that. None of
them keeps a record, looks at what serves or asks whether it may.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import JsonValue

from benchmarks.aws_calls import first_change
from blocks.aws import aws_client
from blocks.delivery_environment import DeliveryEnvironment
from blocks.images.builder import ImageBuilder
from delightful.frozen import Frozen
from delightful.manifest import Manifest
from delightful.reading.tfvars import read_tfvars
from delightful.release import StackOutputs
from rehearsal.preparation import ENVIRONMENT, INFRASTRUCTURE, sandbox_environment
from rehearsal.prober import Prober
from tests.end_to_end.faulty_endpoint import FaultyEndpoint
from tests.end_to_end.stage import EXAMPLE, Stage, until

OLD, NEW = "1" * 40, "2" * 40
TOOLS = ("ecs-deploy", "awscli")
REQUESTS_PER_SECOND = 40
PATIENCE_SECONDS = 300


class Measured(Frozen):
    """The way back by one tool, in seconds from its start; one entry for each round."""

    tool: str
    first_seconds: tuple[float, ...]
    changing_seconds: tuple[float, ...]
    back_seconds: tuple[float, ...]

    def told(self) -> str:
        """Return it for people, best to worst."""
        parts = [
            f"first mutating call {_span(self.first_seconds)}",
            f"first that changes the service {_span(self.changing_seconds)}",
            f"traffic back {_span(self.back_seconds)}",
        ]
        return f"  {self.tool}: {', '.join(parts)}"


class Rival:
    """One service in the sandbox with two versions of it, and a recorder in front of AWS."""

    def __init__(self, stage: Stage, endpoint: FaultyEndpoint, strategy: str, port: int) -> None:
        self._endpoint = endpoint
        self._stage = stage
        self._environment = _through(sandbox_environment(stage.sandbox), endpoint)
        self.service = f"rival-{strategy.replace('_', '-')}"
        self._stack = self._environment.stack("service", self.service)
        self._strategy, self._port = strategy, port
        self._digest = ""

    def prepare(self) -> StackOutputs:
        """Push the image under both tags and apply the old version."""
        aws_client(self._environment.credentials, "ecr").create_repository(
            repositoryName=self.service
        )
        image = ImageBuilder(packaging="files").build(EXAMPLE, Manifest(service="any"), OLD)
        for tag in (OLD, NEW):
            self._environment.registry(self.service).push(image, tag)
        self._digest = image.digest
        image.discard()
        return self.apply(OLD)

    def apply(self, tag: str) -> StackOutputs:
        """Apply a version, as `terraform apply` does."""
        applied = self._stack.apply(self._stack.plan(self._variables(tag)))
        return StackOutputs.model_validate(applied.outputs)

    def roll(self, tag: str) -> None:
        """Apply a version and give its tasks the traffic, which the stack leaves to its engine."""
        outputs = self.apply(tag)
        aws_client(self._environment.credentials, "ecs").update_service(
            cluster=outputs.cluster_name,
            service=outputs.service_name,
            taskDefinition=outputs.task_definition_arn,
        )

    def measured(self, tool: str, rounds: int, forward: "Act", back: "Act") -> Measured:
        """Go forward and back as often as asked; what is measured is the way back."""
        times: list[tuple[float, float, float]] = []
        file = self._stage.folder / f"{self.service}-{time.monotonic_ns()}.jsonl"
        url = str(self._stack.outputs().outputs["url"])
        with Prober(url, file, requests_per_second=REQUESTS_PER_SECOND) as prober:
            for _ in range(rounds):
                forward()
                until(lambda: _serves(prober, NEW), f"{tool} forward", seconds=PATIENCE_SECONDS)
                started = time.time()
                back()
                until(lambda: _serves(prober, OLD), f"{tool} back", seconds=PATIENCE_SECONDS)
                times.append((*self._calls(started), _back_at(prober, started) - started))
        first, changing, served = zip(*times, strict=True)
        return Measured(
            tool=tool, first_seconds=first, changing_seconds=changing, back_seconds=served
        )

    def _calls(self, since: float) -> tuple[float, float]:
        seen = list(self._endpoint.seen)
        found = [first_change(seen, since, of_service=of_service) for of_service in (False, True)]
        first, changing = (call.at - since if call else float("nan") for call in found)
        return first, changing

    def _variables(self, tag: str) -> dict[str, JsonValue]:
        file = INFRASTRUCTURE / "environments" / "sandbox" / "service.tfvars"
        return read_tfvars(file.read_text(), file.name) | {
            "service": self.service,
            "environment": ENVIRONMENT,
            "image_tag": tag,
            "image_digest": self._digest,
            "deployment_strategy": self._strategy,
            "listener_port": self._port,
            "test_listener_port": self._port + 1,
        }


Act = Callable[[], object]


def measure_rivals(stage: Stage, endpoint: FaultyEndpoint, rounds: int) -> list[Measured]:
    """Install the tools, and have each go back as often as asked."""
    if not rounds:
        return []
    tools = Tools(stage, endpoint)
    rolling = Rival(stage, endpoint, "rolling", 22000)
    old = rolling.prepare()
    new = rolling.apply(NEW)
    found = [
        rolling.measured(
            "terraform apply of the old inputs, then update-service",
            rounds,
            lambda: rolling.roll(NEW),
            lambda: rolling.roll(OLD),
        ),
        rolling.measured(
            tools.named("ecs-deploy"),
            rounds,
            lambda: tools.ecs_deploy(new, new.task_definition_arn),
            lambda: tools.ecs_deploy(old, old.task_definition_arn),
        ),
    ]
    shifted = Rival(stage, endpoint, "blue_green", 22002)
    first = shifted.prepare()
    second = shifted.apply(NEW)
    with tools.letting_through():
        found.append(
            shifted.measured(
                tools.named("awscli"),
                rounds,
                lambda: tools.aws_ecs_deploy(second),
                lambda: tools.aws_ecs_deploy(first),
            )
        )
    return found


class Tools:
    """The others' commands, in a virtual environment of their own, and what they are told."""

    def __init__(self, stage: Stage, endpoint: FaultyEndpoint) -> None:
        self._stage = stage
        self._folder = stage.folder / "rivals"
        subprocess.run([sys.executable, "-m", "venv", str(self._folder)], check=True)
        subprocess.run([self._at("pip"), "install", "--quiet", *TOOLS], check=True)
        self._variables = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            **stage.sandbox.environment(),
            "AWS_ENDPOINT_URL": endpoint.url,
        }

    def named(self, tool: str) -> str:
        """Return a tool's name with the version that was installed."""
        told = subprocess.run(
            [self._at("pip"), "show", tool], capture_output=True, text=True, check=True
        )
        version = next(line for line in told.stdout.splitlines() if line.startswith("Version: "))
        name = "aws ecs deploy, let through at once" if tool == "awscli" else "ecs deploy"
        return f"{name} ({tool} {version.removeprefix('Version: ')})"

    def ecs_deploy(self, outputs: StackOutputs, task_definition_arn: str) -> None:
        """Have fabfuel's ecs-deploy bring a task definition to a service, and wait for it."""
        place = [outputs.cluster_name, outputs.service_name]
        kept = ["--no-deregister", "--timeout", str(PATIENCE_SECONDS)]
        self._run("ecs", "deploy", *place, "--task", task_definition_arn, *kept)

    def aws_ecs_deploy(self, outputs: StackOutputs) -> None:
        """Have `aws ecs deploy` bring what a task definition says to a service, and wait for it."""
        spec, definition = self._folder / "appspec.json", self._folder / "definition.json"
        spec.write_text(json.dumps(_appspec(outputs)))
        definition.write_text(json.dumps(self._definition(outputs.task_definition_arn)))
        self._run(
            *("aws", "ecs", "deploy", "--cluster", outputs.cluster_name),
            *("--service", outputs.service_name, "--task-definition", str(definition)),
            *("--codedeploy-appspec", str(spec)),
            *("--codedeploy-application", str(outputs.codedeploy_application_name)),
            *("--codedeploy-deployment-group", str(outputs.codedeploy_deployment_group_name)),
        )

    @contextmanager
    def letting_through(self) -> Iterator[None]:
        """Continue whatever CodeDeploy deployment waits, as a person at the button would."""
        over = threading.Event()
        thread = threading.Thread(target=self._let_through, args=(over,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _let_through(self, over: threading.Event) -> None:
        codedeploy = self._stage.aws("codedeploy")
        while not over.wait(0.2):
            ids = codedeploy.list_deployments(includeOnlyStatuses=["Ready", "InProgress"])
            for one in ids["deployments"]:
                for wait in ("READY_WAIT", "TERMINATION_WAIT"):
                    _continue(codedeploy, one, wait)

    def _definition(self, arn: str) -> dict[str, Any]:
        found = self._stage.aws("ecs").describe_task_definition(taskDefinition=arn)
        answered = {"taskDefinitionArn", "revision", "status", "requiresAttributes"}
        answered |= {"compatibilities", "registeredAt", "registeredBy", "deregisteredAt"}
        described: dict[str, Any] = found["taskDefinition"]
        return {name: value for name, value in described.items() if name not in answered}

    def _run(self, command: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._at(command), *arguments],
            env=self._variables,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{command} {' '.join(arguments)}: {done.stdout}{done.stderr}")

    def _at(self, command: str) -> str:
        return str(self._folder / "bin" / command)


def _continue(codedeploy: Any, deployment_id: str, wait: str) -> None:
    try:
        codedeploy.continue_deployment(deploymentId=deployment_id, deploymentWaitType=wait)
    except codedeploy.exceptions.ClientError:
        # It does not wait for that, or no more.
        return


def _appspec(outputs: StackOutputs) -> dict[str, Any]:
    balancer = {"ContainerName": outputs.container_name, "ContainerPort": outputs.container_port}
    properties = {"TaskDefinition": "filled in by the tool", "LoadBalancerInfo": balancer}
    target = {"Type": "AWS::ECS::Service", "Properties": properties}
    return {"version": 0.0, "Resources": [{"TargetService": target}]}


def _through(environment: DeliveryEnvironment, endpoint: FaultyEndpoint) -> DeliveryEnvironment:
    through = environment.model_copy(deep=True)
    through.credentials.aws_client_parameters.endpoint_url = endpoint.url
    return through


def _serves(prober: Prober, commit: str) -> bool:
    last = prober.samples()[-REQUESTS_PER_SECOND:]
    return len(last) == REQUESTS_PER_SECOND and {one.commit for one in last} == {commit}


def _back_at(prober: Prober, since: float) -> float:
    samples = [one for one in prober.samples() if one.at >= since]
    after = max((one.at for one in samples if one.commit != OLD), default=0.0)
    return min(one.at for one in samples if one.at > after)


def _span(seconds: Sequence[float]) -> str:
    low, high = min(seconds), max(seconds)
    return f"{low:.1f} s" if f"{low:.1f}" == f"{high:.1f}" else f"{low:.1f} to {high:.1f} s"
