"""A worker of a rehearsal has the files that the real image has."""

from rehearsal.worker_image import PARTS, PROJECT

# What the Dockerfile builds with, and removes.
_BUILT_WITH = {"requirements.lock", "pyproject.toml", "setup"}


def test_has_the_parts_that_the_dockerfile_copies() -> None:
    """What the build context lets in is what a flow run has, in either kind of image."""
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert let_in - _BUILT_WITH == set(PARTS)
