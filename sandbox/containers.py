"""What a sandbox leaves with a container engine: found and removed when the sandbox ends.

Containers are labelled when they are made; images that were pulled are noted by name.
"""

import subprocess
from pathlib import Path

LABEL = "delightful.sandbox"
_ENGINE_FILE = "container-engine"
_IMAGES_FILE = "container-images"


def note_engine(directory: Path, engine: str) -> None:
    """Remember which engine (`podman`, `docker`) the sandbox makes containers with."""
    (directory / _ENGINE_FILE).write_text(engine)


def note_image(directory: Path, reference: str) -> None:
    """Remember an image that the engine pulled for the sandbox."""
    with (directory / _IMAGES_FILE).open("a") as noted:
        noted.write(f"{reference}\n")


def remove_containers(directory: Path, sandbox_id: str) -> int:
    """Remove the sandbox's containers and images; return how many containers there were."""
    engine_file = directory / _ENGINE_FILE
    if not engine_file.exists():
        return 0
    engine = engine_file.read_text()
    found = _output([engine, "ps", "-aq", "--filter", f"label={LABEL}={sandbox_id}"]).split()
    if found:
        # `rm` alone gives each ten seconds to end by itself; whose sandbox is gone gets none.
        _output([engine, "kill", *found])
        _output([engine, "rm", "-f", "-v", *found])
    if images := _noted_images(directory):
        _output([engine, "rmi", "-f", *images])
    return len(found)


def _noted_images(directory: Path) -> list[str]:
    noted = directory / _IMAGES_FILE
    return sorted(set(noted.read_text().split())) if noted.exists() else []


def _output(argv: list[str]) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
