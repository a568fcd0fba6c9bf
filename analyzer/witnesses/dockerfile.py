"""The Dockerfile: what the image says of itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from pydantic import JsonValue

from analyzer.facts import Fact, is_port, quoted_line
from analyzer.tree import SourceTree
from analyzer.witnesses.dockerfile_instructions import (
    Instruction,
    Stage,
    environment_of,
    final_stages,
    words_of,
)
from delightful.reading.path import url_path_fault
from delightful.recommendation import Evidence

NAMES = ("Dockerfile", "Containerfile")

_LANGUAGE_OF_IMAGE = {
    "python": "python",
    "node": "node",
    "golang": "go",
    "eclipse-temurin": "java",
    "openjdk": "java",
    "amazoncorretto": "java",
    "ruby": "ruby",
    "php": "php",
    "rust": "rust",
    "elixir": "elixir",
    "aspnet": "dotnet",
}
_VERSION = re.compile(r"v?(\d+(?:\.\d+){0,2})(?=$|[-_.a-z])")
# The path of an URL on the container itself.
LOCAL_URL_PATH = re.compile(
    r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::[^/\s\"']+)?(/[\w.~/-]*)"
)
_PORT_FLAG = re.compile(r"(?:--port[= ]|--bind[= ]\S*:|-b \S*:|-p )(\d{2,5})\b")


@dataclass(frozen=True)
class _Finding:
    """A value, the instruction that gives it and the word in it that says so ("" for all)."""

    field: str
    value: JsonValue
    rule: str
    step: Instruction
    word: str = ""


_STARTERS = ("CMD", "ENTRYPOINT")
_Commands = dict[str, Instruction]


def dockerfile_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what the Dockerfile in the root says; the last stage and what it is built on."""
    name = next((name for name in NAMES if name in tree), None)
    text = tree.text(name) if name else None
    if name is None or text is None:
        return
    stages = final_stages(text)
    steps = [step for stage in stages for step in stage.instructions]
    commands = _commands(stages)
    for finding in chain(_image(stages), _ports(steps, commands), _health(steps), _start(commands)):
        evidence = _evidence(name, text, finding)
        rule = f"dockerfile/{finding.rule}"
        yield Fact(finding.field, finding.value, rule, "high", evidence)


def _commands(stages: tuple[Stage, ...]) -> _Commands:
    # The last CMD and ENTRYPOINT of a stage hold, and a later stage overrides what it is built on.
    found: _Commands = {}
    for stage in stages:
        found = {**{s.name: s for s in stage.instructions if s.name in _STARTERS}, **found}
    return found


def _image(stages: tuple[Stage, ...]) -> Iterator[_Finding]:
    if not stages:
        return
    image, step = stages[-1].base.partition("@")[0], stages[-1].start
    name, _, tag = image.rpartition("/")[2].partition(":")
    language = _LANGUAGE_OF_IMAGE.get(name)
    if language is None:
        return
    yield _Finding("language", language, "base-image", step)
    version = _VERSION.match(tag)
    if version:
        yield _Finding("runtime_version", version[1], "base-image", step)


def _ports(steps: list[Instruction], commands: _Commands) -> Iterator[_Finding]:
    for step in steps:
        port = environment_of(step.argument).get("PORT", "") if step.name == "ENV" else ""
        if is_port(port):
            yield _Finding("port", int(port), "env-port", step, "PORT")
    for step in commands.values():
        flag = _PORT_FLAG.search(" ".join(words_of(step.argument) or ()))
        if flag and is_port(flag[1]):
            yield _Finding("port", int(flag[1]), "command-port", step, flag[1])
    for step in steps:
        words = step.argument.split() if step.name == "EXPOSE" else []
        port = words[0].partition("/")[0] if words else ""
        if is_port(port):
            yield _Finding("port", int(port), "expose", step)


def _health(steps: list[Instruction]) -> Iterator[_Finding]:
    for step in steps:
        match = LOCAL_URL_PATH.search(step.argument) if step.name == "HEALTHCHECK" else None
        if match and url_path_fault(match[1]) is None:
            yield _Finding("health_path", match[1], "healthcheck", step, match[0])


def _start(commands: _Commands) -> Iterator[_Finding]:
    words = {name: words_of(step.argument) or [] for name, step in commands.items()}
    entrypoint = words.get("ENTRYPOINT", [])
    # An ENTRYPOINT in shell form never sees the CMD.
    arguments = [] if entrypoint[:2] == ["/bin/sh", "-c"] else words.get("CMD", [])
    command: list[JsonValue] = [*entrypoint, *arguments]
    if command:
        step = commands["CMD" if arguments else "ENTRYPOINT"]
        yield _Finding("start_command", command, "command", step)


def _evidence(name: str, text: str, finding: _Finding) -> Evidence:
    lines = text.split("\n")
    for line in range(finding.step.line, len(lines) + 1) if finding.word else ():
        if finding.word in lines[line - 1]:
            return Evidence(file=name, line=line, quote=finding.word)
    return quoted_line(name, text, finding.step.line)
