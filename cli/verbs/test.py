"""`delightful test`: the service's own tests, by the command that its manifest names."""

import subprocess
from pathlib import Path

import click

from delightful.errors import ConfigError, DelightfulError


@click.command(name="test")
@click.argument(
    "source", type=click.Path(path_type=Path, exists=True, file_okay=False), default="."
)
def command(source: Path) -> int:
    """Run the command that tests the service in SOURCE: `build.test_command` of its manifest.

    It is run as it is written, without a shell, in the manifest's folder. A service that names
    none is not tested, and this says so.
    """
    from analyzer import read_manifest_of
    from cli.analyzed_source import tree_of

    manifest = read_manifest_of(tree_of(str(source), ""))
    words = manifest.build.test_command if manifest is not None else None
    if words is None:
        click.echo("not tested: no build.test_command in .delightful.yaml", err=True)
        return 0
    _run(words, source)
    return 0


def _run(words: tuple[str, ...], folder: Path) -> None:
    try:
        code = subprocess.run(words, cwd=folder, check=False).returncode
    except OSError as error:
        raise ConfigError(
            "E_TOOL",
            f"build.test_command: {words[0]}: {error.strerror}",
            hint="install it on this machine, or name another command in .delightful.yaml",
        ) from error
    if code != 0:
        raise DelightfulError(
            "E_TESTS",
            f"build.test_command ended with {code}",
            hint="put right what its last lines name; nothing was built",
        )
