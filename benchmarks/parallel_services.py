"""Services applied at the same time into one environment, beside one alone.

`python -m benchmarks.parallel_services --services 20`
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from pydantic import JsonValue

from blocks.aws import aws_client
from blocks.delivery_environment import DeliveryEnvironment
from blocks.images.builder import ImageBuilder
from blocks.images.oci import BuiltImage
from blocks.terraform.stack import TerraformStack
from delightful.frozen import Frozen
from delightful.manifest import Manifest
from delightful.reading.tfvars import read_tfvars
from rehearsal.preparation import INFRASTRUCTURE, sandbox_environment
from sandbox import lifecycle
from sandbox.description import SandboxDescription
from sandbox.settings import SandboxSettings

ENVIRONMENT = "parallel"
EXAMPLE = Path(__file__).parents[1] / "examples" / "hello-python"
COMMIT = "1" * 40
FIRST_PORT = 21000
# What a Terraform and its providers take at their most, and what everything else is left.
STACK_MIB = 800
REST_MIB = 2048
# Of so many services one is planned again.
SAMPLE = 5


class Outcome(Frozen):
    """What was measured: wall seconds, and the state locks that were seen held."""

    alone_seconds: float
    together_seconds: float
    services: int
    at_once: int
    most_locks_at_once: int
    locks: tuple[str, ...]
    planned_again: int
    planned_empty: int

    @property
    def ratio(self) -> float:
        """Return how many times as long as one alone all of them took."""
        return self.together_seconds / self.alone_seconds

    def told(self) -> str:
        """Return it for people."""
        return (
            f"one service alone: {self.alone_seconds:.0f} s\n"
            f"{self.services} services, {self.at_once} at a time: {self.together_seconds:.0f} s, "
            f"{self.ratio:.1f} times as long\n"
            f"state locks: {len(self.locks)} seen, {self.most_locks_at_once} held at once at most, "
            f"none met by another\n"
            f"second plan: empty for {self.planned_empty} of {self.planned_again} looked at"
        )


class Bench:
    """One environment in a sandbox, with its platform and an image for every service."""

    def __init__(self, environment: DeliveryEnvironment, image: BuiltImage) -> None:
        self.environment = environment
        self._image = image

    def prepare(self, service: str) -> None:
        """Make a service's repository and have its image there."""
        aws_client(self.environment.credentials, "ecr").create_repository(
            repositoryName=service, imageTagMutability="IMMUTABLE"
        )
        self.environment.registry(service).push(self._image, COMMIT)

    def stack(self, service: str) -> TerraformStack:
        """Return a service's stack, which waits for no lock: one that is held fails it."""
        stack = self.environment.stack("service", service)
        return stack.model_copy(update={"lock_timeout_seconds": 0})

    def variables(self, service: str, number: int) -> dict[str, JsonValue]:
        """Return a service's inputs; every other one is rolling, each has ports of its own."""
        file = INFRASTRUCTURE / "environments" / "sandbox" / "service.tfvars"
        return read_tfvars(file.read_text(), file.name) | {
            "service": service,
            "environment": ENVIRONMENT,
            "image_tag": COMMIT,
            "image_digest": self._image.digest,
            "deployment_strategy": ("rolling", "blue_green")[number % 2],
            "listener_port": FIRST_PORT + 2 * number,
            "test_listener_port": FIRST_PORT + 2 * number + 1,
        }

    def apply(self, service: str, number: int) -> float:
        """Plan and apply a service that is not there; return the wall seconds it took."""
        stack, variables = self.stack(service), self.variables(service, number)
        started = time.monotonic()
        stack.apply(stack.plan(variables))
        return time.monotonic() - started

    def plans_empty(self, service: str, number: int) -> bool:
        """Say whether a second plan wants nothing."""
        return not self.stack(service).plan(self.variables(service, number)).has_changes


class LockWatch:
    """The state locks in the table, looked at while services are applied."""

    def __init__(self, environment: DeliveryEnvironment) -> None:
        self._table = environment.lock_table
        self._dynamodb = aws_client(environment.credentials, "dynamodb")
        self._ended = threading.Event()
        self.most_at_once = 0
        self.seen: set[str] = set()

    @contextmanager
    def watching(self) -> Iterator["LockWatch"]:
        """Look for the length of the block."""
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.2):
            held = self._held()
            self.seen |= held
            self.most_at_once = max(self.most_at_once, len(held))

    def _held(self) -> set[str]:
        # Beside the locks the table keeps a digest of every state, for as long as the state is.
        items = self._dynamodb.scan(TableName=self._table)["Items"]
        names = {item["LockID"]["S"] for item in items if "Info" in item}
        return {name for name in names if f"/{ENVIRONMENT}/" in name}


def measure(sandbox: SandboxDescription, services: int) -> Outcome:
    """Apply one service alone, then as many as asked for at the same time.

    Raises:
        DelightfulError: an apply was not clean; a held lock is E_LOCKED.
    """
    with bench_in(sandbox) as bench:
        names = [f"service-{number}" for number in range(services)]
        for name in ("alone", *names):
            bench.prepare(name)
        alone = bench.apply("alone", services)
        at_once = bounded(services, available_mib())
        watch, started = LockWatch(bench.environment), time.monotonic()
        with watch.watching(), ThreadPoolExecutor(max_workers=at_once) as pool:
            list(pool.map(bench.apply, names, range(services)))
        together = time.monotonic() - started
        again = range(0, services, SAMPLE)
        empty = sum(bench.plans_empty(names[one], one) for one in again)
    return Outcome(
        alone_seconds=alone,
        together_seconds=together,
        services=services,
        at_once=at_once,
        most_locks_at_once=watch.most_at_once,
        locks=tuple(sorted(watch.seen)),
        planned_again=len(again),
        planned_empty=empty,
    )


@contextmanager
def bench_in(sandbox: SandboxDescription) -> Iterator[Bench]:
    """Yield an environment of its own in a sandbox, with a platform."""
    environment = sandbox_environment(sandbox).model_copy(update={"environment": ENVIRONMENT})
    platform = environment.stack("platform")
    platform.apply(platform.plan({"environment": ENVIRONMENT}))
    manifest = Manifest(service="any")
    image = ImageBuilder(packaging="files").build(EXAMPLE, manifest, COMMIT)
    try:
        yield Bench(environment, image)
    finally:
        image.discard()


def bounded(services: int, mib: int) -> int:
    """Return how many of the services memory lets run at a time, at least one."""
    return max(1, min(services, (mib - REST_MIB) // STACK_MIB))


def available_mib() -> int:
    """Return the memory that is free for new processes; without /proc, half of it all."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**21
    sizes = dict(line.split(":", 1) for line in lines)
    return int(sizes["MemAvailable"].split()[0]) // 1024


def main() -> int:
    """Measure in a sandbox of its own and print what was seen; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=20)
    services = parser.parse_args().services
    settings = SandboxSettings(speed=20, prefect=False, tasks="process")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        with lifecycle.running(Path(folder) / "sandbox", settings) as sandbox:
            outcome = measure(sandbox, services)
    print(outcome.told())
    return 0 if outcome.planned_empty == outcome.planned_again else 1


if __name__ == "__main__":
    sys.exit(main())
