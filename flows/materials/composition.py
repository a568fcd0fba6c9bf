"""What is known against the parts of an image: looked at beside the build, then judged."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from blocks.images.dependency_files import surveyed
from blocks.images.dockerfile import base_images
from delightful.composition.model import Composition, Outcome, Scan, ScanReport
from delightful.composition.policy import composition_of, refuse_unfit
from delightful.composition.survey import Survey
from delightful.frozen import Frozen
from delightful.manifest import CompositionPolicy, Manifest
from delightful.release import Image
from flows.analyze import manifest_in
from flows.effects import effect
from flows.environment import delivery_environment
from flows.materials.commit_files import commit_files
from flows.runs.telling import tell, warn
from flows.runs.waiting import Pace, wait_until

# ECR takes some seconds for a small image, and minutes where many are pushed.
_REGISTRY_SCAN_SECONDS = 300.0

Result = TypeVar("Result")


class SourceScan(Frozen):
    """What the files of a commit say of its dependencies; `bases` are the images it builds on."""

    survey: Survey
    scan: Scan
    bases: tuple[str, ...]


@contextmanager
def beside(work: Callable[[], Result]) -> Iterator[Future[Result]]:
    """Do a piece of work while the block runs, as part of the same flow run; waits for both."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool.submit(copy_context().run, work)


@effect("scan dependencies")
def scan_dependencies(service: str, environment: str, commit: str, source: str) -> SourceScan:
    """Ask what is known against the packages of the commit's lock files; nothing of it is run."""
    scanner = delivery_environment(environment).dependency_scanner()
    with commit_files(source, service, environment, commit) as files:
        build = manifest_in(files.folder, service).build
        context = files.folder / build.context
        survey = surveyed(context)
        scan = Scan(at=datetime.now(UTC), reports=scanner.scan(context, survey))
        return SourceScan(survey=survey, scan=scan, bases=_bases(files.folder / build.dockerfile))


def _bases(dockerfile: Path) -> tuple[str, ...]:
    if not dockerfile.is_file():
        return ()
    return base_images(dockerfile.read_text("utf-8", errors="replace"))


def judge(service: str, environment: str, image: Image, manifest: Manifest) -> Composition:
    """Return what composition analysis of an image comes to, with what its registry says.

    The registry is waited for where an environment asks for a scan; elsewhere what it says now is
    what counts.
    """
    scan = image.scan or Scan(at=datetime.now(UTC))
    if image.scan is None:
        scan = scan.with_reports(_never_scanned(image))
    report = registry_scan(service, environment, image.digest)
    return composed(scan.with_reports(report), manifest.composition)


def composed(scan: Scan, policy: CompositionPolicy) -> Composition:
    """Return what a scan comes to today, and say it."""
    composition = composition_of(scan, policy, datetime.now(UTC))
    say = tell if composition.outcome is Outcome.PASSED else warn
    say(f"composition analysis {composition.label}")
    return composition


def refuse_where_asked(environment: str, composition: Composition) -> None:
    """Let nothing on that is not fit for an environment that asks for a scan.

    Raises:
        Refused: E_VULNERABLE, E_NOT_SCANNED.
    """
    asked = delivery_environment(environment).asks_for_scan
    refuse_unfit(composition, is_production=asked)


@effect("read registry's scan")
def registry_scan(service: str, environment: str, digest: str) -> ScanReport:
    """Return what the registry's own scanner says of an image; waits where a scan is asked for."""
    delivery = delivery_environment(environment)
    registry = delivery.registry(service)
    (report, _), _ = wait_until(
        lambda: registry.scan_report(digest),
        lambda seen: not seen[1],
        pace=Pace(delivery.poll_seconds),
        timeout_seconds=_REGISTRY_SCAN_SECONDS if delivery.asks_for_scan else 0.0,
    )
    return report


def _never_scanned(image: Image) -> ScanReport:
    reason = "nobody scanned what it is made of when it was built, or nobody kept it"
    return ScanReport(scanner="lock files", subject=image.tag[:12], unseen=reason)
