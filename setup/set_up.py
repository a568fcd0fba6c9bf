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
import itertools  # noqa: E402
import os  # noqa: E402
import subprocess  # noqa: E402
import time  # noqa: E402
import venv  # noqa: E402
from pathlib import Path  # noqa: E402

import terraform_release  # noqa: E402

PROJECT = Path(__file__).resolve().parent.parent
ENVIRONMENT = PROJECT / ".venv"
TOOLS = PROJECT / ".tools"
STAMP = ENVIRONMENT / "delightful.stamp"
LOCK = "requirements.lock"


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


def pinned(lock: str, name: str) -> str:
    """Return the lines of a lock that pin one package, hashes included."""
    lines = lock.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(f"{name}=="))
    rest = itertools.takewhile(lambda line: line.startswith("    --hash"), lines[first + 1 :])
    return "\n".join([lines[first], *rest]) + "\n"


def install_packages() -> None:
    """Install exactly what the lock pins, then the project itself, and compile it all once."""
    print("installing the pinned packages into .venv (a minute or two)", flush=True)
    venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(ENVIRONMENT)
    install_lock()
    run("pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ".")
    # Where PYTHONDONTWRITEBYTECODE is set, every start would compile Prefect again.
    compileall.compile_dir(ENVIRONMENT / "lib", quiet=2, workers=os.cpu_count() or 1)
    STAMP.write_text(fingerprint())


def install_lock() -> None:
    """Install the lock by uv, which pip brings; by pip alone where uv cannot reach an index.

    uv takes a tenth of pip's time, but knows nothing of an index that only pip is configured for.
    """
    exactly = ("--quiet", "--no-deps", "--require-hashes", "--requirement")
    only_uv = ENVIRONMENT / "uv.txt"
    only_uv.write_text(pinned((PROJECT / LOCK).read_text(), "uv"))
    run("pip", "install", *exactly, str(only_uv))
    try:
        run("uv", "pip", "install", *exactly, LOCK)
    except subprocess.CalledProcessError:
        print("uv could not install them; pip goes on with the same lock", flush=True)
        run("pip", "install", "--no-compile", *exactly, LOCK)


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
