"""A stack's work directory: a clean copy of the Terraform it runs, kept between commands."""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic import JsonValue

from delightful.errors import ConfigError, Refused

_LOCK_FILE = ".terraform.lock.hcl"
_UNSAVED = "errored.tfstate"
_COPIED = re.compile(r"(?!override\.tf$)(?!.*_override\.tf$)[A-Za-z0-9_-]+\.tf")
_BUSY_SECONDS = 30.0
_LEAVING_SECONDS = 10.0
_PLAN_SECONDS = 24 * 3600.0


class TerraformDirectory:
    """Where one stack is run: sources in `source/`, plugins in `data/`, plans in `plans/`.

    Only `*.tf` files of the root and of the modules are copied, so that no variable file,
    override or state that lies about can steer a plan.
    """

    def __init__(self, infrastructure: Path, root: str, home: Path) -> None:
        self._infrastructure = infrastructure
        self._root = root
        self.home = home
        self.data = home / "data"
        self.working = home / "source" / root
        self.unsaved_state = home / _UNSAVED
        self._plans = home / "plans"
        self._marker = home / "initialised"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes of this machine out. Raises Refused E_LOCKED."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.home / "lock").open("w") as lock:
            deadline = time.monotonic() + _BUSY_SECONDS
            while not _locked(lock.fileno()):
                if time.monotonic() > deadline:
                    raise self._busy()
                time.sleep(0.2)
            yield

    def is_in_use(self) -> bool:
        """Say whether a process of this machine works in it; true where that cannot be seen."""
        processes = Path("/proc")
        if not processes.is_dir():
            return True
        return any(_works_in(process, self.home) for process in processes.glob("[0-9]*"))

    def is_left(self) -> bool:
        """Say whether all processes have left it, waiting a little for those that end just now."""
        deadline = time.monotonic() + _LEAVING_SECONDS
        while self.is_in_use():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        return True

    def copy_sources(self, added: Mapping[str, bytes] = MappingProxyType({})) -> str:
        """Make `source/` exactly the infrastructure's and return a hash of its content.

        `added` are files of ours beside the root's, by name.
        """
        ours = {f"{self._root}/{name}": content for name, content in added.items()}
        files = self._source_files() | ours
        self.rescue_state()
        lock = self.working / _LOCK_FILE
        kept = lock.read_bytes() if lock.is_file() else None
        shutil.rmtree(self.home / "source", ignore_errors=True)
        for name, content in files.items():
            target = self.home / "source" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if kept is not None and not lock.exists():
            lock.write_bytes(kept)
        return _hash_of(files)

    def add_source(self, name: str, text: str) -> None:
        """Put a file of ours beside the root's, until the sources are copied again."""
        (self.working / name).write_text(text, encoding="utf-8")

    def is_initialised(self, fingerprint: str) -> bool:
        """Say whether `terraform init` was done here for this fingerprint."""
        return (
            (self.working / _LOCK_FILE).is_file()
            and self._marker.is_file()
            and self._marker.read_text() == fingerprint
        )

    def mark_initialised(self, fingerprint: str) -> None:
        """Remember that `terraform init` was done."""
        self._marker.write_text(fingerprint)

    def new_plan(self) -> Path:
        """Return a path for a plan; plans hold secrets, so only the owner may read them."""
        self._plans.mkdir(exist_ok=True, mode=0o700)
        for left in self._plans.iterdir():
            if time.time() - left.stat().st_mtime > _PLAN_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
        return Path(tempfile.mkdtemp(dir=self._plans)) / "plan"

    def discard_plan(self, plan: Path) -> None:
        """Remove a plan and what lies beside it."""
        if plan.parent.parent == self._plans:
            shutil.rmtree(plan.parent, ignore_errors=True)

    def rescue_state(self) -> bool:
        """Carry a state that could not be saved out of the sources; say whether there is one."""
        left = self.working / _UNSAVED
        if left.is_file():
            left.replace(self.unsaved_state)
        return self.unsaved_state.is_file()

    def _source_files(self) -> dict[str, bytes]:
        folders = [self._infrastructure / self._root, self._infrastructure / "modules"]
        files = {
            str(path.relative_to(self._infrastructure)): path.read_bytes()
            for folder in folders
            for path in sorted(folder.rglob("*"))
            if path.is_file() and self._is_copied(path)
        }
        if not any(name.startswith(f"{self._root}/") for name in files):
            raise ConfigError(
                "E_INFRASTRUCTURE",
                f"there is no Terraform in {folders[0]}",
                hint="set infrastructure_directory of the environment to the repository's folder",
            )
        return files

    def _is_copied(self, path: Path) -> bool:
        inside = path.relative_to(self._infrastructure).parts
        hidden = any(part.startswith(".") for part in inside[:-1]) or "tests" in inside
        return not hidden and (_COPIED.fullmatch(path.name) is not None or path.name == _LOCK_FILE)

    def _busy(self) -> Refused:
        return Refused(
            "E_LOCKED",
            f"another process of this machine is running Terraform for {self.home.name}",
            hint="wait for it, then run the same again",
        )


def default_home() -> Path:
    """Return where work directories are kept: in the user's state."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "delightful" / "terraform"


def write_variables(plan: Path, variables: Mapping[str, JsonValue]) -> Path:
    """Write the variables beside a plan, where its folder's mode protects them."""
    path = plan.with_name("variables.tfvars.json")
    path.write_text(json.dumps(variables, sort_keys=True))
    return path


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").readlink().is_relative_to(folder)
    except OSError:
        # It is gone, or not ours to look at.
        return False


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _hash_of(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
