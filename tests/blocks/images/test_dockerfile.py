"""The command and environment of a Dockerfile's last stage are read as Docker reads them."""

import pytest

from blocks.images.dockerfile import RunInstructions, run_instructions


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ('FROM x\nCMD ["python3", "server.py"]', ("python3", "server.py")),
        ("FROM x\nCMD python3 server.py", ("/bin/sh", "-c", "python3 server.py")),
        ('FROM x\nENTRYPOINT ["node"]\nCMD ["a.js"]', ("node", "a.js")),
        ('FROM x\nCMD ["old"]\nENTRYPOINT ["node"]', ("node",)),
        ('FROM x\nCMD ["one"]\nCMD ["two"]', ("two",)),
        ('FROM x AS build\nCMD ["build"]\nFROM y', None),
        ('from x\ncmd [ "a", \\\n# why\n "b" ]', ("a", "b")),
        ('FROM x\r\nCMD ["a"]\r\n', ("a",)),
        ("", None),
    ],
)
def test_command_is_the_last_stages(text: str, command: tuple[str, ...] | None) -> None:
    """Exec form, shell form, entry point and continued lines give one command."""
    assert run_instructions(text).command == command


def test_environment_is_the_last_stages() -> None:
    """Both forms of ENV count, quotes are taken off, and an earlier stage's are forgotten."""
    text = 'FROM a\nENV OLD=1\nFROM b\nENV A=1 \\\n    B="two words"\nENV C three words'
    assert run_instructions(text) == RunInstructions(
        environment={"A": "1", "B": "two words", "C": "three words"}
    )
