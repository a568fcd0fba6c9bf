"""The Procfile: one process type a line."""

import re
import shlex
from collections.abc import Iterator

from pydantic import JsonValue

from analyzer.facts import Fact, quoted_line
from analyzer.tree import SourceTree

NAME = "Procfile"

_PROCESS = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")
_SHELL = frozenset("$&|;<>`(){}*?~")
# Run once and end, or not processes of the service's own.
_NOT_WORKERS = frozenset({"web", "release"})


def procfile_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield the web process's command and whether a process type stands beside it."""
    text = tree.text(NAME)
    processes = _processes(text or "")
    for name, (command, line) in processes.items():
        evidence = quoted_line(NAME, text or "", line)
        if name == "web":
            yield Fact("kind", "web", "procfile/web", "high", evidence)
            yield Fact("start_command", argv_of(command), "procfile/web", "high", evidence)
        elif name not in _NOT_WORKERS:
            yield Fact("worker", True, "procfile/worker", "high", evidence)
            if "web" not in processes:
                yield Fact("kind", "worker", "procfile/worker", "medium", evidence)


def argv_of(command: str) -> list[JsonValue]:
    """Return a command line as arguments; what needs a shell is given to one."""
    if _SHELL.isdisjoint(command):
        try:
            words = shlex.split(command)
        except ValueError:
            words = []
        if words and "=" not in words[0]:
            return list[JsonValue](words)
    return ["/bin/sh", "-c", f"exec {command}" if _is_one_command(command) else command]


def _is_one_command(command: str) -> bool:
    # With exec the process gets the signals; a chain of commands cannot be replaced by one.
    is_chain = any(mark in command for mark in ("&", "|", ";", "(", "`"))
    return not is_chain and "=" not in command.split()[0]


def _processes(text: str) -> dict[str, tuple[str, int]]:
    processes: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        match = _PROCESS.fullmatch(line.strip())
        if match:
            processes.setdefault(match[1], (match[2].strip(), number))
    return processes
