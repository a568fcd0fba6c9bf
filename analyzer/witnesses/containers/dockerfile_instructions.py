"""A Dockerfile as a list of instructions by stage, with the lines they stand in."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from analyzer.patterns import Pattern
from analyzer.witnesses.env_text import filled

_INSTRUCTION = Pattern(r"[ \t]*([A-Za-z]+)[ \t]+(\S.*)?")
_OTHER_STAGE = Pattern(
    r"(?:.*[-_])?(?:dev\w*|tests?|testing|debug|cli|lint|ci|docs|shell)(?:[-_].*)?"
)
_SERVING_STAGE = Pattern(
    r"(?:.*[-_])?(?:web\w*|server|app|api|prod|production|runner|runtime|release|final|default)"
    r"(?:[-_].*)?"
)
_COPIED_FROM = Pattern(r"--from=(\S+)")


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


# Several detectors ask for the same file.
@lru_cache(maxsize=16)
def read_stages(text: str) -> tuple[Stage, ...]:
    """Return the stages of a Dockerfile in order."""
    stages: list[Stage] = []
    arguments: dict[str, str] = {}
    for instruction in read_instructions(text):
        if instruction.name == "FROM":
            stages.append(_stage(instruction, arguments))
        elif stages:
            last = stages[-1]
            stages[-1] = replace(last, instructions=(*last.instructions, instruction))
        elif instruction.name == "ARG":
            arguments |= _set_by(instruction, arguments)
    return tuple(stages)


def stages_until(stages: Sequence[Stage], target: str | None) -> tuple[Stage, ...]:
    """Return the stages up to the one that is built: the target, else the one that serves.

    The last one is what a build without a target makes, unless its name says that it is for
    developing or a tool.
    """
    names = [stage.alias.lower() for stage in stages]
    if target and target.lower() in names:
        return tuple(stages[: names.index(target.lower()) + 1])
    if names and _OTHER_STAGE.fullmatch(names[-1]):
        for index in range(len(names) - 1, -1, -1):
            if _SERVING_STAGE.fullmatch(names[index]):
                return tuple(stages[: index + 1])
    return tuple(stages)


def final_stages(text: str) -> tuple[Stage, ...]:
    """Return the last stage and the stages it is built on, the last first."""
    return lineage(read_stages(text))


def lineage(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """Return the last of some stages and those of them that it is built on, the last first."""
    return tuple(_lineage(stages))


def copied_stages(stages: Sequence[Stage], final: Sequence[Stage]) -> tuple[Stage, ...]:
    """Return the stages that the final ones copy from, and those that these do, nearest first."""
    found: list[Stage] = []
    waiting = list(final)
    while waiting:
        for name in _sources(waiting.pop(0)):
            for stage in _named(stages, name):
                if stage not in found and stage not in final:
                    found.append(stage)
                    waiting.append(stage)
    return tuple(found)


def values_in(stages: Sequence[Stage]) -> dict[str, str]:
    """Return what the ARG and ENV of some stages leave set, the first stage's being the latest."""
    values: dict[str, str] = {}
    for stage in reversed(stages):
        for step in stage.instructions:
            if step.name in ("ARG", "ENV"):
                values |= _set_by(step, values)
    return values


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


def _set_by(step: Instruction, values: Mapping[str, str]) -> dict[str, str]:
    given = environment_of(step.argument)
    return {name: filled(value, values) for name, value in given.items() if value}


def _stage(instruction: Instruction, arguments: Mapping[str, str]) -> Stage:
    words = [word for word in instruction.argument.split() if not word.startswith("--")]
    alias = words[2] if len(words) == 3 and words[1].lower() == "as" else ""
    return Stage(filled(words[0], arguments) if words else "", alias, instruction)


def _sources(stage: Stage) -> Iterator[str]:
    for step in stage.instructions:
        match = _COPIED_FROM.search(step.argument) if step.name in ("COPY", "ADD", "RUN") else None
        if match:
            yield match[1]
    yield stage.base


def _named(stages: Sequence[Stage], name: str) -> Iterator[Stage]:
    if name.isdigit() and int(name) < len(stages):
        yield stages[int(name)]
    yield from (stage for stage in stages if stage.alias and stage.alias.lower() == name.lower())


def _lineage(stages: Sequence[Stage]) -> Iterator[Stage]:
    wanted: str | None = None
    for stage in reversed(stages):
        if wanted is None or (stage.alias and stage.alias.lower() == wanted.lower()):
            yield stage
            wanted = stage.base
