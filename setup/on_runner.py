"""Put the command `delightful` on a runner of GitHub Actions: `python setup/on_runner.py FOLDER`.

Only the packages that running needs, each by its hash. The command lies in a folder of its own, so
that the `python` of the service that is tested stays the runner's. Standard library only.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

import locked_packages

PROJECT = Path(__file__).resolve().parent.parent
EXACTLY = ("--quiet", "--no-deps", "--require-hashes", "--requirement")


def install(environment: Path) -> Path:
    """Make the environment; return the folder in which the command lies alone."""
    # The runner's own pip installs into it: another one would take as long as all packages.
    venv.EnvBuilder(symlinks=True).create(environment)
    python = environment / "bin" / "python"
    lock = (PROJECT / "requirements.lock").read_text()
    _pip(python, "install", *EXACTLY, _requirements(environment, lock, "uv"))
    needed = _requirements(environment, lock, str(PROJECT / "pyproject.toml"))
    try:
        _run(str(python), "uv", "pip", "install", "--python", str(python), *EXACTLY, needed)
    except subprocess.CalledProcessError:
        # uv knows nothing of an index that only pip is configured for.
        _pip(python, "install", *EXACTLY, needed)
    return write_command(environment, python).parent


def _requirements(environment: Path, lock: str, wanted: str) -> str:
    """Write the pins that a package or a project's file leads to; return the file's name."""
    pins = locked_packages.pins(lock)
    names = locked_packages.needed(pins, locked_packages.dependencies(wanted))
    file = environment / f"{Path(wanted).stem}.txt"
    file.write_text("".join(pins[name].lines for name in names))
    return str(file)


def _pip(python: Path, *arguments: str) -> None:
    into = ("--python", str(python))
    _run(sys.executable, "pip", "--disable-pip-version-check", *into, *arguments)


def _run(python: str, *module: str) -> None:
    subprocess.run([python, "-m", *module], check=True)


def write_command(environment: Path, python: Path) -> Path:
    """Write and return the command, and where the project's packages lie for whatever it starts."""
    packages = next((environment / "lib").glob("python3.*/site-packages"))
    (packages / "delightful-project.pth").write_text(f"{PROJECT}\n")
    command = environment / "command" / "delightful"
    command.parent.mkdir(exist_ok=True)
    # Isolated: what lies in the folder where it is called is never imported.
    program = "import sys; sys.argv[0] = 'delightful'; from cli.main import main; main()"
    command.write_text(f'#!/bin/sh\nexec \'{python}\' -I -c "{program}" "$@"\n')
    command.chmod(0o755)
    return command


def main(folder: str) -> int:
    """Install into a folder and tell the runner's next steps; return the exit code."""
    try:
        command = install(Path(folder).absolute())
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"E_SETUP {' '.join(error.cmd[:4])} failed → read the lines above\n")
        return 6
    with Path(os.environ["GITHUB_PATH"]).open("a") as path:
        path.write(f"{command}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
