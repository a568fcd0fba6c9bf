"""Which services of a compose file are the one that is asked about."""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.documents import Node
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.containers.compose_file import ComposeFile, Service
from analyzer.witnesses.containers.dockerfile_above import dockerfiles_above
from analyzer.witnesses.folder_names import folder_names
from analyzer.witnesses.words.project_names import project_names

_SERVING: Final = Pattern(r"(?:^|[-_.])(?:web|app|server|api|backend|www|http|site|main)")
# Run once and end: no process type of the service.
_ONE_OFF: Final = Pattern(
    r"migrat|init|seed|setup|bootstrap|install|test|lint|build|assets|watch|shell|console|cypress|"
    r"storybook|load|docs?$|fixture|backup|e2e"
)
_IDLE: Final = Pattern(r"\bsleep inf(?:inity)?\b|\btail -[fF] /dev/null\b")
_WORKING: Final = Pattern(
    r"worker|celery|beat|queue|sidekiq|consumer|schedul|cron|job|async|horizon|resque|processor|"
    r"delayed|background|huey|dramatiq|task"
)
# So certainly that no port speaks against it.
_WAITING: Final = Pattern(r"(?:consumer|handler|processor|worker)s?$")


@dataclass(frozen=True)
class Own:
    """The services that are run from the service's folder; `main` serves, the others work.

    `is_sure` where a build names the folder or no other service of the authors stands there.
    """

    main: Service
    others: tuple[Service, ...]
    is_sure: bool

    @property
    def all(self) -> tuple[Service, ...]:
        """Return every one of them."""
        return (self.main, *self.others)

    @property
    def workers(self) -> tuple[Service, ...]:
        """Return those that are processes of their own, and what no other asks for an answer."""
        return tuple(
            service
            for service in self.others
            if _is_worker(self.main, service) and not _is_called_by(self.all, service)
        )


def own_services(tree: SourceTree, file: ComposeFile) -> Own | None:
    """Return the services of a file that are the tree's own, or None where it speaks of others."""
    authors = [service for service in file.services if service.is_of_the_authors]
    built = [service for service in authors if service.home is not None]
    own = [service for service in built if _is_home(tree.folder, service.home or "")]
    if own and all(_ONE_OFF.search(service.name.lower()) for service in own):
        own = [service for service in own if service.dockerfile in (None, "Dockerfile")]
    if own:
        return _own(tree, own, is_sure=True)
    if not tree.folder:
        return _only_one(tree, authors, built)
    own = [service for service in authors if _is_named(tree, service)]
    if own:
        return _own(tree, own, is_sure=False)
    return _only_one(tree, authors, built) if _is_the_image_of(tree, file) else None


def _only_one(tree: SourceTree, authors: Sequence[Service], built: Sequence[Service]) -> Own | None:
    """Return what a file for the whole repository runs, where it runs one thing."""
    families = _families(built or authors)
    if len(families) > 1:
        families = [one for one in families if not _is_side(one)] or families
    if len(families) > 1:
        names = project_names(tree)
        families = [one for one in families if any(_is_called(names, s) for s in one)]
    return _own(tree, families[0], is_sure=not built) if len(families) == 1 else None


def _families(services: Sequence[Service]) -> list[list[Service]]:
    """Return the services by what they are made of: several processes of one image go together."""
    found: dict[str, list[Service]] = {}
    for service in services:
        image = service.image.repository if service.image else service.name
        found.setdefault(image if service.home is None else service.home, []).append(service)
    return list(found.values())


def _is_side(family: Sequence[Service]) -> bool:
    return all(_ONE_OFF.search(service.name.lower()) for service in family)


def _is_called(names: frozenset[str], service: Service) -> bool:
    return service.name.lower() in names or (
        service.image is not None and service.image.name in names
    )


def _is_the_image_of(tree: SourceTree, file: ComposeFile) -> bool:
    place = posixpath.dirname(file.path)
    return any(posixpath.dirname(path) == place for path in dockerfiles_above(tree))


def _own(tree: SourceTree, services: Sequence[Service], *, is_sure: bool) -> Own:
    main = min(services, key=lambda service: _doubt(tree, service))
    others = tuple(service for service in services if service is not main)
    return Own(main, others, is_sure)


def _doubt(tree: SourceTree, service: Service) -> tuple[bool, bool, bool, bool]:
    name = service.name.lower()
    is_named = name in folder_names(tree) or bool(_SERVING.search(name))
    is_other = bool(_ONE_OFF.search(name) or _WORKING.search(name))
    return service.node.get("profiles") is not None, is_other, not has_port(service), not is_named


def _is_home(folder: str, home: str) -> bool:
    return home == folder or (bool(folder) and home.startswith(f"{folder}/"))


def _is_named(tree: SourceTree, service: Service) -> bool:
    """Say whether an image is that of a folder: `shop/rs-cart` of `src/cart`."""
    if service.image is None or service.home is not None:
        return False
    image = service.image.name
    return any(
        name in (service.name.lower(), image) or image.endswith((f"-{name}", f"_{name}"))
        for name in folder_names(tree)
    )


def has_port(service: Service, main: Service | None = None) -> bool:
    """Say whether a service says that it listens; what it only takes over from another is no word.

    An anchor merged into several services gives each the very same list.
    """
    ports = service.node.get("ports") or service.node.get("expose")
    inherited = main.node.get("ports") if main else None
    return bool(ports and ports.items) and ports is not inherited


def _is_worker(main: Service, service: Service) -> bool:
    name = service.name.lower()
    if _ONE_OFF.search(name) or _is_once(service) or _is_idle(service):
        return False
    if re.fullmatch(rf"{re.escape(main.name.lower())}[-_]?\d+", name):
        return False
    if has_port(service, main):
        # What waits for work may be asked how it does.
        return _WAITING.search(name) is not None
    if _WORKING.search(name):
        return True
    command = service.node.get("command") or service.node.get("entrypoint")
    is_other_command = command is not None and _words(command) != _words(main.node.get("command"))
    return is_other_command and not _is_aside(main, service)


def _is_aside(main: Service, service: Service) -> bool:
    """Say whether a service has an image of its own, or runs only where people ask for it."""
    is_asked_for = service.node.get("profiles") is not None and main.node.get("profiles") is None
    return is_asked_for or service.dockerfile != main.dockerfile


def _is_called_by(services: Sequence[Service], service: Service) -> bool:
    """Say whether others are told a port of a service at which it answers; no worker's name is."""
    if _WORKING.search(service.name.lower()):
        return False
    address = re.compile(rf"(?:^|[/@,;|= ]){re.escape(service.name)}:\d{{2,5}}\b")
    return any(
        address.search(value)
        for other in services
        if other is not service
        for value, _ in other.environment.values()
    )


def _is_once(service: Service) -> bool:
    restart = service.node.get("restart")
    command = _words(service.node.get("command"))
    return (restart is not None and restart.text == "no") or bool(
        re.search(r"\bmigrate\b|\bdb:|\bseed\b|\bcollectstatic\b|\btest\b", command)
    )


def _is_idle(service: Service) -> bool:
    """Say whether a container only waits for people to work in it."""
    commands = (_words(service.node.get(key)) for key in ("entrypoint", "command"))
    return any(_IDLE.search(command) for command in commands)


def _words(command: Node | None) -> str:
    if command is None:
        return ""
    return command.text or " ".join(item.text for item in command.items)
