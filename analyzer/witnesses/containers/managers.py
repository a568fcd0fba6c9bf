"""What a process manager that an image starts runs as its server: supervisord, s6, foreman."""

import posixpath
import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.command_lines import is_worker_command
from analyzer.witnesses.containers.scripts import ScriptEnd, end_of

_PROGRAM: Final = Pattern(r"command[ \t]*=[ \t]*(\S.*)$")
_OF_PROCFILES: Final = frozenset({"foreman", "honcho", "overmind", "hivemind"})
_WEB_PROCESS: Final = Pattern(r"web:[ \t]*(\S.*)$")
_S6_RUN: Final = Pattern(r"(?:.*/)?(?:s6-rc\.d|services\.d)/([^/]+)/run")
_SERVES: Final = Pattern(r"web|server|app|api|http|nginx|main")
_MOST_FILES: Final = 40


def managed_by(tree: SourceTree, words: Sequence[str]) -> ScriptEnd | None:
    """Return the server that a command's process manager runs, or None where there is none."""
    names = [posixpath.basename(word) for word in words[:4]]
    if "supervisord" in names:
        return next(iter(sorted(_programs(tree), key=lambda end: not end.is_server)), None)
    if not _OF_PROCFILES.isdisjoint(names) and words[-1] in ("start", "web"):
        return _web_process(tree)
    return next(_s6_services(tree), None) if words and words[0] == "/init" else None


def _web_process(tree: SourceTree) -> ScriptEnd | None:
    """Return what the Procfile has for the web."""
    for number, line in enumerate((tree.text("Procfile") or "").split("\n"), start=1):
        match = _WEB_PROCESS.match(line)
        if match:
            return ScriptEnd("Procfile", number, match[0], tuple(_words(match[1])))
    return None


def s6_runs(tree: SourceTree) -> list[tuple[str, str]]:
    """Return the names of the services that s6 keeps running, and their scripts."""
    found = [(match[1], path) for path in tree.named("run") if (match := _S6_RUN.fullmatch(path))]
    return found[:_MOST_FILES]


def _s6_services(tree: SourceTree) -> Iterator[ScriptEnd]:
    for name, path in s6_runs(tree):
        end = end_of(tree, path) if _SERVES.search(name) else None
        if end is not None:
            yield end


def _programs(tree: SourceTree) -> Iterator[ScriptEnd]:
    settings = tree.ending(".conf", ".ini")
    named = [path for path in settings if "supervisor" in path and not is_aside(path)]
    for path in named[:_MOST_FILES]:
        for number, line in enumerate((tree.text(path) or "").split("\n"), start=1):
            match = _PROGRAM.match(line.strip())
            if match and not is_worker_command(match[1]) and "cron" not in match[1]:
                yield ScriptEnd(path, number, match[0], tuple(_words(match[1])))


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()
