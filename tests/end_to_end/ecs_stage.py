"""A sandbox whose flow runs are ECS tasks: platform, queue, the worker's image, work pool."""

import contextlib
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect_aws import AwsCredentials
from pydantic import JsonValue, SecretStr

from blocks.delivery_environment import DeliveryEnvironment
from blocks.published_platform import published_platform
from blocks.terraform.stack import TerraformStack
from delightful.release import Image, Release
from flows.build import build
from flows.environment import as_caller, environment_variables
from flows.materials.commit_files import leave_source
from flows.registering.registration import register
from rehearsal.narration import Stopwatch
from rehearsal.preparation import INFRASTRUCTURE, prepare_service, sandbox_environment
from rehearsal.worker_image import REPOSITORY, push_worker_image
from sandbox import lifecycle
from sandbox.settings import TASK_EVENT_QUEUE, WORK_POOLS
from tests.end_to_end.stacks import apply
from tests.end_to_end.stage import ENVIRONMENT, SERVICE, Json, Silence, Stage, until

RUN_SECONDS = 900.0
_RUN_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
ROOT = Path(__file__).with_name("flow_runs")


@dataclass(frozen=True)
class Watched:
    """How a run ended: what `prefect deployment run --watch` exited with, and the run's state."""

    run: str
    exit_code: int
    state: str
    message: str


class EcsStage(Stage):
    """A stage whose flow runs are ECS tasks, and ways to look at them."""

    def prepare(self) -> None:
        """Have everything that a run on ECS stands on."""
        environment, stopwatch = sandbox_environment(self.sandbox), Stopwatch(Silence())
        with ThreadPoolExecutor(max_workers=2) as pool:
            repositories = [
                pool.submit(prepare_service, environment, name, stopwatch)
                for name in (SERVICE, REPOSITORY)
            ]
            variables = environment_variables(environment, "platform")
            platform = apply(environment.stack("platform"), variables)
            made = apply(_flow_runs(environment, self.folder), _surroundings(platform))
            for repository in repositories:
                repository.result()
        _publish(self, made, push_worker_image(environment))
        lifecycle.wait_until_ready(self.sandbox)
        with temporary_settings({PREFECT_API_URL: self.sandbox.prefect_api_url}):
            register(on_ecs(self), "ecs")

    def commit(self, *version: Any, **options: Any) -> str:
        """Commit a version and build it as CI does, in the one role that may."""
        commit = super().commit(*version, **options)
        folder = str(self.repository)
        with (
            temporary_settings({PREFECT_API_URL: self.sandbox.prefect_api_url}),
            as_caller(self._builders_environment()),
        ):
            build(service=SERVICE, environment=ENVIRONMENT, commit=commit, source=folder)
            leave_source(folder, SERVICE, ENVIRONMENT, commit, "sources")
        return commit

    def parameters(self, commit: str) -> dict[str, Json]:
        """Return what a run is given: a task sees no folder of this machine."""
        address = f"s3://{self.sandbox.artifact_bucket}/sources/{SERVICE}/{commit}.tar.gz"
        return {**super().parameters(commit), "source": address}

    def _builders_environment(self) -> DeliveryEnvironment:
        """Return the environment as the role sees it that builds the service's images."""
        role = f"arn:aws:iam::{self.sandbox.account}:role/delightful/{SERVICE}-build"
        given = self.aws("sts").assume_role(RoleArn=role, RoleSessionName="build")["Credentials"]
        environment = sandbox_environment(self.sandbox)
        keys = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": SecretStr(given["SecretAccessKey"]),
            "aws_session_token": given["SessionToken"],
        }
        credentials = environment.credentials.model_copy(update=keys)
        return environment.model_copy(update={"credentials": credentials})

    def deploy_on_ecs(self, commit: str) -> Watched:
        """Start the Prefect deployment `deploy` and watch its run to the end."""
        return self._watched("deploy/deploy", self.parameters(commit))

    def roll_back_on_ecs(self, release: Release, reason: str) -> Watched:
        """Start the Prefect deployment `rollback` and watch its run to the end."""
        wanted = {"service": SERVICE, "release": release.release_id, "reason": reason}
        return self._watched("rollback/rollback", wanted)

    def _watched(self, deployment: str, parameters: dict[str, Json]) -> Watched:
        run = ("deployment", "run", deployment, "--params", json.dumps(parameters), "--watch")
        done = self.prefect(*run, seconds=RUN_SECONDS)
        named = _RUN_ID.search(done.stdout)
        assert named, done.stdout + done.stderr
        state = self.ended(named[0])
        return Watched(named[0], done.returncode, state["type"], state["message"] or "")

    def ended(self, run: str) -> Json:
        """Wait, as long as a task may take, until a flow run has ended; return its state."""
        return self.state_at_the_end(run, seconds=RUN_SECONDS)

    def run_of(self, commit: str) -> str | None:
        """Return the newest flow run that deploys a commit."""
        wanted = {"sort": "START_TIME_DESC", "flows": {"name": {"any_": ["deploy"]}}}
        found = self.ask_prefect("/flow_runs/filter", wanted)
        return next((one["id"] for one in found if one["parameters"].get("commit") == commit), None)

    def cancel_in_the_ui(self, run: str) -> None:
        """Press the button "Cancel": the request is the one that Prefect's UI sends."""
        state = {"type": "CANCELLING", "name": "Cancelling"}
        self.ask_prefect(f"/flow_runs/{run}/set_state", {"state": state, "force": False})

    def tasks_of(self, run: str) -> list[Json]:
        """Return the ECS tasks of a flow run, whatever became of them."""
        ecs, cluster = self.aws("ecs"), f"delightful-{ENVIRONMENT}"
        arns = [
            arn
            for status in ("RUNNING", "STOPPED")
            for arn in ecs.list_tasks(cluster=cluster, desiredStatus=status)["taskArns"]
        ]
        found = ecs.describe_tasks(cluster=cluster, tasks=arns, include=["TAGS"])["tasks"]
        label = {"key": "prefect.io/flow-run-id", "value": run}
        return [task for task in found if label in task["tags"]]

    def stopped_tasks_of(self, run: str) -> list[Json]:
        """Return those of a flow run's ECS tasks of which nothing is left."""
        return [task for task in self.tasks_of(run) if task["lastStatus"] == "STOPPED"]

    def events_of(self, task: Json) -> set[str]:
        """Return the names of the events that the observer passed on of a task that has ended."""
        resource = {"id": [f"prefect.ecs.task.{task['taskArn'].rpartition('/')[2]}"]}

        def look() -> set[str] | None:
            wanted = {"filter": {"resource": resource}, "limit": 50}
            found = self.ask_prefect("/events/filter", wanted)["events"]
            names = {one["event"] for one in found}
            return names if "prefect.ecs.task.stopped" in names else None

        # Told a moment after what they tell of.
        return until(look, "the observer's events")

    def terraform_processes(self) -> list[str]:
        """Return the commands of Terraform processes that flow runs have started."""
        mine = str(self.sandbox.directory / "run" / "ecs" / "tasks")
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_text().replace("\0", " ")
                if "terraform" in command and mine in command:
                    found.append(command)
        return found

    def roles_of(self, task: Json) -> set[str]:
        """Return the names of the roles that a task took on, as the sandbox told them."""
        session = f"/{task['taskArn'].rpartition('/')[2]} took on "
        log = (self.sandbox.directory / "logs" / "aws.log").read_text().splitlines()
        return {line.rpartition("/")[2] for line in log if session in line}

    def results(self) -> list[str]:
        """Return where the results of flow runs lie."""
        listed = self.aws("s3").list_objects_v2(
            Bucket=self.sandbox.artifact_bucket, Prefix=f"results/{ENVIRONMENT}/"
        )
        return [one["Key"] for one in listed.get("Contents", [])]


def on_ecs(stage: EcsStage) -> DeliveryEnvironment:
    """Return the environment as a task sees it: the image's files, no key, a role for each step."""
    return sandbox_environment(stage.sandbox).model_copy(
        update={
            "credentials": AwsCredentials(region_name=stage.sandbox.region),
            "infrastructure_directory": Path("infrastructure"),
            "roles_arn": f"arn:aws:iam::{stage.sandbox.account}:role/delightful",
        }
    )


def _flow_runs(environment: DeliveryEnvironment, folder: Path) -> TerraformStack:
    """Return the stack of the test's own root, which stands beside the project's modules."""
    infrastructure = folder / "infrastructure"
    shutil.copytree(INFRASTRUCTURE / "modules", infrastructure / "modules")
    shutil.copytree(ROOT, infrastructure / "flowruns")
    return TerraformStack(
        credentials=environment.credentials,
        root="flowruns",
        infrastructure_directory=infrastructure,
        state_bucket=environment.state_bucket,
        state_key=f"flowruns/{ENVIRONMENT}/terraform.tfstate",
        lock_table=environment.lock_table,
        cli_config=environment.terraform_cli_config,
    )


def _surroundings(platform: dict[str, JsonValue]) -> dict[str, JsonValue]:
    named: dict[str, JsonValue] = {"environment": ENVIRONMENT}
    return named | {name: platform[name] for name in ("cluster_arn", "vpc_id")}


def _publish(stage: EcsStage, made: dict[str, JsonValue], image: Image) -> None:
    """Publish what a platform with a Prefect server of its own publishes."""
    assert made["task_event_queue_name"] == TASK_EVENT_QUEUE
    environment = sandbox_environment(stage.sandbox)
    document: dict[str, Any] = published_platform(environment.credentials, ENVIRONMENT)
    role = f"arn:aws:iam::{stage.sandbox.account}:role/delightful/delightful-{ENVIRONMENT}-worker"
    document["prefect"] = {
        **made,
        "api_url": stage.sandbox.prefect_api_url,
        "work_pool": WORK_POOLS["ecs"],
        "worker_image": image.reference,
        "flow_task_role_arn": role,
    }
    stage.aws("ssm").put_parameter(
        Name=f"/delightful/{ENVIRONMENT}/platform",
        Value=json.dumps(document),
        Type="String",
        Overwrite=True,
    )
