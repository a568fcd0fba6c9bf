"""The workflows run commands that there are, with options that they have."""

import re
import shlex

import click
import pytest

from cli.main import delightful
from tests.definitions.workflow_files import STEPS, Step

COMMANDS = [
    (step, words)
    for step in STEPS
    if "run" in step.content
    for words in [shlex.split(step.content["run"].replace("\\\n", " "), comments=True)]
    if "delightful" in words
]


@pytest.mark.parametrize(("step", "words"), COMMANDS, ids=[step.place for step, _ in COMMANDS])
def test_every_command_and_flag_exists(step: Step, words: list[str]) -> None:
    """What a step runs is a verb of the command, with options that it has and all that it needs."""
    start = words.index("delightful")
    verb, *arguments = words[start + 1 :]
    redirections = [at for at, word in enumerate(arguments) if word.startswith(">")]
    arguments = arguments[: redirections[0]] if redirections else arguments
    filled = [re.sub(r"\$\{?\w+\}?", "1", argument) for argument in arguments]
    command = delightful.get_command(click.Context(delightful), verb)
    assert command is not None, verb
    parser = command.make_parser(click.Context(command))
    given, left, _ = parser.parse_args(args=filled)
    required = {one.name for one in command.params if one.required and one.name}
    assert required <= given.keys()
    assert left == []


def test_every_command_was_looked_at() -> None:
    """Steps that run the command are found, however they are written."""
    verbs = {words[words.index("delightful") + 1] for _, words in COMMANDS}
    assert verbs == {"analyze", "build", "comment", "deploy", "drift", "rollback", "test"}
