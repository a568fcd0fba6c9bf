"""A Helm chart as text: its values by their paths, and what its templates take from them."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.documents import Node, read_nodes
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.words.project_names import project_names

_DEEPEST: Final = 8
_MOST_TEMPLATES: Final = 60
_SEVERAL: Final = 2
_VALUE: Final = Pattern(r"\.Values\.([\w.]+)")
_DEFAULT: Final = Pattern(r"default[ \t]+\"?([\w/.-]+)\"?|or[ \t]+\"?([\w/.-]+)\"?[ \t]*\}")
_ENTRANCE: Final = Pattern(r"^[ \t]*kind:[ \t]*(?:Ingress|HTTPRoute|VirtualService)\b", re.M)
_SERVICE: Final = Pattern(r"^[ \t]*kind:[ \t]*Service\b", re.M)
_FOR_WATCHING: Final = Pattern(r"(?i)metrics|prometheus|health")
_PORT: Final = Pattern(r"\btargetPort:")
_WORKLOAD: Final = Pattern(r"^kind:[ \t]*(?:Deployment|StatefulSet|DaemonSet|Rollout)\b", re.M)


@dataclass(frozen=True)
class Found:
    """A value and the file, its text and the line that it stands in."""

    value: str
    path: str
    text: str
    line: int


@dataclass(frozen=True)
class Chart:
    """A chart's folder, its own file, its values and its templates of things that run."""

    folder: str
    values: Mapping[str, Found]
    templates: tuple[tuple[str, str], ...]
    has_entrance: bool

    @property
    def is_above(self) -> bool:
        """Say whether the chart is not the service's alone."""
        return self.folder.startswith("../")

    def filled(self, path: str, text: str, line: int, word: str) -> Found | None:
        """Return what a template's word comes to: itself, a value, or the default beside it."""
        if "{{" not in word:
            return Found(word.strip("\"' "), path, text, line)
        for match in _VALUE.finditer(word):
            found = self.values.get(match[1])
            if found and found.value:
                return found
        default = _DEFAULT.search(word)
        return Found(default[1] or default[2], path, text, line) if default else None


def charts_of(tree: SourceTree) -> list[Chart]:
    """Return the chart of the service: the one that bears its name, else the only one.

    Where the service has none, the only one above it, which may have templates for each service.
    """
    for paths in (tree.paths, tree.outer):
        folders = [
            posixpath.dirname(path)
            for path in paths
            if path.endswith("Chart.yaml") and not is_aside(path)
        ]
        outer = [f for f in folders if not any(f.startswith(f"{o}/") for o in folders if o != f)]
        if len(outer) > 1:
            names = project_names(tree) | {posixpath.basename(tree.folder).lower()}
            outer = [folder for folder in outer if posixpath.basename(folder) in names]
        if outer:
            return [_chart(tree, paths, outer[0])] if len(outer) == 1 else []
    return []


def _chart(tree: SourceTree, paths: Sequence[str], folder: str) -> Chart:
    path = posixpath.join(folder, "values.yaml")
    text = tree.text(path) or ""
    document = read_nodes(text)
    values = dict(_flat(path, text, document, "", 0)) if document else {}
    place = posixpath.join(folder, "templates/")
    names = [name for name in paths if name.startswith(place)][:_MOST_TEMPLATES]
    texts = [(name, tree.text(name) or "") for name in names if "/tests/" not in name]
    return Chart(
        folder,
        values,
        tuple((n, t) for n, t in texts if _WORKLOAD.search(t)),
        has_entrance=any(_is_entrance(t) for _, t in texts),
    )


def _is_entrance(template: str) -> bool:
    """Say whether a template sends others to the service than those who watch it."""
    if _ENTRANCE.search(template):
        return True
    is_watched = _FOR_WATCHING.search(template) and len(_PORT.findall(template)) < _SEVERAL
    return _SERVICE.search(template) is not None and not is_watched


def _flat(path: str, text: str, node: Node, above: str, depth: int) -> Iterator[tuple[str, Found]]:
    if depth > _DEEPEST:
        return
    for key, entry in node.entries.items():
        name = f"{above}.{key}" if above else key
        if entry.entries:
            yield from _flat(path, text, entry, name, depth + 1)
        elif entry.text:
            yield name, Found(entry.text, path, text, entry.line)
