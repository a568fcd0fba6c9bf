"""Image references as task definitions write them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ImageReference:
    """`registry/repository:tag@digest`; tag or digest may be missing, registry is "" for none."""

    registry: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def version(self) -> str:
        """Return what names the manifest: the digest where there is one."""
        return self.digest or self.tag or "latest"

    def at(self, digest: str) -> str:
        """Return the reference by digest alone, as every engine takes it."""
        return f"{self.registry}/{self.repository}@{digest}"


def parse_reference(text: str) -> ImageReference:
    """Read an image reference. A first part with a dot or colon is the registry."""
    rest, _, digest = text.partition("@")
    head, slash, tail = rest.partition("/")
    has_registry = bool(slash) and ("." in head or ":" in head or head == "localhost")
    registry, path = (head, tail) if has_registry else ("", rest)
    repository, _, tag = path.partition(":")
    return ImageReference(registry, repository, tag or None, digest or None)
