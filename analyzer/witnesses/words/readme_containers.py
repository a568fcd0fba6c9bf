"""How a README runs the project's image: with a published port, or in the background without."""

import re
from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, quoted_match
from analyzer.witnesses.words.own_names import is_own
from delightful.recommendation import Confidence

_RUNS: Final = ("docker run", "podman run")
_CONTAINER: Final = re.compile(r"\b(?:docker|podman) run\b(?:[^\n\\]|\\\n?){0,800}")
_PUBLISHED: Final = re.compile(r"[ \t](?:-p|--publish)[ =]?")
_NEAREST: Final = 400
# In a terminal of the reader's own a tool is run.
_INTERACTIVE: Final = re.compile(r"[ \t](?:-it|-ti|--interactive)\b")
_LASTING: Final = re.compile(r"[ \t](?:-\w{0,3}d\w{0,3}|--detach|--restart)\b")
_REACHED: Final = re.compile(r"[ \t](?:-P|--publish-all)\b|\bports:|\btraefik\b|\bexpose:")
_ON_HOST: Final = re.compile(r"--net(?:work)?[ =]host\b|\bnetwork_mode:[ \t]*[\"']?host\b")
_WORDS: Final = re.compile(r"[\w./-]+")
_IMAGE: Final = re.compile(r"^([ \t]+)image:[ \t]*[\"']?([\w./-]+)", re.MULTILINE)
_RESTARTED: Final = re.compile(r"\brestart:[ \t]*[\"']?(?:always|unless-stopped|on-failure)")
_MOST_LINES: Final = 40


def container_facts(path: str, text: str, names: frozenset[str]) -> Iterator[Fact]:
    """Yield what the first container that a README runs of the project's own image is."""
    runs = [match for match in _runs(text) if _is_named(match[0], names)]
    # What publishes a port in a further example alone can do without.
    first = next((m for m in runs if _is_published(m[0]) or _LASTING.search(m[0])), None)
    served = first if first and _is_published(first[0]) else None
    if served:
        yield Fact("kind", "web", "readme/container", "medium", quoted_match(path, text, served))
        return
    lasting = (match for match in runs if _LASTING.search(match[0]))
    for match, said in (*((one, one[0]) for one in lasting), *_composed(text, names)):
        if not _REACHED.search(said):
            # On the host's network nobody says which ports there are.
            sure: Confidence = "low" if _ON_HOST.search(said) else "medium"
            evidence = quoted_match(path, text, match)
            yield Fact("kind", "worker", "readme/background", sure, evidence)
        return


def _runs(text: str) -> Iterator[re.Match[str]]:
    begin = min((at for word in _RUNS if (at := text.find(word)) >= 0), default=len(text))
    for match in _CONTAINER.finditer(text, begin):
        if not _INTERACTIVE.search(match[0]):
            yield match


def _is_published(run: str) -> bool:
    return _PUBLISHED.search(run, 0, _NEAREST) is not None


def _is_named(run: str, names: frozenset[str]) -> bool:
    return any(is_own(word, names) for word in _WORDS.findall(run))


def _composed(text: str, names: frozenset[str]) -> Iterator[tuple[re.Match[str], str]]:
    """Yield each service of a compose file shown that keeps the project's image running."""
    for match in _IMAGE.finditer(text):
        service = _around(text, match.start(), len(match[1])) if is_own(match[2], names) else ""
        if _RESTARTED.search(service):
            yield match, service


def _around(text: str, at: int, indent: int) -> str:
    """Return the lines around a place that are indented as far as it is."""
    lines = text[max(0, at - 4000) : at].split("\n")[:-1]
    before: list[str] = []
    for line in reversed(lines[-_MOST_LINES:]):
        if _is_outside(line, indent):
            break
        before.append(line)
    after: list[str] = []
    for line in text[at : at + 4000].split("\n")[:_MOST_LINES]:
        if _is_outside(line, indent):
            break
        after.append(line)
    return "\n".join((*before, *after))


def _is_outside(line: str, indent: int) -> bool:
    return bool(line.strip()) and len(line) - len(line.lstrip()) < indent
