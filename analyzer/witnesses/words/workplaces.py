"""Where people work on a service: containers to develop in, tasks, scripts and workflows."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.facts import Fact, quoted
from analyzer.languages.health_routes import meaning_of
from analyzer.languages.service_ports import names_own_port, own_port
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

# What is read here says where a service answers, not that it is one.
WORKPLACE_RULES: Final = frozenset(
    {"workplace/forwarded-port", "workplace/task-port", "workplace/asked"}
)
_CONTAINERS: Final = (".devcontainer/devcontainer.json", ".devcontainer.json", ".gitpod.yml")
_FORWARDED: Final = Pattern(
    r"\"(?:forwardPorts|appPort)\"\s*:\s*\[?([\d\s,\"':]{2,80})|^ *-? *port:[ \t]*(\d{2,5})[ \t]*$",
    re.MULTILINE,
)
_NUMBER: Final = Pattern(r"\d{2,5}")
_TASKS: Final = (
    *("Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", ".justfile"),
    *("Taskfile.yml", "Taskfile.yaml", "mise.toml", ".mise.toml", ".envrc"),
)
# A variable of the tasks or of one command, and what a container is published as.
_SET: Final = Pattern(
    r"(?:^|[ \t])(?:export[ \t]+)?((?:[A-Z]+_){0,3}PORT)[ \t]*(?:[:?]?=|:)[ \t]*"
    r"[\"']?(\d{2,5})[\"']?(?=[ \t]|$)",
    re.MULTILINE,
)
_PUBLISHED: Final = Pattern(
    r"\bdocker run\b(?:[^\n]|\\\n){0,200}?[ \t](?:-p|--publish)[ =]?[\"']?"
    r"[\w.$(){}:]{1,40}:(\d{2,5})\b(?!/udp)"
)
_COMMENTED: Final = Pattern(r"[ \t]*[@-]*[ \t]*#")
_ASKED: Final = Pattern(r"\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(\d{2,5})(/[\w/.-]{2,60})")
_MOST_FILES: Final = 16
_LONGEST: Final = 64 * 1024

# The file, its text, where in it a port is said, and the port.
_Said = tuple[str, str, int, int, int]


def workplace_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield the ports and the health path that those who work on the service use."""
    forwarded = [one for path in _CONTAINERS for one in _forwarded(path, _read(tree, path))]
    yield from _ports("workplace/forwarded-port", forwarded)
    tasks = [one for path in _TASKS for one in _given(path, _read(tree, path))]
    yield from _ports("workplace/task-port", tasks)
    yield from _asked(tree)


def _read(tree: SourceTree, path: str) -> str:
    text = (tree.text(path) or "") if path in tree else ""
    return text if len(text) <= _LONGEST else ""


def _forwarded(path: str, text: str) -> Iterator[_Said]:
    # What compose publishes has other ports outside than within.
    for match in _FORWARDED.finditer(text) if "compose" not in text else ():
        group = 1 if match[1] else 2
        for number in _NUMBER.finditer(text, *match.span(group)):
            port = own_port(number[0])
            if port:
                yield path, text, number.start(), number.end(), port


def _given(path: str, text: str) -> Iterator[_Said]:
    for match in _SET.finditer(text) if "PORT" in text else ():
        port = own_port(match[2]) if names_own_port(match[1]) else None
        if port:
            yield path, text, match.start(1), match.end(2), port
    for match in _PUBLISHED.finditer(text) if "docker run" in text else ():
        port = own_port(match[1])
        if port and not _COMMENTED.match(text, text.rfind("\n", 0, match.start()) + 1):
            yield path, text, match.start(1), match.end(1), port


def _ports(rule: str, said: Sequence[_Said]) -> Iterator[Fact]:
    """Yield each port once; all are hints where there are several."""
    found: dict[int, Evidence] = {}
    for path, text, start, end, port in said:
        found.setdefault(port, quoted(path, text, start, end))
    sure: Confidence = "medium" if len(found) == 1 else "low"
    for port, evidence in found.items():
        yield Fact("port", port, rule, sure, evidence)


def _asked(tree: SourceTree) -> Iterator[Fact]:
    """Yield where scripts and workflows ask for health, if it is the same wherever they do."""
    found = [
        (path, text, match)
        for path in _scripts(tree)
        if (text := _read(tree, path))
        for match in _ASKED.finditer(text)
        if own_port(match[1]) and meaning_of(match[2]) in ("readiness", "health", "liveness")
    ]
    if len({match[1] for *_, match in found}) != 1:
        return
    path, text, match = found[0]
    evidence = quoted(path, text, match.start(), match.end())
    yield Fact("port", int(match[1]), "workplace/asked", "medium", evidence)
    if len({match[2] for *_, match in found}) == 1:
        yield Fact("health_path", match[2], "workplace/asked", "low", evidence)


def _scripts(tree: SourceTree) -> Sequence[str]:
    scripts = [path for path in tree.ending(".sh") if path.count("/") < 3 and not is_aside(path)]
    workflows = [path for path in tree.below(".github/workflows") if path.endswith("ml")]
    return [*(path for path in _TASKS if path in tree), *workflows, *scripts][:_MOST_FILES]
