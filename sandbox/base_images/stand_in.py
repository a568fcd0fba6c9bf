"""Make the base images of a Dockerfile available, or say which one cannot be had.

An image that is here or can be pulled is used as it is. Where no registry answers, Python and Node
base images are assembled from this machine's own interpreters and imported under the name that the
Dockerfile asks for, into the sandbox's own container storage, so that the Dockerfile is built
unchanged and nothing outlives the sandbox.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from delightful.errors import ConfigError
from sandbox.base_images.root_filesystem import (
    ENVIRONMENT,
    Family,
    interpreter_version,
    write_root_filesystem,
)

PULL_TIMEOUT_SECONDS = 300
_FAMILIES: dict[str, Family] = {"python": "python", "node": "node"}
_COMMANDS: dict[Family, str] = {"python": '["python3"]', "node": '["node"]'}


def base_images(dockerfile: str) -> list[str]:
    """Return the images that a Dockerfile starts from, in order; its own stages left out.

    An `ARG` before the first `FROM` is put in by its default.
    """
    arguments = dict(re.findall(r"(?mi)^ARG\s+(\w+)=(\S+)", dockerfile))
    stages: set[str] = {"scratch"}
    found: list[str] = []
    for image, stage in _from_lines(dockerfile):
        name = re.sub(r"\$\{?(\w+)\}?", lambda match: arguments.get(match[1], match[0]), image)
        if name.lower() not in stages and name not in found:
            found.append(name)
        stages.add(stage.lower())
    return found


def _from_lines(dockerfile: str) -> Iterator[tuple[str, str]]:
    pattern = r"(?mi)^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?"
    for match in re.finditer(pattern, dockerfile):
        yield match[1], match[2] or ""


def ensure_base_images(dockerfile: Path, environment: Mapping[str, str]) -> list[str]:
    """Make every base image of a Dockerfile available to podman and buildah.

    `environment` is what both run with; its CONTAINERS_STORAGE_CONF names the storage. Returns one
    line for each image that a stand-in serves for.

    Raises:
        ConfigError: E_BASE_IMAGE, an image can neither be pulled nor stood in for.
    """
    said: list[str] = []
    for image in base_images(dockerfile.read_text()):
        if _podman(environment, "image", "exists", image) or _podman(
            environment, "pull", "--quiet", image
        ):
            continue
        said.append(_import_stand_in(image, environment))
    return said


def full_name(image: str) -> str:
    """Return an image's name with its registry, as a short one is resolved."""
    first, _, rest = image.partition("/")
    if rest and ("." in first or ":" in first or first == "localhost"):
        return image
    return f"docker.io/{image}" if rest else f"docker.io/library/{image}"


def _import_stand_in(image: str, environment: Mapping[str, str]) -> str:
    family = _FAMILIES.get(re.split(r"[:@]", image.rsplit("/", 1)[-1])[0])
    if family is None:
        raise ConfigError(
            "E_BASE_IMAGE",
            f"base image {image} cannot be pulled here, and only Python and Node can be stood in",
            hint="rehearse where a registry answers, or with --tasks process",
        )
    changes = [f"ENV={name}={value}" for name, value in ENVIRONMENT.items()]
    changes.append(f"CMD {_COMMANDS[family]}")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "root.tar")
        write_root_filesystem(family, archive)
        options = [part for change in changes for part in ("--change", change)]
        command = ["podman", "import", "--quiet", *options, str(archive), full_name(image)]
        subprocess.run(command, env=dict(environment), check=True, capture_output=True)
    return f"{image} cannot be pulled here: this machine's {family} {interpreter_version(family)}"


def _podman(environment: Mapping[str, str], *arguments: str) -> bool:
    answer = subprocess.run(
        ["podman", *arguments],
        env=dict(environment),
        capture_output=True,
        timeout=PULL_TIMEOUT_SECONDS,
        check=False,
    )
    return answer.returncode == 0
