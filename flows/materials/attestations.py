"""What is written down of an image before it is pushed, and read again before it gets traffic."""

import os

from pydantic import ValidationError

from blocks.images.attestation_store import AttestationStore
from blocks.images.contents import base_of, installed_in
from blocks.images.oci import BuiltImage
from delightful.composition.model import Attestations, Component, Scan, ScanReport
from delightful.composition.provenance import (
    Making,
    Material,
    github_run,
    provenance_fault,
    provenance_of,
    sbom_fault,
)
from delightful.composition.sbom import sbom_of
from delightful.composition.survey import installed_report
from delightful.errors import DelightfulError, Refused
from delightful.release import AttemptKind, Check, Image, Release, ReleaseState
from flows.effects import effect
from flows.environment import delivery_environment
from flows.materials.composition import SourceScan
from flows.publishing import amend
from flows.runs.telling import tell, warn
from flows.terraform_apply import stack_of

_HINT = "build the commit's image in CI again, and find out who wrote what is there"


@effect("read what is installed")
def read_installed(built: BuiltImage) -> tuple[tuple[Component, ...], str | None]:
    """Return the packages that a built image holds, or why they could not be read."""
    try:
        return installed_in(built), None
    except DelightfulError as error:
        return (), error.message
    except OSError as error:
        return (), f"its layers cannot be read: {error}"


def complete_scan(seen: SourceScan, installed: tuple[Component, ...], unread: str | None) -> Scan:
    """Return the scan of the lock files with whether the image holds anything beyond them."""
    report = installed_report(seen.survey, installed)
    if unread is not None:
        report = report.model_copy(update={"unseen": unread})
    return seen.scan.with_reports(report)


@effect("attest image")
def attest_image(
    service: str,
    environment: str,
    commit: str,
    built: BuiltImage,
    seen: SourceScan,
    installed: tuple[Component, ...],
    scan: Scan,
) -> Attestations:
    """Write bill of materials, provenance and scan of an image that is about to be pushed."""
    store = delivery_environment(environment).attestations(service)
    making = Making(
        service=service,
        commit=commit,
        digest=built.digest,
        packaging=built.packaging,
        builder=store.caller(),
        materials=_materials(commit, built, seen),
        run=github_run(os.environ),
    )
    components = (*seen.survey.components, *installed)
    written = Attestations(
        sbom=store.write(built.digest, "sbom.cdx.json", sbom_of(service, built.digest, components)),
        provenance=store.write(built.digest, "provenance.intoto.json", provenance_of(making)),
        scan=store.write(built.digest, "scan.json", scan.model_dump_json().encode()),
    )
    tell(f"{len(components)} components of {built.digest[:19]} written down by {making.builder}")
    return written


def _materials(commit: str, built: BuiltImage, seen: SourceScan) -> tuple[Material, ...]:
    source = Material(uri="git+commit", digest={"gitCommit": commit})
    locks = (Material(uri=one.path, digest={"sha256": one.sha256}) for one in seen.survey.locks)
    if built.packaging == "files":
        return (source, *locks)
    named = base_of(built)
    bases = (named,) if named else tuple(map(_base, seen.bases))
    return (source, *locks, *bases)


def _base(reference: str) -> Material:
    name, _, digest = reference.partition("@sha256:")
    return Material(uri=f"docker://{name}", digest={"sha256": digest} if digest else {})


@effect("read attestations")
def read_attestations(service: str, environment: str, image: Image) -> Image:
    """Return an image that was in the registry with what was written down of it, if anything."""
    store = delivery_environment(environment).attestations(service)
    written = store.latest(image.digest)
    if written is None:
        warn(f"nothing is written down of {image.reference}")
        return image
    return image.model_copy(update={"attestations": written, "scan": _scan(store, written)})


def _scan(store: AttestationStore, written: Attestations) -> Scan | None:
    try:
        return Scan.model_validate_json(store.read(written.scan))
    except ValidationError as error:
        warn(f"the scan that was written down cannot be read: {error.errors()[0]['msg']}")
        return None


def renewed_scan(image: Image, fresh: Scan) -> Image:
    """Return an image with its lock files scanned anew, and what was in it when it was built."""
    earlier = image.scan.reports if image.scan else ()
    installed = [report for report in earlier if report.scanner == "installed"]
    if not installed:
        reason = "nobody looked into it when it was built"
        installed = [ScanReport(scanner="installed", subject="the image", unseen=reason)]
    return image.model_copy(update={"scan": fresh.with_reports(*installed)})


def verify_step(release: Release) -> Release:
    """Read again what was written down of the release's image, before it runs anything.

    Raises:
        Refused: E_ATTESTATION, it is not about the image that the task definition runs, or was
            not built by who may build.
    """
    if release.state is not ReleaseState.APPLIED or release.attestation is not None:
        return release
    return amend(release, attestation=verify_attestations(release))


@effect("verify attestations")
def verify_attestations(release: Release) -> Check:
    """Return what was verified; an image of before they were written is told as such."""
    delivery = delivery_environment(release.environment)
    image = release.image
    if image is None or image.attestations is None:
        return _unattested(release, is_asked=delivery.asks_for_scan)
    outputs = stack_of(release).outputs
    digest = delivery.ecs_service(release.service).image_digest(
        outputs.task_definition_arn, outputs.container_name
    )
    store = delivery.attestations(release.service)
    rule = store.builder_rule(delivery.build_role(release.service))
    provenance, sbom = (
        store.read(one) for one in (image.attestations.provenance, image.attestations.sbom)
    )
    fault = provenance_fault(provenance, digest=digest, commit=release.commit, rule=rule)
    fault = fault or sbom_fault(sbom, digest=digest)
    if fault is not None:
        raise Refused("E_ATTESTATION", f"{release.release_id}: {fault}", hint=_HINT)
    detail = f"{digest[:19]} was built by {rule.role or 'an identity'} of account {rule.account}"
    tell(f"attestations verified: {detail}")
    return Check(name="attestation", ok=True, detail=detail)


def _unattested(release: Release, *, is_asked: bool) -> Check:
    detail = "not verified: its image was built before attestations were written, or without"
    if is_asked and release.kind is AttemptKind.DEPLOY:
        raise Refused("E_ATTESTATION", f"{release.release_id}: {detail}", hint=_HINT)
    warn(f"attestations of {release.release_id} {detail}")
    return Check(name="attestation", ok=None, detail=detail)
