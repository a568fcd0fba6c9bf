"""build: have the image of a commit in the registry, built once and never pushed over."""

from functools import partial
from pathlib import Path

from prefect import flow
from prefect.assets import materialize

from blocks.images.oci import BuiltImage
from delightful.names import commit_sha, service_name
from delightful.release import Image
from flows.analyze import manifest_in
from flows.effects import effect, killable
from flows.environment import delivery_environment
from flows.materials.attestations import (
    attest_image,
    complete_scan,
    read_attestations,
    read_installed,
    renewed_scan,
)
from flows.materials.commit_files import commit_files, refuse_source
from flows.materials.composition import SourceScan, beside, scan_dependencies
from flows.publishing import image_asset, publish_image
from flows.runs.outcome import leaving_outcome
from flows.runs.persistence import RESULT_SERIALIZER, once_per_run
from flows.runs.telling import tell


@flow(
    name="build",
    flow_run_name="build {service} @ {commit:.7}",
    persist_result=False,
    result_serializer=RESULT_SERIALIZER,
)
@leaving_outcome
def build(service: str, environment: str, commit: str, source: str, dry_run: bool = False) -> Image:
    """Have the image of a commit in the registry, built once and never pushed over.

    Args:
        service: Name of the service, as in its manifest.
        environment: Name of the environment's block.
        commit: The full commit id, 40 hexadecimal digits; it becomes the image's tag.
        source: Path of the service's git repository or of a folder inside it, or the address of the
            commit's archive in S3.
        dry_run: Build where the tag is free, and push nothing.
    """
    refuse_source(source, service_name(service), environment, commit, may_be_proposed=dry_run)
    found = find_image(service, environment, commit_sha(commit))
    if found is not None:
        tell(f"image {found.reference} is in the registry already")
        return _known(service, environment, found, source)
    with beside(partial(scan_dependencies, service, environment, commit, source)) as scanning:
        built = build_image(service, environment, commit, source)
    try:
        seen = scanning.result()
        return (
            _unpushed(service, commit, built, seen)
            if dry_run
            else _pushed(service, environment, commit, built, seen)
        )
    finally:
        built.discard()


@effect("find image")
def find_image(service: str, environment: str, commit: str) -> Image | None:
    """Look for the commit's tag in the registry."""
    return delivery_environment(environment).registry(service).find(commit)


@effect("build image")
def build_image(service: str, environment: str, commit: str, source: str) -> BuiltImage:
    """Build the commit's files into an image on this machine; what the build says is the log's."""
    builder = delivery_environment(environment).builder()
    with commit_files(source, service, environment, commit) as files:
        manifest = manifest_in(files.folder, service)
        return builder.build(files.folder, manifest, commit, say=tell)


def _known(service: str, environment: str, found: Image, source: str) -> Image:
    """Return an image that is there already, with what was written down of it.

    Its lock files are scanned again where images are built: advisories may be newer than it.
    """
    known = read_attestations(service, environment, found)
    if delivery_environment(environment).packaging == "adopt":
        return known
    return renewed_scan(known, scan_dependencies(service, environment, found.tag, source).scan)


def _pushed(
    service: str, environment: str, commit: str, built: BuiltImage, seen: SourceScan
) -> Image:
    # Written first: an image in the registry always has what vouches for it.
    installed, unread = read_installed(built)
    scan = complete_scan(seen, installed, unread)
    written = attest_image(service, environment, commit, built, seen, installed, scan)
    pushed = push_image.with_options(assets=[image_asset(service)])
    image = pushed(service, environment, commit, built.digest, str(built.layout), built.packaging)
    image = image.model_copy(update={"attestations": written, "scan": scan})
    publish_image(service, image)
    return image


@materialize(
    "delightful://image",
    name="push image",
    cache_policy=once_per_run(ignoring=("layout",)),
    persist_result=True,
    result_serializer=RESULT_SERIALIZER,
)
@killable("push image")
def push_image(
    service: str, environment: str, commit: str, digest: str, layout: str, packaging: str
) -> Image:
    """Push under the commit as the tag, and read the digest back."""
    built = BuiltImage.model_validate(
        {"layout": Path(layout), "digest": digest, "packaging": packaging}
    )
    image = delivery_environment(environment).registry(service).push(built, commit)
    tell(f"pushed {image.reference}")
    return image


def _unpushed(service: str, commit: str, built: BuiltImage, seen: SourceScan) -> Image:
    tell(f"dry run: image {built.digest} built and not pushed")
    scan = complete_scan(seen, *read_installed(built))
    return Image(
        repository_url=service,
        tag=commit,
        digest=built.digest,
        packaging=built.packaging,
        scan=scan,
    )
