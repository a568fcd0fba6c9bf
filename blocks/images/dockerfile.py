"""What a Dockerfile's last stage says about running: its command and its environment."""

import json
import re
import shlex
from collections.abc import Iterator

from pydantic import Field

from delightful.frozen import Frozen

_CONTINUED = re.compile(r"\\[ \t]*\n")
_COMMENT = re.compile(r"^[ \t]*#.*\n?", re.MULTILINE)
_INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)[ \t]+(.*\S)[ \t]*")


class RunInstructions(Frozen):
    """How a container of the image starts; `command` is None where the base image decides."""

    command: tuple[str, ...] | None = None
    environment: dict[str, str] = Field(default_factory=dict)


def run_instructions(text: str) -> RunInstructions:
    """Return the command and the environment that the last stage sets."""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    for name, value in _instructions(text):
        if name == "FROM":
            entrypoint, command, environment = (), (), {}
        elif name == "ENTRYPOINT":
            entrypoint, command = _command(value), ()
        elif name == "CMD":
            command = _command(value)
        elif name == "ENV":
            environment |= _environment(value)
    return RunInstructions(command=(entrypoint + command) or None, environment=environment)


def base_images(text: str) -> tuple[str, ...]:
    """Return the images that the stages begin with, each once; earlier stages are left out."""
    bases: dict[str, None] = {}
    stages: set[str] = set()
    for name, value in _instructions(text):
        words = [word for word in value.split() if not word.startswith("--")]
        if name != "FROM" or not words:
            continue
        if words[0].lower() not in stages:
            bases[words[0]] = None
        if len(words) == 3 and words[1].upper() == "AS":
            stages.add(words[2].lower())
    return tuple(bases)


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    plain = _COMMENT.sub("", text.replace("\r\n", "\n"))
    for line in _CONTINUED.sub(" ", plain).splitlines():
        matched = _INSTRUCTION.fullmatch(line)
        if matched is not None:
            yield matched[1].upper(), matched[2]


def _command(value: str) -> tuple[str, ...]:
    try:
        words = json.loads(value)
    except ValueError:
        words = None
    if isinstance(words, list) and all(isinstance(word, str) for word in words):
        return tuple(words)
    return ("/bin/sh", "-c", value)


def _environment(value: str) -> dict[str, str]:
    try:
        words = shlex.split(value)
    except ValueError:
        return {}
    if words and "=" not in words[0]:
        return {words[0]: value.partition(words[0])[2].strip()}
    return dict(word.split("=", 1) for word in words if "=" in word)
