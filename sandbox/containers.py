"""Containers of a sandbox: labelled when they are made, removed by that label when it ends."""

import subprocess
from pathlib import Path

LABEL = "delightful.sandbox"
_ENGINE_FILE = "container-engine"


def note_engine(directory: Path, engine: str) -> None:
    """Remember which engine (`podman`, `docker`) the sandbox makes containers with."""
    (directory / _ENGINE_FILE).write_text(engine)


def remove_containers(directory: Path, sandbox_id: str) -> int:
    """Remove every container of the sandbox, running or not; return how many there were."""
    engine_file = directory / _ENGINE_FILE
    if not engine_file.exists():
        return 0
    engine = engine_file.read_text()
    found = _output([engine, "ps", "-aq", "--filter", f"label={LABEL}={sandbox_id}"]).split()
    if found:
        _output([engine, "rm", "-f", "-v", *found])
    return len(found)


def _output(argv: list[str]) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
