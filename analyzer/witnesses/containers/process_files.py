"""Files of process managers inside a container: supervisord, uWSGI and s6."""

import re
from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, quoted_line
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.command_lines import is_worker_command
from analyzer.witnesses.containers.compose_file import LESSER
from analyzer.witnesses.containers.managers import s6_runs

_NAME: Final = Pattern(
    r"(?:.*/)?(?:supervisor[\w.-]*\.(?:conf|ini)|[\w.-]*\.ini|supervisor[\w.-]*/[\w.-]*\.conf)"
)
_SOCKET: Final = Pattern(r"(?:http-socket|http|socket)[ \t]*=[ \t]*(?:\S*:)?(\d{2,5})$")
_SPEAKS_HTTP: Final = Pattern(r"^protocol[ \t]*=[ \t]*http\b", re.MULTILINE)
_DAEMON: Final = Pattern(r"(?:smart-)?attach-daemon2?[ \t]*=[ \t]*(\S.*)$")
_PROGRAM: Final = Pattern(r"command[ \t]*=[ \t]*(\S.*)$")
_MOST_FILES: Final = 20


def process_file_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield workers that are run beside the server, and the port that uWSGI listens on."""
    yield from _s6(tree)
    for path in _paths(tree)[:_MOST_FILES]:
        text = tree.text(path) or ""
        if "[uwsgi]" not in text and "[program:" not in text:
            continue
        is_http = bool(_SPEAKS_HTTP.search(text))
        for line, content in _unconditional(text):
            for field, value, rule in _said(content, is_http=is_http):
                evidence = quoted_line(path, text, line)
                yield Fact(field, value, rule, "medium", evidence)


def _s6(tree: SourceTree) -> Iterator[Fact]:
    for _, path in s6_runs(tree):
        text = tree.text(path) or ""
        for number, line in enumerate(text.split("\n"), start=1):
            if "exec" in line and is_worker_command(line):
                evidence = quoted_line(path, text, number)
                yield Fact("worker", True, "process-file/s6", "medium", evidence)


def _paths(tree: SourceTree) -> list[str]:
    named = [path for path in tree.ending(".conf", ".ini") if _NAME.fullmatch(path.lower())]
    return [path for path in named if not is_aside(path) and not LESSER.search(path)]


def _unconditional(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that always hold: uWSGI's `if-env` holds where something is set."""
    is_open = True
    for number, line in enumerate(text.split("\n"), start=1):
        content = line.strip()
        if content.startswith(("if-env", "if-opt", "if-file", "if-exists")):
            is_open = False
        elif content.startswith("endif"):
            is_open = True
        elif is_open and not content.startswith(("#", ";")):
            yield number, content


def _said(content: str, *, is_http: bool) -> Iterator[tuple[str, int | bool, str]]:
    socket = _SOCKET.match(content)
    if socket and (content.startswith("http") or is_http):
        yield "port", int(socket[1]), "process-file/uwsgi-port"
    if _DAEMON.match(content):
        yield "worker", True, "process-file/uwsgi-daemon"
    program = _PROGRAM.match(content)
    # A scheduler beside the server is no process type: it goes where the server goes.
    if program and is_worker_command(program[1]) and "schedule:" not in program[1]:
        yield "worker", True, "process-file/supervisor"
