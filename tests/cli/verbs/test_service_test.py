"""`delightful test` runs what the manifest names, and says so where it names nothing."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.verbs.test import command
from delightful.errors import ConfigError, DelightfulError


def ran(folder: Path, command_line: str | None) -> Result:
    """Run the command in a folder whose manifest names a test command."""
    build = f"build:\n  test_command: {command_line}\n" if command_line else ""
    (folder / ".delightful.yaml").write_text(f"service: shop\n{build}")
    return CliRunner().invoke(command, [str(folder)], catch_exceptions=False, standalone_mode=False)


def test_runs_it_in_the_services_folder_without_a_shell(tmp_path: Path) -> None:
    """What a shell would expand stays as it is written."""
    ran(tmp_path, "[touch, $HOME]")
    assert (tmp_path / "$HOME").is_file()


def test_a_failed_test_fails(tmp_path: Path) -> None:
    """Its exit code is told, and the job ends with 1."""
    with pytest.raises(DelightfulError, match=r"E_TESTS .*ended with 3") as failed:
        ran(tmp_path, "[sh, -c, exit 3]")
    assert failed.value.exit_code == 1


def test_a_command_that_is_not_installed_is_named(tmp_path: Path) -> None:
    """The reader is told which one to install."""
    with pytest.raises(ConfigError, match=r"E_TOOL .*no-such-tool"):
        ran(tmp_path, "[no-such-tool]")


def test_not_tested_is_never_said_to_have_passed(tmp_path: Path) -> None:
    """A service without a test command goes on, and the log says that nothing was tested."""
    assert "not tested" in ran(tmp_path, None).output
