"""Make a clone ready: virtual environment, pinned packages, Terraform. Run again, it does nothing.

Standard library only, and old syntax on the first lines, so that a Python that is too old can say
so instead of failing on a word it does not know.
"""

import sys

OLDEST_PYTHON = (3, 11)
if sys.version_info < OLDEST_PYTHON:
    sys.stderr.write(
        "E_PYTHON Delightful needs Python %d.%d or newer, this is %d.%d → "  # noqa: UP031
        "run make with PYTHON=/path/to/a/newer/python3\n" % (OLDEST_PYTHON + sys.version_info[:2])
    )
    sys.exit(2)

import compileall  # noqa: E402
import hashlib  # noqa: E402
import os  # noqa: E402
import subprocess  # noqa: E402
import time  # noqa: E402
import venv  # noqa: E402
from pathlib import Path  # noqa: E402

import locked_packages  # noqa: E402
import terraform_release  # noqa: E402

PROJECT = Path(__file__).resolve().parent.parent
ENVIRONMENT = PROJECT / ".venv"
TOOLS = PROJECT / ".tools"
STAMP = ENVIRONMENT / "delightful.stamp"
LOCK = "requirements.lock"
PACKAGES = ("analyzer", "blocks", "cli", "delightful", "flows", "rehearsal", "sandbox")
EXACTLY = ("--quiet", "--no-deps", "--require-hashes", "--requirement")


def fingerprint() -> str:
    """Return a digest of everything that decides what the virtual environment holds."""
    parts = [(PROJECT / name).read_bytes() for name in (LOCK, "pyproject.toml")]
    parts += [str(PROJECT).encode(), sys.version.encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def run(*arguments: str) -> None:
    """Run a module of the environment, quietly; its errors reach the terminal."""
    command = [str(ENVIRONMENT / "bin" / "python"), "-m", *arguments]
    settings = {"VIRTUAL_ENV": str(ENVIRONMENT), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(command, check=True, cwd=PROJECT, env={**os.environ, **settings})


def install_packages() -> None:
    """Install exactly what the lock pins, then the project itself, and compile it all once."""
    print("installing the pinned packages into .venv (a minute or two)", flush=True)
    venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(ENVIRONMENT)
    install_lock()
    run("pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ".")
    # Where PYTHONDONTWRITEBYTECODE is set, every start would compile Prefect and ourselves again.
    for place in (ENVIRONMENT / "lib", *(PROJECT / package for package in PACKAGES)):
        compileall.compile_dir(place, quiet=2, workers=os.cpu_count() or 1)
    STAMP.write_text(fingerprint())


def install_lock() -> None:
    """Install the lock by uv, which pip brings."""
    only_uv = ENVIRONMENT / "uv.txt"
    only_uv.write_text(locked_packages.pins((PROJECT / LOCK).read_text())["uv"].lines)
    run("pip", "install", *EXACTLY, str(only_uv))
    install_into(ENVIRONMENT, LOCK)


def install_into(environment: Path, lock: str) -> None:
    """Install a lock into an environment by uv; by pip alone where uv cannot reach an index.

    uv takes a tenth of pip's time, but knows nothing of an index that only pip is configured for.
    """
    try:
        run("uv", "pip", "install", "--python", str(environment), *EXACTLY, lock)
    except subprocess.CalledProcessError:
        print("uv could not install them; pip goes on with the same lock", flush=True)
        run("pip", "--python", str(environment), "install", "--no-compile", *EXACTLY, lock)


def main() -> int:
    """Set the clone up and say what was done; return the exit code."""
    started = time.monotonic()
    try:
        if not STAMP.exists() or STAMP.read_text() != fingerprint():
            install_packages()
        terraform = terraform_release.ensure(TOOLS)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"E_SETUP {' '.join(error.cmd[:4])} failed → read the lines above\n")
        return 6
    except terraform_release.TerraformMissing as error:
        sys.stderr.write(f"E_TERRAFORM {error}\n")
        return 6
    seconds = time.monotonic() - started
    if seconds > 1:
        print(f"set up in {seconds:.0f} s: .venv/bin/delightful, {terraform}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
