"""A compose file as its services: what each is made of, what it is told and what it needs."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from weakref import WeakKeyDictionary

from analyzer.documents import Node, read_nodes
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.containers.dockerfile_instructions import final_stages
from analyzer.witnesses.containers.images import Image, Store, image_of, is_tool, store_of
from analyzer.witnesses.env_text import VARIABLE_NAME, filled, values_of

COMPOSE_NAME: Final = Pattern(
    r"(?:docker-|podman-)?compose(?:[._-][\w.-]+)?\.ya?ml|[\w-]+\.compose\.ya?ml|stack\.ya?ml"
)
# One compose file for each environment, called after it alone.
_ENVIRONMENT_NAME: Final = Pattern(r"(?:dev|local|prod|production|staging)\.ya?ml")
# Folders that hold a compose file or a Dockerfile for what lies above them.
RUN_FOLDERS: Final = frozenset(
    {
        ".deploy",
        ".devcontainer",
        ".docker",
        "build",
        "ci",
        "compose",
        "container",
        "containers",
        "contrib",
        "deploy",
        "deployment",
        "deployments",
        "dev",
        "develop",
        "docker",
        "docker-compose",
        "dockerfiles",
        "hosting",
        "infra",
        "infrastructure",
        "local",
        "ops",
        "package",
        "packaging",
        "podman",
        "prod",
        "production",
        "release",
        "script",
        "scripts",
        "selfhost",
        "self-host",
        "setup",
        "support",
    }
)
# What such folders are called after that hold the image of a part that serves the whole.
_SERVES_ALL: Final = frozenset({"apache", "app", "fpm", "php", "php-fpm", "server", "web"})
# A store may come in an image of the authors' own making: then its service is called after it.
_STORE_NAME: Final = Pattern(
    r"(?:^|[-_.])(?:redis|valkey|postgres(?:ql)?|mysql|mariadb|mongo(?:db)?|memcached)$"
)
# Words of a name or folder that is not how the service is run for its users.
LESSER: Final = Pattern(
    r"(?:^|[^a-z])(?:dev|devel|develop|development|devcontainer|local|test|tests|testing|ci|e2e|"
    r"debug|override|gitpod|codespaces?|cypress|playwright|builder|bench|benchmark|load|profiling|repro|(?:mk)?docs?)"
    r"(?:$|[^a-z])|[._-]build(?:$|[._/-])"
)
_PLAIN_NAME: Final = Pattern(
    r"(?:docker-|podman-)?compose(?:[._-](?:prod|production|deploy|release|main|full))?\.ya?ml"
    r"|prod(?:uction)?\.ya?ml"
)
_MOST_FILES: Final = 12
_MOST_EXTENDED: Final = 4


@dataclass(frozen=True)
class Service:
    """One service of a compose file.

    `home` is the folder of the repository that it is built from, None where it is only an image.
    """

    name: str
    node: Node
    line: int
    image: Image | None
    home: str | None
    dockerfile: str | None
    store: Store | None
    environment: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def is_of_the_authors(self) -> bool:
        """Say whether it may be what the repository is about: no store, no tool beside it."""
        if self.store is not None:
            return False
        return self.home is not None or (self.image is not None and not is_tool(self.image))

    @property
    def is_whole(self) -> bool:
        """Say whether it can be run as it stands, not only laid over the same one elsewhere."""
        return self.image is not None or self.home is not None

    @property
    def links(self) -> frozenset[str]:
        """Return the names of the services that it says it needs."""
        named: set[str] = set()
        for key in ("depends_on", "links"):
            node = self.node.get(key)
            if node:
                named.update(node.entries)
                named.update(item.text.partition(":")[0] for item in node.items)
        return frozenset(named)


@dataclass(frozen=True)
class ComposeFile:
    """A compose file: where it lies and its services, with what the `.env` beside it fills."""

    path: str
    text: str
    services: tuple[Service, ...]
    values: Mapping[str, str]

    @property
    def is_of_a_variant(self) -> bool:
        """Say whether its name tells one way of several: `docker-compose-redis.yml`."""
        name = posixpath.basename(self.path)
        return not _PLAIN_NAME.fullmatch(name)

    @cached_property
    def is_lesser(self) -> bool:
        """Say whether it is for developing or testing."""
        return bool(LESSER.search(self.path.lower())) or is_aside(self.path)

    def filled(self, text: str) -> str:
        """Return a text with its variables filled."""
        return filled(text.replace("$$", ""), self.values)


# Asked for by several witnesses of one tree; a tree that is gone takes its files with it.
_read: WeakKeyDictionary[SourceTree, list[ComposeFile]] = WeakKeyDictionary()


def compose_files(tree: SourceTree) -> list[ComposeFile]:
    """Return the compose files that may speak of the service, those for production first."""
    if tree not in _read:
        _read[tree] = _files(tree)
    return _read[tree]


def _files(tree: SourceTree) -> list[ComposeFile]:
    found = [file for path in _paths(tree) if (file := read_compose(tree, path))]
    return sorted(found, key=lambda file: (file.is_lesser, file.path.count("../"), file.path))


def read_compose(tree: SourceTree, path: str) -> ComposeFile | None:
    """Return a compose file's services, or None where it is none."""
    text = tree.text(path)
    document = read_nodes(text) if text and "services" in text else None
    services = document.get("services") if document else None
    if text is None or services is None:
        return None
    values = values_of(tree.text(posixpath.join(posixpath.dirname(path), ".env")) or "")
    return ComposeFile(path, text, tuple(_services(tree, path, services, values)), values)


def _paths(tree: SourceTree) -> list[str]:
    own = [path for path in tree.ending(".yml", ".yaml") if path.count("/") <= 2 and _is_own(path)]
    outer = [path for path in tree.outer if COMPOSE_NAME.fullmatch(path.rpartition("/")[2])]
    return sorted([*own, *outer], key=lambda path: (path.count("/"), path))[:_MOST_FILES]


def _is_own(path: str) -> bool:
    *folders, name = path.split("/")
    folders = [folder.lower() for folder in folders]
    if not RUN_FOLDERS.issuperset(folders):
        return False
    if COMPOSE_NAME.fullmatch(name) or (not folders and _ENVIRONMENT_NAME.fullmatch(name)):
        return True
    return folders[-1:] in (["compose"], ["docker-compose"])


def _services(
    tree: SourceTree, path: str, services: Node, values: Mapping[str, str]
) -> Iterator[Service]:
    place = posixpath.dirname(path)
    built = {
        image.text: build
        for node in services.entries.values()
        if (image := node.get("image")) and (build := node.get("build"))
    }
    for name, node in services.entries.items():
        image, build = _made_of(services, node)
        build = build or (built.get(image.text) if image else None)
        home, dockerfile = _built_from(tree, place, build, values)
        reference = image_of(filled(image.text, values)) if image else None
        store = _store(tree, name, reference, dockerfile if home is not None else None)
        environment = dict(_environment(tree, place, node, values))
        yield Service(name, node, node.line, reference, home, dockerfile, store, environment)


def _made_of(services: Node, node: Node) -> tuple[Node | None, Node | None]:
    """Return a service's image and build: its own, else those of what it extends."""
    for _ in range(_MOST_EXTENDED):
        image, build = node.get("image"), node.get("build")
        extends = node.get("extends")
        base = services.get((extends.get("service") or extends).text) if extends else None
        if image or build or base is None or (extends and extends.get("file")):
            return image, build
        node = base
    return None, None


def _built_from(
    tree: SourceTree, place: str, build: Node | None, values: Mapping[str, str]
) -> tuple[str | None, str | None]:
    """Return the folder that an image is made of, as the repository has it, and its Dockerfile."""
    if build is None:
        return None, None
    context = filled((build.get("context") or build).text, values) or "."
    named = build.get("dockerfile")
    if "://" in context or context.startswith(("git@", "/")):
        return None, None
    inside = posixpath.normpath(posixpath.join(place, context))
    file = filled(named.text, values) if named and named.text else "Dockerfile"
    dockerfile = posixpath.normpath(posixpath.join(inside, file))
    return home_of(tree.in_repository(inside), tree.in_repository(dockerfile)), dockerfile


def home_of(context: str, dockerfile: str) -> str:
    """Return the folder whose service a Dockerfile builds, "" for the repository's root.

    Where the whole repository is the context, the Dockerfile lies with the service.
    """
    root = "" if context == "." else context
    parts = posixpath.dirname(dockerfile).split("/")
    if len(parts) > 1 and parts[-1].lower() in _SERVES_ALL and parts[-2].lower() in RUN_FOLDERS:
        parts.pop()
    while parts and parts[-1].lower() in RUN_FOLDERS:
        parts.pop()
    folder = "/".join(parts)
    is_below = folder.startswith(f"{root}/") if root else bool(folder)
    return folder if is_below else root


def _store(
    tree: SourceTree, name: str, image: Image | None, dockerfile: str | None
) -> Store | None:
    if image is not None and dockerfile is None:
        named = _STORE_NAME.search(name) and not is_tool(image)
        return store_of(image) or (store_of(image_of(name)) if named else None)
    stages = final_stages(tree.text(dockerfile) or "") if dockerfile else ()
    if stages:
        return store_of(image_of(stages[-1].base))
    # Built from what cannot be seen here: then its name is what there is.
    return store_of(image_of(name)) or (store_of(image) if image else None)


def _environment(
    tree: SourceTree, place: str, node: Node, values: Mapping[str, str]
) -> Iterator[tuple[str, tuple[str, int]]]:
    files = node.get("env_file")
    for item in (files.items or [files]) if files else ():
        path = posixpath.normpath(posixpath.join(place, (item.get("path") or item).text))
        for name, value in values_of(tree.text(path) or "").items():
            yield name, (value, item.line)
    environment = node.get("environment")
    for name, entry in environment.entries.items() if environment else ():
        if VARIABLE_NAME.fullmatch(name):
            yield name, (filled(entry.text, values), entry.line)
    for entry in environment.items if environment else ():
        name, has_value, value = entry.text.partition("=")
        if VARIABLE_NAME.fullmatch(name):
            yield name, (filled(value, values) if has_value else values.get(name, ""), entry.line)
