"""Terraform's CLI configuration for the sandbox: where the provider comes from.

A provider mirror on this machine is used where one is found; else the public registry, with the
provider kept in the user's cache so that it is fetched once and not once per stack.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

PROVIDER = "registry.terraform.io/hashicorp/aws"

_MIRRORED = """\
provider_installation {{
  filesystem_mirror {{
    path    = "{mirror}"
    include = ["{provider}"]
  }}
  direct {{
    exclude = ["{provider}"]
  }}
}}
"""
# The roots pin the provider exactly and keep no lock file: the cache may serve without one.
_DIRECT = """\
plugin_cache_dir = "{cache}"
plugin_cache_may_break_dependency_lock_file = true
"""


def mirror_candidates(environment: dict[str, str], home: Path) -> Iterator[Path]:
    """Yield the directories where Terraform looks for providers, then optional software's."""
    if chosen := environment.get("DELIGHTFUL_TERRAFORM_MIRROR"):
        yield Path(chosen)
    yield home / ".terraform.d" / "plugins"
    data_home = environment.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    data_dirs = environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    for data in (data_home, *data_dirs.split(":")):
        yield Path(data) / "terraform" / "plugins"
    yield from _children_of(Path("/opt"), depth=2)


def find_mirror(candidates: Iterable[Path]) -> Path | None:
    """Return the first directory that holds the AWS provider, or None."""
    for candidate in candidates:
        provider = candidate / PROVIDER
        if provider.is_dir() and any(provider.iterdir()):
            return candidate
    return None


def cli_config(mirror: Path | None, provider_cache: Path) -> str:
    """Return the text of a CLI configuration for a mirror, or for the registry without one."""
    if mirror is not None:
        return _MIRRORED.format(mirror=mirror, provider=PROVIDER)
    return _DIRECT.format(cache=provider_cache)


def write_cli_config(path: Path, provider_cache: Path) -> None:
    """Write the configuration for this machine."""
    mirror = find_mirror(mirror_candidates(dict(os.environ), Path.home()))
    if mirror is None:
        provider_cache.mkdir(parents=True, exist_ok=True)
    path.write_text(cli_config(mirror, provider_cache))


def _children_of(directory: Path, *, depth: int) -> Iterator[Path]:
    if depth == 0 or not directory.is_dir():
        return
    for child in sorted(path for path in directory.iterdir() if path.is_dir()):
        yield child
        if child.name != "registry.terraform.io":
            yield from _children_of(child, depth=depth - 1)
