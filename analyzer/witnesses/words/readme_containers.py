"""How a README runs the project's image: at which port, or in the background without one."""

import re
from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, quoted, quoted_match
from analyzer.languages.service_ports import own_port
from analyzer.patterns import Pattern
from analyzer.witnesses.words.own_names import is_own
from delightful.recommendation import Confidence

_RUNS: Final = ("docker run", "podman run")
_CONTAINER: Final = Pattern(r"\b(?:docker|podman) run\b(?:[^\n\\]|\\\n?){0,800}")
_PUBLISHED: Final = Pattern(r"[ \t](?:-p|--publish)[ =]?")
# Where the container listens itself stands last.
_INNER: Final = r"[\"']?(?:[^\s\"':]{1,30}:){1,2}(\d{2,5})\b(?!/udp|-\d)"
_RUN_PORT: Final = Pattern(rf"[ \t](?:-p|--publish)[ =]?{_INNER}")
_LISTED_PORT: Final = Pattern(
    rf"^[ \t]+ports:[ \t]*\n(?:[ \t]*#[^\n]*\n)?[ \t]*-[ \t]+{_INNER}", re.MULTILINE
)
_NEAREST: Final = 400
# In a terminal of the reader's own a tool is run.
_INTERACTIVE: Final = Pattern(r"[ \t](?:-it|-ti|--interactive)\b")
_LASTING: Final = Pattern(r"[ \t](?:-\w{0,3}d\w{0,3}|--detach|--restart)\b")
_REACHED: Final = Pattern(r"[ \t](?:-P|--publish-all)\b|\bports:|\btraefik\b|\bexpose:")
_ON_HOST: Final = Pattern(r"--net(?:work)?[ =]host\b|\bnetwork_mode:[ \t]*[\"']?host\b")
# How a container is called, and what it is told, say nothing of its image.
_GIVEN: Final = Pattern(r"[ \t](?:--name|--network|--net|-e|--env|-v|--volume)[ =]\S+")
_WORDS: Final = Pattern(r"[\w./-]+")
_IMAGE: Final = Pattern(r"^([ \t]+)image:[ \t]*[\"']?([\w./-]+)", re.MULTILINE)
_RESTARTED: Final = Pattern(r"\brestart:[ \t]*[\"']?(?:always|unless-stopped|on-failure)")
_MOST_LINES: Final = 40


def container_facts(path: str, text: str, names: frozenset[str]) -> Iterator[Fact]:
    """Yield what the first container that a README runs of the project's own image is."""
    runs = [match for match in _runs(text) if _is_named(match[0], names)]
    # What publishes a port in a further example alone can do without.
    first = next((m for m in runs if _is_published(m[0]) or _LASTING.search(m[0])), None)
    served = first if first and _is_published(first[0]) else None
    if served:
        yield Fact("kind", "web", "readme/container", "high", quoted_match(path, text, served))
        return
    lasting = (match for match in runs if _LASTING.search(match[0]))
    for match, said in (*((one, one[0]) for one in lasting), *_composed(text, names)):
        if not _REACHED.search(said):
            # On the host's network nobody says which ports there are.
            sure: Confidence = "low" if _ON_HOST.search(said) else "medium"
            evidence = quoted_match(path, text, match)
            yield Fact("kind", "worker", "readme/background", sure, evidence)
        return


def container_port_facts(path: str, text: str, names: frozenset[str]) -> Iterator[Fact]:
    """Yield the port at which the project's own image listens in the README's first container."""
    runs = ((match.span(), _RUN_PORT) for match in _runs(text) if _is_named(match[0], names))
    images = (match for match in _IMAGE.finditer(text) if is_own(match[2], names))
    composed = ((_span_around(text, one.start(), len(one[1])), _LISTED_PORT) for one in images)
    for (begin, end), pattern in (*runs, *composed):
        match = pattern.search(text, begin, end)
        port = own_port(match[1]) if match else None
        if match and port:
            line = max(begin, text.rfind("\n", begin, match.start(1)) + 1)
            yield Fact(
                "port", port, "readme/container-port", "high", quoted(path, text, line, match.end())
            )
            return


def _runs(text: str) -> Iterator[re.Match[str]]:
    begin = min((at for word in _RUNS if (at := text.find(word)) >= 0), default=len(text))
    for match in _CONTAINER.finditer(text, begin):
        if not _INTERACTIVE.search(match[0]):
            yield match


def _is_published(run: str) -> bool:
    return _PUBLISHED.search(run, 0, _NEAREST) is not None


def _is_named(run: str, names: frozenset[str]) -> bool:
    return any(is_own(word, names) for word in _WORDS.findall(_GIVEN.sub("", run)))


def _composed(text: str, names: frozenset[str]) -> Iterator[tuple[re.Match[str], str]]:
    """Yield each service of a compose file shown that keeps the project's image running."""
    for match in _IMAGE.finditer(text):
        if not is_own(match[2], names):
            continue
        begin, end = _span_around(text, match.start(), len(match[1]))
        if _RESTARTED.search(text, begin, end):
            yield match, text[begin:end]


def _span_around(text: str, at: int, indent: int) -> tuple[int, int]:
    """Return where the lines around a line's begin are that are indented as far as it is."""
    begin = end = at
    lines = text[max(0, at - 4000) : at].split("\n")[:-1]
    for line in reversed(lines[-_MOST_LINES:]):
        if _is_outside(line, indent):
            break
        begin -= len(line) + 1
    for line in text[at : at + 4000].split("\n")[:_MOST_LINES]:
        if _is_outside(line, indent):
            break
        end += len(line) + 1
    return begin, min(end, len(text))


def _is_outside(line: str, indent: int) -> bool:
    return bool(line.strip()) and len(line) - len(line.lstrip()) < indent
