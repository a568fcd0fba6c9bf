"""The four parts of a rehearsal, told against a sandbox that runs."""

import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import boto3

from delightful.errors import ConfigError, DeployFailed
from delightful.manifest import SmokeTest
from delightful.reading.manifest import read_manifest
from delightful.release import Check, Release, ReleaseState
from flows.deploy import deploy
from flows.publishing import find_artifact
from flows.rollback import rollback
from rehearsal import checks
from rehearsal.narration import Stopwatch
from rehearsal.options import RehearsalOptions
from rehearsal.preparation import (
    ENVIRONMENT,
    prepare_base_images,
    prepare_environment,
    prepare_service,
    sandbox_environment,
)
from rehearsal.prober import Prober
from rehearsal.report import Part, PartKey, Report, phases_of
from rehearsal.traffic import Traffic, traffic_of
from rehearsal.versions import Versions
from rehearsal.witness import Witness
from sandbox.description import SandboxDescription

Returned = TypeVar("Returned")
Telling = Generator[Part, None, Returned]

SETTLE_SECONDS = 1.0
TITLES: dict[PartKey, str] = {
    "first": "a release goes live",
    "blue_green": "the next one by blue/green, under load",
    "broken": "a broken one never gets production traffic",
    "rollback": "rollback to the first one by its artifact",
}


def tell_story(
    options: RehearsalOptions, sandbox: SandboxDescription, stopwatch: Stopwatch
) -> Report:
    """Prepare what must stand, then show the four parts; one that does not hold ends the story."""
    story = Story(options, sandbox, stopwatch)
    notes = story.prepare()
    setting_up = tuple(stopwatch.phases)
    parts = []
    for part in story.parts():
        parts.append(part)
        if not part.holds:
            break
    return Report(
        service=story.service,
        source=str(options.source),
        tasks_mode=sandbox.tasks_mode,
        load_balancer=sandbox.load_balancer,
        speed=sandbox.speed,
        notes=tuple(notes),
        setting_up=setting_up,
        parts=tuple(parts),
        links=story.links(),
    )


class Story:
    """One service's rehearsal, as far as it has come."""

    def __init__(
        self, options: RehearsalOptions, sandbox: SandboxDescription, stopwatch: Stopwatch
    ) -> None:
        self._options = options
        self._sandbox = sandbox
        self._stopwatch = stopwatch
        manifest_file = options.manifest or options.source / ".delightful.yaml"
        self._manifest = read_manifest(_bytes_of(manifest_file), str(manifest_file))
        self.service = self._manifest.service
        self._folder = sandbox.directory / "rehearsal" / self.service
        self._versions = Versions(options.source, self._folder / "repository", options.manifest)
        self._session = boto3.Session()
        self._url = ""

    def prepare(self) -> list[str]:
        """Make everything that stands before the first release; return what stands in for what."""
        dockerfile = self._options.source / self._manifest.build.dockerfile
        with ThreadPoolExecutor(max_workers=2) as beside:
            made = beside.submit(
                prepare_service, sandbox_environment(self._sandbox), self.service, self._stopwatch
            )
            pulled = beside.submit(prepare_base_images, self._sandbox, dockerfile, self._stopwatch)
            self._environment = prepare_environment(self._sandbox, self._stopwatch)
            made.result()
            # The rollback that ended the last rehearsal here has frozen the service.
            self._environment.ledger(self.service).thaw(
                self.service, ENVIRONMENT, "a rehearsal begins", "delightful rehearse"
            )
            return pulled.result()

    def parts(self) -> Telling[None]:
        """Show the four parts one after another; load runs from the second one to the end."""
        first = yield from self._first()
        samples = self._folder / "requests.jsonl"
        samples.unlink(missing_ok=True)
        smoke = self._smoke_test()
        with Prober(
            self._url.rstrip("/") + smoke.path,
            samples,
            requests_per_second=self._options.requests_per_second,
        ) as prober:
            second = yield from self._blue_green(prober, first)
            yield from self._broken(prober, second)
            yield from self._rollback(prober, first)

    def links(self) -> dict[str, str]:
        """Return where to look further; they answer as long as the sandbox runs."""
        return {
            "Prefect UI": str(self._sandbox.prefect_ui_url),
            "service": self._url,
            "requests": str(self._folder / "requests.jsonl"),
        }

    def _first(self) -> Telling[Release]:
        commit = self._versions.commit_as_it_is()
        release, seconds = self._timed("first", lambda: self._deploy(commit))
        self._url = release.stack.outputs.url if release.stack else ""
        yield self._part("first", release, seconds, checks.is_good(release), self._seen(release))
        return release

    def _blue_green(self, prober: Prober, first: Release) -> Telling[Release]:
        commit, began = self._versions.commit_next(), time.time()
        release, seconds = self._timed("blue_green", lambda: self._deploy(commit))
        traffic = self._traffic(prober, began)
        found = (
            *checks.is_good(release),
            checks.by_engine(release),
            checks.nothing_failed(traffic),
            checks.served_by(traffic, {first.commit, commit}),
        )
        yield self._part("blue_green", release, seconds, found, self._seen(release))
        return release

    def _broken(self, prober: Prober, serving: Release) -> Telling[None]:
        commit, began = self._versions.commit_broken(), time.time()
        release, seconds = self._timed("broken", lambda: self._deploy(commit))
        traffic = self._traffic(prober, began)
        found = (
            checks.ended_as(release, ReleaseState.ROLLED_BACK, ReleaseState.FAILED),
            checks.explains_itself(release),
            checks.nothing_failed(traffic),
            checks.served_by(traffic, {serving.commit}),
        )
        yield self._part("broken", release, seconds, found, self._seen(serving))

    def _rollback(self, prober: Prober, first: Release) -> Telling[None]:
        began = time.time()
        release, seconds = self._timed("rollback", lambda: self._roll_back_to(first))
        traffic = self._traffic(prober, began)
        found = (
            *checks.is_good(release),
            checks.restores(release, first),
            checks.nothing_failed(traffic),
            checks.served_by(self._traffic(prober, time.time() - SETTLE_SECONDS), {first.commit}),
        )
        yield self._part("rollback", release, seconds, found, self._seen(release))

    def _deploy(self, commit: str) -> Release:
        return deploy(
            service=self.service,
            environment=ENVIRONMENT,
            commit=commit,
            source=str(self._versions.repository),
            history=self._versions.history(),
        )

    def _roll_back_to(self, target: Release) -> Release:
        return rollback(
            service=self.service,
            environment=ENVIRONMENT,
            release=find_artifact(target),
            reason="rehearsal: back to the first release",
        )

    def _timed(self, key: PartKey, attempt: Callable[[], Release]) -> tuple[Release, float]:
        """Run one attempt and return its record, whichever way it ended."""
        started = time.monotonic()
        with self._stopwatch.stage(TITLES[key]):
            try:
                release = attempt()
            except DeployFailed as error:
                release = self._environment.ledger(self.service).get(error.release_id)
        return release, time.monotonic() - started

    def _part(
        self,
        key: PartKey,
        release: Release,
        seconds: float,
        found: tuple[Check, ...],
        seen: tuple[Check, ...],
    ) -> Part:
        return Part(
            key=key,
            title=TITLES[key],
            release_id=release.release_id,
            checks=(*found, *seen),
            phases=phases_of(release),
            seconds=seconds,
            evidence=checks.failure_lines(release),
        )

    def _seen(self, expected: Release) -> tuple[Check, ...]:
        if expected.stack is None:
            return (Check(name="what runs", ok=None, detail="no stack was applied"),)
        return Witness(self._session, expected.stack.outputs).checks(expected)

    def _traffic(self, prober: Prober, since: float) -> Traffic:
        time.sleep(SETTLE_SECONDS)
        expected = self._smoke_test().status
        return traffic_of(prober.samples(), start=since, end=time.time(), expected=expected)

    def _smoke_test(self) -> SmokeTest:
        return self._manifest.smoke_test or SmokeTest()


def _bytes_of(manifest: Path) -> bytes:
    try:
        return manifest.read_bytes()
    except OSError as error:
        raise ConfigError(
            "E_FILE",
            f"{manifest}: {error.strerror}",
            hint="write one (docs/manifest.yaml shows every field), or give --manifest FILE",
        ) from error
