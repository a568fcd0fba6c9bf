"""The bill of materials of an image, as CycloneDX 1.6: the same bytes for the same image."""

import hashlib
import json
from collections.abc import Iterable

from delightful.composition.model import Component

SBOM_TYPE = "application/vnd.cyclonedx+json"


def sbom_of(service: str, digest: str, components: Iterable[Component]) -> bytes:
    """Return the bill of materials of an image by its digest.

    It bears no time, and its serial number is made of its own content.
    """
    unique = {component.purl: component for component in components}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _image(service, digest)},
        "components": [_component(unique[purl]) for purl in sorted(unique)],
    }
    return _canonical({**document, "serialNumber": _serial_number(document)})


def _image(service: str, digest: str) -> dict[str, object]:
    return {
        "type": "container",
        "bom-ref": f"pkg:oci/{service}@{digest.replace(':', '%3A')}",
        "name": service,
        "version": digest,
        "purl": f"pkg:oci/{service}@{digest.replace(':', '%3A')}",
        "hashes": [{"alg": "SHA-256", "content": digest.removeprefix("sha256:")}],
    }


def _component(component: Component) -> dict[str, str]:
    return {
        "type": "library",
        "bom-ref": component.purl,
        "name": component.name,
        "version": component.version,
        "purl": component.purl,
    }


def _serial_number(document: object) -> str:
    # The form of a UUID of version 8, "custom" (RFC 9562).
    digits = list(_sha256(_canonical(document))[:32])
    digits[12], digits[16] = "8", "8"
    text = "".join(digits)
    return f"urn:uuid:{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _canonical(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
