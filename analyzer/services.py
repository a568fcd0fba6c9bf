"""The services of a repository: the folders in which something lies that is run."""

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from analyzer.facts import quoted_line
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.running_projects import running_projects
from analyzer.tree import SourceTree
from analyzer.witnesses.containers.compose_file import LESSER, RUN_FOLDERS, compose_files
from analyzer.witnesses.containers.dockerfile_instructions import Stage, final_stages
from analyzer.witnesses.containers.images import image_of, is_tool, store_of
from delightful.recommendation import Evidence, ServiceFolder

_SOURCES: Final = Pattern(r"/src(?:/main)?$")
_DOCKERFILES: Final = (
    *("Dockerfile", "Containerfile", "prod.Dockerfile", "production.Dockerfile"),
)
_ASIDE: Final = Pattern(
    r"(?:^|[-_/])(?:load-?gen(?:erator)?|e2e|tests?|bench(?:mark)?s?|docs|documents?|website|storybook|tools?|"
    r"templates?|fixtures|examples?|samples?|boilerplate|seed|migrat\w*)(?:$|[-_/])"
)
# Servers that carry an application of the authors'; other tools with a setting are still tools.
_SYSTEMS: Final = frozenset({"alpine", "busybox", "debian", "ubuntu"})
_CARRIERS: Final = Pattern(r"nginx|httpd|caddy")


def services_of(tree: SourceTree) -> tuple[ServiceFolder, ...]:
    """Return the services of a repository, by folder; a library's folder is none.

    `tree` is the whole repository. A folder is a service where a compose file builds it, where a
    Dockerfile lies in it, or where its project file names what serves. A project within another
    service is a part of it, and so is every project where one image is made of the whole.
    """
    found = _by_folder(_built_by_compose(tree))
    for folder, service in sorted(_by_folder(_with_dockerfile(tree)).items()):
        if not any(one and _is_within(folder, one) for one in found):
            found[folder] = service
    for folder, project in sorted(_by_folder(_running(tree)).items()):
        if not any(_is_within(folder, one) for one in found):
            found[folder] = project
    return tuple(found[folder] for folder in sorted(found))


def _by_folder(services: Iterable[ServiceFolder]) -> dict[str, ServiceFolder]:
    found: dict[str, ServiceFolder] = {}
    for service in services:
        if not _ASIDE.search(service.folder.lower()):
            found.setdefault(service.folder, service)
    return found


def _is_within(folder: str, service: str) -> bool:
    return service in ("", folder) or folder.startswith(f"{service}/")


def _built_by_compose(tree: SourceTree) -> Iterator[ServiceFolder]:
    for file in compose_files(tree):
        for service in file.services if not file.is_lesser else ():
            home = service.home
            if home is None or not service.is_of_the_authors or _ASIDE.search(service.name):
                continue
            text = tree.text(service.dockerfile) if service.dockerfile else None
            is_there = not home or bool(tree.below(home))
            if is_there and (text is None or _is_of_the_authors(final_stages(text))):
                build = service.node.get("build")
                line = build.line if build else service.line
                evidence = quoted_line(file.path, file.text, line)
                yield _service(_home(home), "services/compose-build", evidence)


def _with_dockerfile(tree: SourceTree) -> Iterator[ServiceFolder]:
    for path in tree.named(*_DOCKERFILES):
        folder = posixpath.dirname(path)
        if is_aside(path) or LESSER.search(folder.lower()):
            continue
        text = tree.text(path) or ""
        stages = final_stages(text)
        if _is_of_the_authors(stages):
            evidence = quoted_line(path, text, stages[-1].start.line)
            yield _service(_home(folder), "services/dockerfile", evidence)


def _service(folder: str, rule: str, evidence: Evidence) -> ServiceFolder:
    return ServiceFolder(folder=folder, rule=rule, evidence=evidence)


def _is_of_the_authors(stages: Sequence[Stage]) -> bool:
    """Say whether an image is neither a store nor a tool of others with a setting."""
    if not stages:
        return False
    base = image_of(stages[-1].base)
    is_carrier = bool(_CARRIERS.search(base.name)) or base.name in _SYSTEMS
    return store_of(base) is None and (is_carrier or not is_tool(base))


def _home(folder: str) -> str:
    """Return the folder that a Dockerfile's own is kept in: `api` for `api/docker/web`."""
    parts: list[str] = []
    for part in folder.split("/"):
        if part in RUN_FOLDERS:
            break
        parts.append(part)
    return _without_source("/".join(parts))


def _without_source(folder: str) -> str:
    """Return a service's folder where its sources lie one below: `cart` for `cart/src`."""
    return folder.removesuffix("/main").removesuffix("/src") if _SOURCES.search(folder) else folder


def _running(tree: SourceTree) -> Iterator[ServiceFolder]:
    for path, evidence in running_projects(tree):
        yield _service(posixpath.dirname(path), "services/project", evidence)
