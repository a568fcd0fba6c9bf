"""The worker's image for a sandbox whose tasks are processes: the project's files, and no more.

Interpreter, packages and Terraform are this machine's, found on the image's own PATH; the image is
labelled `delightful.packaging=files`, as a service's is there. Where there are containers, the
project's Dockerfile makes it.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from blocks.delivery_environment import DeliveryEnvironment
from blocks.images.files_image import FilesImage, write_files_image
from delightful.release import Image

PROJECT = Path(__file__).parents[1]
REPOSITORY = "delightful-worker"
# What a flow run needs of the project; the Dockerfile copies the same.
PARTS = ("deployments.yaml", "delightful", "analyzer", "blocks", "flows", "infrastructure")
_MOST_BYTES = 64 * 1024**2


def push_worker_image(environment: DeliveryEnvironment) -> Image:
    """Push the project as it lies here, under a tag that its content decides."""
    with tempfile.TemporaryDirectory(prefix="delightful-worker-") as folder:
        files, layout = Path(folder) / "files", Path(folder) / "layout"
        _copy_parts(files)
        image = FilesImage(command=("prefect", "version"), environment=_environment(), commit="")
        built = write_files_image(files, image, layout, _MOST_BYTES)
        tag = built.digest.removeprefix("sha256:")[:40]
        return environment.registry(REPOSITORY).push(built, tag)


def _copy_parts(to: Path) -> None:
    to.mkdir()
    unwanted = shutil.ignore_patterns("__pycache__", ".terraform*")
    for name in PARTS:
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, to / name, ignore=unwanted)
        else:
            shutil.copy(PROJECT / name, to / name)


def _environment() -> dict[str, str]:
    """Return where this machine's tools are; the image's files come before what is installed."""
    tools = [str(Path(sys.executable).parent), str(PROJECT / ".tools")]
    return {
        "PATH": os.pathsep.join([*tools, os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": ".",
    }
