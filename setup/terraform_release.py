"""Find the pinned Terraform, or fetch its release into the project's own folder and verify it.

Run as a program it fetches into the folder that it is given, whatever is on PATH.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

VERSION = "1.11.4"
OLDEST = (1, 11)
RELEASES = "https://releases.hashicorp.com/terraform"

# The release's own SHA256SUMS file, one line per platform.
SHA256 = {
    "darwin_amd64": "a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b",
    "darwin_arm64": "867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18",
    "linux_amd64": "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
    "linux_arm64": "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
}
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class TerraformMissing(Exception):
    """Terraform is not here and could not be fetched; the message says what to do."""


def platform_name(system: str, machine: str) -> str:
    """Return the release's name for a platform, such as `linux_amd64`."""
    return f"{system.lower()}_{_ARCHITECTURES.get(machine.lower(), machine.lower())}"


def is_new_enough(version: str) -> bool:
    """Say whether a version string such as `1.11.4` is one that the project runs on."""
    major, minor, *_ = version.split(".")
    return (int(major), int(minor)) >= OLDEST


def installed_version(terraform: str) -> str | None:
    """Return the version a terraform binary reports, or None where it does not run."""
    try:
        answer = subprocess.run(
            [terraform, "version", "-json"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={**os.environ, "CHECKPOINT_DISABLE": "1"},
        )
        return str(json.loads(answer.stdout)["terraform_version"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return None


def fetch(folder: Path, *, releases: str, name: str, sha256: str) -> Path:
    """Download one release's zip, verify it and put its binary into `folder`.

    Nothing is written where the checksum differs.

    Raises:
        TerraformMissing: the download failed, or is not the release that was pinned.
    """
    url = f"{releases}/{VERSION}/terraform_{VERSION}_{name}.zip"
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310
            content = answer.read()
    except (urllib.error.URLError, OSError) as error:
        raise TerraformMissing(f"{url} did not answer ({error})") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise TerraformMissing(f"{url} has sha256 {found}, expected {sha256}")
    folder.mkdir(parents=True, exist_ok=True)
    binary = folder / "terraform"
    partial = folder / "terraform.partial"
    partial.write_bytes(zipfile.ZipFile(io.BytesIO(content)).read("terraform"))
    partial.chmod(0o755)
    partial.replace(binary)
    return binary


def ensure(folder: Path, *, releases: str = RELEASES) -> Path:
    """Return a terraform that is new enough: on PATH, in `folder`, or fetched into it.

    Raises:
        TerraformMissing: none is here and none can be fetched; says how to get one.
    """
    for candidate in (shutil.which("terraform"), str(folder / "terraform")):
        version = installed_version(candidate) if candidate else None
        if candidate and version and is_new_enough(version):
            return Path(candidate)
    return fetch_pinned(folder, releases=releases)


def fetch_pinned(folder: Path, *, releases: str = RELEASES) -> Path:
    """Return the pinned release for this machine, fetched into `folder`.

    Raises:
        TerraformMissing: it cannot be fetched; says how to get one.
    """
    name = platform_name(platform.system(), platform.machine())
    how = f"install Terraform {VERSION} and put it on PATH"
    if name not in SHA256:
        raise TerraformMissing(f"no pinned Terraform release for {name} → {how}")
    print(f"fetching terraform {VERSION} for {name}", flush=True)
    try:
        return fetch(folder, releases=releases, name=name, sha256=SHA256[name])
    except TerraformMissing as error:
        raise TerraformMissing(f"terraform is missing and {error} → {how}") from error


if __name__ == "__main__":
    fetch_pinned(Path(sys.argv[1]))
