"""Where podman and buildah keep what is built for a sandbox: in its directory, and gone with it.

Base images that stand in for others must not be found by anything else on the machine.
"""

from pathlib import Path

_STORAGE = """\
[storage]
driver = "overlay"
graphroot = "{folder}/images"
runroot = "{folder}/state"

# Without a mount of its own the folder can be removed when nothing uses it any more.
[storage.options.overlay]
skip_mount_home = "true"
"""


def write_storage_configuration(folder: Path) -> Path:
    """Write the configuration that CONTAINERS_STORAGE_CONF names, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "storage.conf"
    path.write_text(_STORAGE.format(folder=folder))
    return path
