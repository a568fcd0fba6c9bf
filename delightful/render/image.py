"""An image for people: its reference, what was looked at in it, and where that is written down."""

from collections.abc import Iterator

from delightful.composition.model import ScanReport, StoredDocument
from delightful.release import Image
from delightful.render.markdown import code, inert, table


def image_markdown(service: str, image: Image) -> str:
    """Return an image as Markdown, for its artifact."""
    return "\n\n".join(_parts(service, image))


def _parts(service: str, image: Image) -> Iterator[str]:
    yield f"# Image of {inert(service)}"
    yield code(image.reference, limit=600)
    yield f"packaging: {image.packaging}"
    if image.scan is not None:
        yield table(("scanner", "of", "result"), [_row(one) for one in image.scan.reports])
    if image.attestations is not None:
        written = image.attestations
        documents = (written.sbom, written.provenance, written.scan)
        yield table(("written down", "version"), [_document(one) for one in documents])


def _row(report: ScanReport) -> tuple[str, str, str]:
    result = f"{len(report.findings)} findings in {report.components} components"
    if report.unseen is not None:
        result = f"not scanned: {report.unseen}"
    return inert(report.scanner), inert(report.subject), inert(result, limit=400)


def _document(document: StoredDocument) -> tuple[str, str]:
    return code(f"s3://{document.bucket}/{document.key}", limit=600), code(document.version_id)
