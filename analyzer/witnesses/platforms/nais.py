"""Nais' manifests: port, probes, variables and stores of an application on its platform.

They are templates as often as not, so they are read line by line.
"""

import re
from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, is_port, quoted
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.reading.path import url_path_fault
from delightful.recommendation import Confidence

_FOLDERS: Final = (".nais", "nais")
_NAMES: Final = ("nais.yaml", "nais.yml", "naiserator.yaml", "naiserator.yml")
_APPLICATION: Final = Pattern(r"^kind:[ \t]*[\"']?Application\b", re.MULTILINE)
_PORT: Final = Pattern(r"^  port:[ \t]*(\d{2,5})\b", re.MULTILINE)
_PROBES: Final[tuple[tuple[str, Confidence], ...]] = (("readiness", "high"), ("liveness", "medium"))
_PROBE: Final = r"^  {}:[ \t]*\n(?:    [^\n]*\n){{0,6}}?    path:[ \t]*[\"']?([\w./-]+)"
_VARIABLES: Final = Pattern(r"^  env:[ \t]*\n((?:(?:  [ -]| *\{\{)[^\n]*\n){1,200})", re.MULTILINE)
_NAME: Final = Pattern(r"^ +- name:[ \t]*([A-Z][A-Z0-9_]+)[ \t]*$", re.MULTILINE)
_STORES: Final = (
    ("database", "postgres", Pattern(r"\btype:[ \t]*POSTGRES_\d+")),
    ("cache", "redis", Pattern(r"^  (?:redis|valkey):[ \t]*\n", re.MULTILINE)),
)
_MOST_FILES: Final = 8


def nais_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what the manifests of the application say."""
    below = [path for folder in _FOLDERS for path in tree.below(folder)]
    paths = [path for path in (*_NAMES, *below) if path.endswith((".yaml", ".yml"))]
    for path in [path for path in paths if path in tree][:_MOST_FILES]:
        text = tree.text(path) or ""
        if "nais.io/" in text and _APPLICATION.search(text):
            yield from _facts(path, text)


def _facts(path: str, text: str) -> Iterator[Fact]:
    port = _PORT.search(text)
    if port and is_port(port[1]):
        evidence = quoted(path, text, port.start(), port.end())
        yield Fact("port", int(port[1]), "nais/port", "high", evidence)
    for probe, sure in _PROBES:
        asked = re.search(_PROBE.format(probe), text, re.MULTILINE)
        if asked and url_path_fault(f"/{asked[1].lstrip('/')}") is None:
            evidence = quoted(path, text, asked.start(1), asked.end(1))
            health = f"/{asked[1].lstrip('/')}"
            yield Fact("health_path", health, "nais/probe", sure, evidence)
    variables = _VARIABLES.search(text)
    for name in _NAME.finditer(text, *variables.span(1)) if variables else ():
        evidence = quoted(path, text, name.start(1), name.end(1))
        yield Fact("environment_variables", name[1], "nais/variable", "high", evidence)
    for field, flavour, pattern in _STORES:
        store = pattern.search(text)
        if store:
            evidence = quoted(path, text, store.start(), store.end())
            yield Fact(field, flavour, "nais/store", "high", evidence)
