"""Command lines of container engines, as data, and the choice among those that really work."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from blocks.child_process import inherited_environment
from blocks.images.oci import COMMIT_LABEL, PACKAGING_LABEL
from delightful.errors import ConfigError
from delightful.frozen import Frozen

Engine = Literal["buildah", "podman", "docker"]
ENGINES: tuple[Engine, ...] = ("buildah", "podman", "docker")

_ENGINE_VARIABLES = (
    "BUILDAH_ISOLATION",
    "CONTAINERS_CONF",
    "CONTAINERS_REGISTRIES_CONF",
    "CONTAINERS_STORAGE_CONF",
    "CONTAINER_HOST",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "DOCKER_TLS_VERIFY",
    "REGISTRY_AUTH_FILE",
    "STORAGE_DRIVER",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
)


class ImageSource(Frozen):
    """What an image is built from, and the name that it has on this machine meanwhile."""

    context: Path
    dockerfile: Path
    commit: str
    name: str


def build_argv(engine: Engine, source: ImageSource) -> tuple[str, ...]:
    """Return the build of an image; buildah's and podman's give the same bytes every time."""
    verb = {
        "buildah": (
            "build",
            "--isolation",
            "chroot",
            "--layers",
            "--timestamp",
            "0",
            "--format",
            "oci",
        ),
        "podman": ("build", "--timestamp", "0", "--format", "oci"),
        "docker": ("build",),
    }[engine]
    return (
        engine,
        *verb,
        "--label",
        f"{PACKAGING_LABEL}=container",
        "--label",
        f"{COMMIT_LABEL}={source.commit}",
        "--file",
        str(source.dockerfile),
        "--tag",
        source.name,
        str(source.context),
    )


def export_argv(engine: Engine, name: str, target: Path) -> tuple[str, ...]:
    """Return the writing of an image as an OCI layout: a folder, from docker an archive of one."""
    if engine == "docker":
        return ("docker", "save", "--output", str(target), name)
    return (engine, "push", "--quiet", name, f"oci:{target}:image")


def remove_argv(engine: Engine, name: str) -> tuple[str, ...]:
    """Return the removal of an image's local name."""
    return (engine, "rmi", name)


def engine_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what an engine may know of our environment: where it and its mirrors are."""
    named = {name: environment[name] for name in _ENGINE_VARIABLES if name in environment}
    return inherited_environment(environment) | named


def working_engine(wanted: Engine | Literal["auto"]) -> Engine:
    """Return the engine that was asked for, or the first that answers.

    Raises:
        ConfigError: E_ENGINE, none of them works here.
    """
    candidates = ENGINES if wanted == "auto" else (wanted,)
    found = next((engine for engine in candidates if answers(engine)), None)
    if found is None:
        raise ConfigError(
            "E_ENGINE",
            f"no container engine works here (tried {', '.join(candidates)})",
            hint="install buildah, podman or docker, or set packaging to files or adopt",
        )
    return found


def answers(engine: Engine) -> bool:
    """Say whether an engine does more than lie on PATH."""
    try:
        asked = subprocess.run(
            [engine, "info"],
            env=engine_environment(os.environ),
            capture_output=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0
