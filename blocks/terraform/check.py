"""Whether Terraform takes the text of modules: formatted and valid. No account is asked."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from blocks.child_process import ChildCommand, required_tool, run_child
from blocks.terraform import argv
from blocks.terraform.messages import Conversation
from delightful.errors import Refused
from delightful.text import printable

_PROJECT_TOOLS = Path(__file__).resolve().parents[2] / ".tools"
_DEADLINE_SECONDS = 300.0
_SHOWN_CHARACTERS = 2000


def check_modules(files: Mapping[str, str], scratch: Path, cli_config: Path) -> None:
    """Write modules into an empty folder and ask Terraform about each.

    Args:
        files: Text by path; the first part of a path is the module's folder.
        scratch: An empty folder of ours.
        cli_config: What says where the provider comes from.

    Raises:
        ConfigError: E_TOOL, Terraform is not installed.
        ExternalError: E_TERRAFORM, the provider cannot be had; E_TIMEOUT.
        Refused: E_SAMPLE, Terraform would format a file otherwise, or finds a module invalid.
    """
    folders = (_PROJECT_TOOLS, Path(sys.executable).parent)
    terraform = required_tool("terraform", folders, "run `make setup`, or put Terraform on PATH")
    check = _Check(scratch, cli_config)
    for name, text in files.items():
        target = check.sources / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    check.judge(argv.format_argv(terraform), check.sources, "formatted")
    for module in sorted({name.partition("/")[0] for name in files}):
        check.install_provider(argv.init_without_backend_argv(terraform), check.sources / module)
        check.judge(argv.validate_argv(terraform), check.sources / module, "valid")


class _Check:
    def __init__(self, scratch: Path, cli_config: Path) -> None:
        self.sources = scratch / "modules"
        self._data = scratch / "data"
        self._cli_config = cli_config

    def install_provider(self, command: tuple[str, ...], folder: Path) -> None:
        status, lines = self._run(command, folder)
        if status:
            talk = Conversation()
            for line in lines:
                talk.hear(line)
            raise talk.failure("init")

    def judge(self, command: tuple[str, ...], folder: Path, claim: str) -> None:
        status, lines = self._run(command, folder)
        if status:
            where = "the modules" if folder == self.sources else folder.name
            said = printable("\n".join(lines).strip(), limit=_SHOWN_CHARACTERS)
            raise Refused(
                "E_SAMPLE",
                f"terraform {command[1]} does not find {where} {claim}:\n{said}\n",
                hint="nothing was written; report it with these lines",
            )

    def _run(self, command: tuple[str, ...], folder: Path) -> tuple[int, list[str]]:
        # A data folder for each: `init` of one module would drop what another one installed.
        data, lines = self._data / folder.name, list[str]()
        child = ChildCommand(
            argv=command,
            directory=folder,
            environment=argv.terraform_environment(os.environ, {}, data, self._cli_config),
            deadline_seconds=_DEADLINE_SECONDS,
        )
        return run_child(child, lines.append), lines
