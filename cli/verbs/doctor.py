"""`delightful doctor`: what this machine has of what Delightful needs."""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import json_option
from cli.terminal import print_json, print_text

if TYPE_CHECKING:
    from delightful.release import Check

MARKS = {True: "ok        ", False: "MISSING   ", None: "unchecked "}
TIMEOUT_SECONDS = 60


@click.command(name="doctor")
@json_option
def command(as_json: bool) -> int:
    """Check this machine: Python, git, Terraform, its AWS provider, containers, sandbox.

    Exit code 6 where something that every rehearsal needs is missing. What is optional says what
    takes its place.
    """
    from delightful.errors import ExitCode

    found = [check() for check in CHECKS]
    if as_json:
        print_json([check.model_dump(mode="json") for check in found])
    else:
        for check in found:
            print_text(f"{MARKS[check.ok]} {check.name:<20} {check.detail}")
    return ExitCode.UNREACHABLE if any(check.ok is False for check in found) else ExitCode.GOOD


def _check(name: str, ok: bool | None, detail: str) -> "Check":
    from delightful.release import Check

    return Check(name=name, ok=ok, detail=detail)


def _python() -> "Check":
    return _check("python", sys.version_info >= (3, 11), platform.python_version())


def _git() -> "Check":
    answer = _answer("git", "--version")
    return _check("git", answer is not None, answer or "not on PATH → install git")


def _terraform() -> "Check":
    answer = _answer("terraform", "version", "-json")
    if answer is None:
        return _check(
            "terraform", False, "not on PATH → run `make setup`, or install 1.11 or newer"
        )
    version = str(json.loads(answer)["terraform_version"])
    new_enough = tuple(int(part) for part in version.split("-")[0].split(".")[:2]) >= (1, 11)
    return _check("terraform", new_enough, f"{version} at {shutil.which('terraform')}")


def _provider() -> "Check":
    from sandbox.terraform_config import find_mirror, mirror_candidates

    mirror = find_mirror(mirror_candidates(dict(os.environ), Path.home()))
    if mirror is None:
        return _check("aws provider", None, "no mirror here; Terraform downloads it when it runs")
    return _check("aws provider", True, f"from the mirror {mirror}")


def _containers() -> "Check":
    from sandbox.ecs.engines import working_engine

    with tempfile.TemporaryDirectory(prefix="delightful-doctor-") as folder:
        engine = working_engine(Path(folder))
    if engine is None:
        return _check("container engine", None, "none works; the sandbox runs plain processes")
    return _check("container engine", True, f"{engine.kind} runs containers")


def _load_balancer() -> "Check":
    found = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/sbin")
    if found is None:
        return _check("load balancer", None, "no haproxy; the sandbox's own proxy serves")
    return _check("load balancer", True, f"haproxy at {found}")


def _sandbox() -> "Check":
    from sandbox import lifecycle
    from sandbox.settings import default_directory

    running = lifecycle.describe(default_directory())
    if running is None:
        return _check("sandbox", None, "none runs; `delightful sandbox up` starts one")
    return _check("sandbox", True, f"runs at {running.aws_endpoint_url}")


def _answer(*command: str) -> str | None:
    """Return what a program prints, or None where it is missing or fails."""
    try:
        answer = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=True,
            env={**os.environ, "CHECKPOINT_DISABLE": "1"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


CHECKS: tuple[Callable[[], "Check"], ...] = (
    _python,
    _git,
    _terraform,
    _provider,
    _containers,
    _load_balancer,
    _sandbox,
)
