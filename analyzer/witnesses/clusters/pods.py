"""Kubernetes manifests as the containers that they run."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from analyzer.documents import Node, read_documents
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.containers.compose_file import LESSER
from analyzer.witnesses.containers.images import Image, Store, image_of, is_tool, store_of
from analyzer.witnesses.folder_names import folder_names

_FOLDERS: Final = frozenset(
    {
        ".k8s",
        "base",
        "deploy",
        "deployment",
        "deployments",
        "hokusai",
        "infra",
        "k8s",
        "kube",
        "kubernetes",
        "kubernetes-manifests",
        "kustomize",
        "manifests",
        "openshift",
    }
)
_NAME: Final = Pattern(r"(?:.*[-_.])?(?:deployments?|k8s|kube\w*|statefulset|manifests?)\b.*")
# What ports are called that only measures, probes and profiles are read from, or copies of itself.
FOR_WATCHING: Final = Pattern(
    r"(?:http-?)?(?:metrics?|prom|prometheus|monitoring|health(?:z|-?check|-?probe)?|probes?|pprof"
    r"|debug|liveness|readiness|management|remoting|gossip)(?:-?port)?"
)
_OF_THE_WEB: Final = Pattern(r"http(?!s)|web|api\b")
_LASTING: Final = frozenset(
    {"Deployment", "StatefulSet", "DaemonSet", "Rollout", "DeploymentConfig", "Pod", "Service"}
)
# What a list of others calls what it lists.
_LISTS: Final = {"List": "items", "Template": "objects"}
_PODS: Final = ("containers:", "podSpec:")
# What Jinja and its like put in when somebody deploys, and lines that are theirs alone.
_STATEMENT: Final = Pattern(r"^[ \t]*\{[{%][^\n]*[%}]\}[ \t]*$|\{%[^\n]{0,200}?%\}", re.MULTILINE)
_FILLED: Final = Pattern(r"\{\{[^\n]{0,200}?\}\}")
# Of others' manifests only the stores' are of interest.
_STORE_IMAGE: Final = Pattern(r"image:.*(?:redis|valkey|postgres|mysql|mariadb|mongo|memcached)")
# The line break stays with what follows, so that lines can be counted.
_SEPARATOR: Final = Pattern(r"^---(?=[ \t]*(?:#.*)?$)", re.MULTILINE)
_MOST_CHARACTERS: Final = 60_000
_MOST_FILES: Final = 80


@dataclass(frozen=True)
class Container:
    """A container of something that goes on running; `owner` is that thing's name.

    `is_served` is whether it is sent requests at a port that its operator gives it, and
    `is_on_each_node` whether it looks after the cluster's machines, as an agent does.
    """

    path: str
    text: str
    owner: str
    node: Node
    image: Image
    is_served: bool = False
    is_on_each_node: bool = False

    @property
    def store(self) -> Store | None:
        """Return the store that it is, if it is one."""
        return store_of(self.image)

    @property
    def is_of_the_authors(self) -> bool:
        """Say whether it may be what the repository is about."""
        return self.store is None and not is_tool(self.image)

    @property
    def is_lesser(self) -> bool:
        """Say whether its file is for developing or testing."""
        return bool(LESSER.search(self.path.lower()))

    @cached_property
    def environment(self) -> dict[str, tuple[str, int]]:
        """Return its variables with their values, as far as they stand there, and lines."""
        found = {}
        for item in (self.node.get("env") or self.node).items:
            name, value = item.get("name"), item.get("value")
            if name and name.text:
                found[name.text] = (value.text if value else "", name.line)
        return found

    @property
    def ports(self) -> list[tuple[str, int]]:
        """Return its ports with their lines, those that are called after the web first."""
        listed = sorted((self.node.get("ports") or self.node).items, key=_is_other)
        found = [
            port
            for item in listed
            if (port := item.get("containerPort")) and not _is_for_watching(item)
        ]
        return [(port.text, port.line) for port in found]


def _is_other(port: Node) -> bool:
    name = port.get("name")
    return name is None or _OF_THE_WEB.match(name.text.lower()) is None


def _is_for_watching(port: Node) -> bool:
    """Say whether a port is called after what watches the container."""
    name = port.get("name")
    return name is not None and FOR_WATCHING.fullmatch(name.text.lower()) is not None


def containers_of(tree: SourceTree) -> list[Container]:
    """Return the containers that the manifests in reach run, those for production first."""
    found: list[Container] = []
    left = _MOST_CHARACTERS
    names = folder_names(tree)
    for path in _paths(tree):
        text = tree.text(path) or ""
        is_manifest = any(word in text for word in _PODS) and "kind:" in text
        plain = text
        if "{{" in text or "{%" in text:
            is_manifest = is_manifest and "/templates/" not in f"/{path}"
            plain = _FILLED.sub("x", _STATEMENT.sub("", text))
        for part in _parts(plain, names) if is_manifest and left > 0 else ():
            left -= len(part)
            for document in read_documents(part):
                found += _containers(path, text, document)
    return sorted(found, key=lambda one: one.is_lesser)


def _parts(text: str, names: Sequence[str]) -> Iterator[str]:
    """Yield the documents of a file that may matter, each moved down to the lines it stands in."""
    line = 0
    for part in _SEPARATOR.split(text):
        is_named = not names or any(name in part.lower() for name in names)
        if any(word in part for word in _PODS) and (is_named or _STORE_IMAGE.search(part)):
            yield "\n" * line + part
        line += part.count("\n")


def _paths(tree: SourceTree) -> list[str]:
    above = (path for path in tree.outer if path.endswith((".yaml", ".yml")))
    named = [path for path in (*tree.ending(".yaml", ".yml"), *above) if _may_be_manifest(path)]
    return named[:_MOST_FILES]


def _may_be_manifest(path: str) -> bool:
    *folders, name = path.lower().split("/")
    is_in_place = not _FOLDERS.isdisjoint(folders) or bool(_NAME.fullmatch(name))
    return is_in_place and not is_aside(path) and "compose" not in name


def _containers(path: str, text: str, document: Node) -> Iterator[Container]:
    kind = document.get("kind")
    listed = document.get(_LISTS.get(kind.text, "")) if kind else None
    for item in listed.items if listed else ():
        yield from _containers(path, text, item)
    spec = document.get("spec") or document
    if kind and kind.text == "ClowdApp":
        for part in (spec.get("deployments") or spec).items:
            yield from _of_clowder(path, text, part)
    if kind is None or kind.text not in _LASTING:
        return
    owner = (document.get("metadata") or document).get("name")
    pod = (spec.get("template") or document).get("spec") or spec
    for node in (pod.get("containers") or pod).items:
        image = node.get("image")
        if image:
            name = owner.text if owner else ""
            is_agent = kind.text == "DaemonSet"
            yield Container(path, text, name, node, image_of(image.text), is_on_each_node=is_agent)


def _of_clowder(path: str, text: str, part: Node) -> Iterator[Container]:
    """Yield the one container of a part of an application of Red Hat's operator Clowder."""
    name, node = part.get("name"), part.get("podSpec")
    image = node.get("image") if node else None
    is_served = part.get("webServices") is not None or part.get("web") is not None
    if name and node and image:
        yield Container(path, text, name.text, node, image_of(image.text), is_served=is_served)
