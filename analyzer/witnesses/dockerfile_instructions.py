"""A Dockerfile as a list of instructions by stage, with the lines they stand in."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace

_INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)[ \t]+(\S.*)?")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))")


@dataclass(frozen=True)
class Instruction:
    """One instruction, continued lines joined; `line` is where it begins."""

    name: str
    argument: str
    line: int


@dataclass(frozen=True)
class Stage:
    """A FROM and what follows it; `base` has the build arguments' defaults filled in."""

    base: str
    alias: str
    start: Instruction
    instructions: tuple[Instruction, ...] = ()


def read_instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions of a Dockerfile in order; comments and blank lines are dropped."""
    parts: list[str] = []
    begun = 0
    for number, line in enumerate(text.split("\n"), start=1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        begun = begun or number
        parts.append(content.removesuffix("\\"))
        if content.endswith("\\"):
            continue
        match = _INSTRUCTION.match(" ".join(parts))
        if match:
            yield Instruction(match[1].upper(), (match[2] or "").strip(), begun)
        parts, begun = [], 0


def final_stages(text: str) -> tuple[Stage, ...]:
    """Return the last stage and the stages it is built on, the last first."""
    stages: list[Stage] = []
    arguments: dict[str, str] = {}
    for instruction in read_instructions(text):
        if instruction.name == "FROM":
            stages.append(_stage(instruction, arguments))
        elif stages:
            last = stages[-1]
            stages[-1] = replace(last, instructions=(*last.instructions, instruction))
        elif instruction.name == "ARG":
            name, _, default = instruction.argument.partition("=")
            arguments[name] = default.strip("\"'")
    return tuple(_lineage(stages))


def words_of(argument: str) -> list[str] | None:
    """Return a CMD's or ENTRYPOINT's words; the shell form is what the shell gets."""
    if argument.startswith("["):
        try:
            words = json.loads(argument)
        except ValueError:
            return None
        is_list = isinstance(words, list) and all(isinstance(word, str) for word in words)
        return words if is_list and words else None
    return ["/bin/sh", "-c", argument] if argument else None


def environment_of(argument: str) -> dict[str, str]:
    """Return an ENV's names and values; the old form `ENV NAME value` too."""
    try:
        words = shlex.split(argument)
    except ValueError:
        return {}
    if words and "=" not in words[0]:
        return {words[0]: " ".join(words[1:])}
    return dict(word.split("=", 1) for word in words if "=" in word)


def _stage(instruction: Instruction, arguments: dict[str, str]) -> Stage:
    words = [word for word in instruction.argument.split() if not word.startswith("--")]
    alias = words[2] if len(words) == 3 and words[1].lower() == "as" else ""
    return Stage(_filled(words[0], arguments) if words else "", alias, instruction)


def _filled(text: str, arguments: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda match: arguments.get(match[1] or match[3]) or match[2] or "", text)


def _lineage(stages: list[Stage]) -> Iterator[Stage]:
    wanted: str | None = None
    for stage in reversed(stages):
        if wanted is None or stage.alias == wanted:
            yield stage
            wanted = stage.base
