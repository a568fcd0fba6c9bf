"""Find a container engine that really works: a binary on PATH is no proof, a run is."""

import io
import os
import platform
import shutil
import struct
import subprocess
import tarfile
from pathlib import Path
from typing import Literal

from sandbox.ecs.container_runtime import Engine
from sandbox.ecs.ports import task_port

_ANSWER = 42
_IMAGE = "localhost/delightful-probe:1"
_TIMEOUT_SECONDS = 30.0
# exit(42), by architecture: the ELF machine number and the instructions.
_PROGRAMS = {
    "x86_64": (62, bytes.fromhex("bf2a000000b83c0000000f05")),
    "aarch64": (183, struct.pack("<III", 0xD2800540, 0xD2800BA8, 0xD4000001)),
}
_LOAD_ADDRESS = 0x400000
_HEADERS = 64 + 56

# Ours alone, through CONTAINERS_CONF; the system's own file is never touched. runc works on hybrid
# cgroups where crun does not, and no limits are raised that a confined root may not raise.
_CONTAINERS_CONF = """\
[containers]
default_ulimits = []
log_driver = "k8s-file"

[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
{runtime}"""


def working_engine(directory: Path) -> Engine | None:
    """Return the first engine that runs a tiny image with a published port, None for none."""
    for engine in _candidates(directory):
        if _works(engine):
            return engine
    return None


def _candidates(directory: Path) -> list[Engine]:
    kinds: tuple[Literal["podman", "docker"], ...] = ("podman", "docker")
    found = []
    for kind in kinds:
        if executable := shutil.which(kind):
            settings = _podman_environment(directory) if kind == "podman" else ()
            found.append(Engine(executable, kind, settings))
    return found


def _podman_environment(directory: Path) -> tuple[tuple[str, str], ...]:
    path = directory / "containers.conf"
    has_runc = shutil.which("runc") or shutil.which("runc", path="/usr/sbin:/usr/local/sbin")
    path.write_text(_CONTAINERS_CONF.format(runtime='runtime = "runc"\n' if has_runc else ""))
    return (("CONTAINERS_CONF", str(path)),)


def _works(engine: Engine) -> bool:
    archive = probe_archive(platform.machine())
    if archive is None:
        return False
    try:
        made = subprocess.run(
            [engine.executable, "import", "--change", 'CMD ["/probe"]', "-", _IMAGE],
            env=_environment(engine),
            input=archive,
            capture_output=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    if made.returncode != 0:
        return False
    publish = f"127.0.0.1:{task_port()}:80"
    done = engine.run("run", "--rm", "--publish", publish, _IMAGE, timeout_seconds=_TIMEOUT_SECONDS)
    engine.run("rmi", "-f", _IMAGE)
    return done.returncode == _ANSWER


def _environment(engine: Engine) -> dict[str, str]:
    return os.environ | dict(engine.environment)


def probe_archive(machine: str) -> bytes | None:
    """Return a tar with one static program, built here; None for an unknown architecture."""
    if machine not in _PROGRAMS:
        return None
    content = _elf(*_PROGRAMS[machine])
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("probe")
        member.size, member.mode = len(content), 0o755
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _elf(machine: int, code: bytes) -> bytes:
    identity = b"\x7fELF" + bytes([2, 1, 1, 0]) + bytes(8)
    entry, size = _LOAD_ADDRESS + _HEADERS, _HEADERS + len(code)
    header = identity + struct.pack(
        "<HHIQQQIHHHHHH", 2, machine, 1, entry, 64, 0, 0, 64, 56, 1, 64, 0, 0
    )
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, _LOAD_ADDRESS, _LOAD_ADDRESS, size, size, 0x1000)
    return header + segment + code
