"""Health: the path that an extension of the framework answers on, with what settings make of it."""

import re
from collections.abc import Iterator, Sequence

from analyzer.facts import Fact
from analyzer.languages.jvm.frameworks import Framework, shown
from analyzer.languages.jvm.project import Project
from analyzer.languages.jvm.settings import Setting, canonical
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree

# Which Spring Boot a build is made with: by its parent, what it imports, its plugin, a property.
_BOOT = Pattern(
    r"<artifactId>spring-boot-(?:starter-parent|dependencies)</artifactId>\s*<version>(\d+)\."
    r"|\bspring[-_.]?boot[-_.]?version\b[\"'>]?[ \t]*[=:]?[ \t]*[\"']?(\d+)\."
    r"|\borg\.springframework\.boot[\"']\)?[ \t]*version[ \t]*[\"'](\d+)\."
    r"|\bspring-boot-gradle-plugin:(\d+)\.",
    re.IGNORECASE,
)
_REFERENCE = Pattern(r"\$\{([\w.-]{1,80})(?::([^}]*))?\}")
_LONGEST_CHAIN = 3
_LITERAL = "abcdefghijklmnopqrstuvwxyz0123456789-_./"


def health_facts(
    tree: SourceTree, project: Project, framework: Framework, settings: Sequence[Setting]
) -> Iterator[Fact]:
    """Yield the path of the extension that answers for the service's health, where it has one."""
    for artifact, path in framework.health:
        evidence = shown(project, (artifact,))
        if evidence:
            is_first = framework.name == "spring-boot" and _boot_of(tree, project) == "1"
            # The first Spring Boot has its actuator's paths at the root.
            base = "" if is_first else "/actuator"
            whole = _placed(framework, path, settings, base)
            yield Fact("health_path", whole, "jvm/health-extension", "high", evidence)
            return
    if framework.name == "spring-boot":
        yield from _actuator_in_settings(framework, settings)


def _actuator_in_settings(framework: Framework, settings: Sequence[Setting]) -> Iterator[Fact]:
    """A starter of the house may bring the actuator: then only its settings are seen."""
    for setting in settings:
        if setting.key.startswith(("management.endpoint.health", "management.endpoints.web")):
            path = _placed(framework, "", settings, "/actuator")
            yield Fact("health_path", path, "jvm/actuator-setting", "medium", setting.evidence)
            return


def _boot_of(tree: SourceTree, project: Project) -> str | None:
    """Return the first number of the Spring Boot that the nearest build file names."""
    properties = tree.nearest("gradle.properties")
    for path in (*(part.path for part in project.parts), properties or ""):
        match = _BOOT.search(tree.text(path) or "") if path else None
        if match:
            return str(next(filter(None, match.groups())))
    return None


def _placed(framework: Framework, path: str, settings: Sequence[Setting], base: str) -> str:
    prefix = _path(settings, *framework.prefix_keys)
    if framework.name == "spring-boot":
        return _actuator(prefix, settings, base)
    if framework.name == "quarkus":
        return _quarkus(prefix, settings)
    return f"{prefix}{path}"


def _actuator(context: str, settings: Sequence[Setting], usual: str) -> str:
    base = _value(settings, "management.endpoints.web.basepath", "management.contextpath")
    name = _value(settings, "management.endpoints.web.pathmapping.health") or "health"
    port = _value(settings, "management.server.port", "management.port")
    if port and port != _value(settings, "server.port"):
        context = _path(
            settings, "management.server.basepath", "management.server.servlet.contextpath"
        )
    actuator = usual if base is None else base.rstrip("/")
    return f"{context}{actuator}/{name.strip('/')}"


def _quarkus(root: str, settings: Sequence[Setting]) -> str:
    base = _value(settings, "quarkus.http.nonapplicationrootpath") or "q"
    name = _value(settings, "quarkus.smallryehealth.rootpath") or "health"
    if name.startswith("/"):
        return name
    return (
        f"{base.rstrip('/')}/{name}" if base.startswith("/") else f"{root}/{base.strip('/')}/{name}"
    )


def _path(settings: Sequence[Setting], *keys: str) -> str:
    path = (_value(settings, *keys) or "").strip("/")
    return f"/{path}" if path else ""


def _value(settings: Sequence[Setting], *keys: str) -> str | None:
    for setting in settings:
        if setting.key in keys and setting.is_default:
            value = _resolved(settings, setting.value)
            if set(value.lower()) <= set(_LITERAL):
                return value
    return None


def _resolved(settings: Sequence[Setting], value: str) -> str:
    """Return a value with what its references come to; one that comes to nothing stays."""
    for _ in range(_LONGEST_CHAIN):
        value = _REFERENCE.sub(lambda match: _referred(settings, match), value)
    return value


def _referred(settings: Sequence[Setting], match: re.Match[str]) -> str:
    """Return a reference's default, else what is set under its name."""
    name = canonical(match[1])
    own = (one.value for one in settings if one.key == name and one.is_default)
    return match[2] if match[2] is not None else next(own, match[0])
