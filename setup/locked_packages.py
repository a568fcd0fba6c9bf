"""What requirements.lock says: each package's pin with its hashes, and which package wanted it.

Run as a program it prints the pins that dependencies lead to. A project's file stands for what the
project needs to run, without what only rehearses or develops it:
`python setup/locked_packages.py requirements.lock pyproject.toml`. Standard library only.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_PIN = re.compile(r"([a-z0-9][a-z0-9-]*)==")
_WANTED_BY = re.compile(r"    #(?: via)?\s+([a-z0-9][a-z0-9-]*)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Pin:
    """One package as the lock has it: its lines for pip, and the names of those that want it."""

    lines: str
    wanted_by: frozenset[str]


def pins(lock: str) -> dict[str, Pin]:
    """Return every pin of a lock by the package's name."""
    return {name: _pin(lines) for name, lines in _blocks(lock)}


def _blocks(lock: str) -> Iterator[tuple[str, list[str]]]:
    lines = lock.splitlines()
    starts = [number for number, line in enumerate(lines) if _PIN.match(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        name = _PIN.match(lines[start])
        assert name is not None  # noqa: S101  (that is how the starts were found)
        yield name[1], lines[start:end]


def _pin(lines: list[str]) -> Pin:
    said = [line for line in lines if line.lstrip().startswith("#")]
    kept = [line for line in lines if line not in said]
    found = (_WANTED_BY.match(line) for line in said)
    return Pin("\n".join(kept) + "\n", frozenset(match[1] for match in found if match))


def needed(lock: Mapping[str, Pin], dependencies: list[str]) -> list[str]:
    """Return the names of the packages that the dependencies lead to, themselves among them.

    Raises:
        KeyError: the lock lacks a dependency; it is older than pyproject.toml.
    """
    found = {_normalized(requirement) for requirement in dependencies}
    for name in found:
        lock[name]
    while more := {name for name, pin in lock.items() if pin.wanted_by & found} - found:
        found |= more
    return sorted(found)


def _normalized(requirement: str) -> str:
    name = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", name[0]).lower() if name else requirement


def dependencies(argument: str) -> list[str]:
    """Return the dependencies of a project's file; anything else is a dependency itself."""
    if not argument.endswith(".toml"):
        return [argument]
    declared: list[str] = tomllib.loads(Path(argument).read_text())["project"]["dependencies"]
    return declared


def main(lock_file: str, *arguments: str) -> None:
    """Print the pins that the arguments lead to."""
    lock = pins(Path(lock_file).read_text())
    wanted = [name for argument in arguments for name in dependencies(argument)]
    print("".join(lock[name].lines for name in needed(lock, wanted)), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
