"""Health: the path that an extension of the framework answers on, with what settings make of it."""

from collections.abc import Iterator, Sequence

from analyzer.facts import Fact
from analyzer.languages.jvm.frameworks import Framework, shown
from analyzer.languages.jvm.project import Project
from analyzer.languages.jvm.settings import Setting

_LITERAL = "abcdefghijklmnopqrstuvwxyz0123456789-_./"


def health_facts(
    project: Project, framework: Framework, settings: Sequence[Setting]
) -> Iterator[Fact]:
    """Yield the path of the extension that answers for the service's health, where it has one."""
    for artifact, path in framework.health:
        evidence = shown(project, (artifact,))
        if evidence:
            whole = _placed(framework, path, settings)
            yield Fact("health_path", whole, "jvm/health-extension", "high", evidence)
            return
    if framework.name == "spring-boot":
        yield from _actuator_in_settings(framework, settings)


def _actuator_in_settings(framework: Framework, settings: Sequence[Setting]) -> Iterator[Fact]:
    """A starter of the house may bring the actuator: then only its settings are seen."""
    for setting in settings:
        if setting.key.startswith(("management.endpoint.health", "management.endpoints.web")):
            path = _placed(framework, "", settings)
            yield Fact("health_path", path, "jvm/actuator-setting", "medium", setting.evidence)
            return


def _placed(framework: Framework, path: str, settings: Sequence[Setting]) -> str:
    prefix = _path(settings, *framework.prefix_keys)
    if framework.name == "spring-boot":
        return _actuator(prefix, settings)
    if framework.name == "quarkus":
        return _quarkus(prefix, settings)
    return f"{prefix}{path}"


def _actuator(context: str, settings: Sequence[Setting]) -> str:
    base = _value(settings, "management.endpoints.web.basepath", "management.contextpath")
    name = _value(settings, "management.endpoints.web.pathmapping.health") or "health"
    if _value(settings, "management.server.port", "management.port"):
        context = _path(
            settings, "management.server.basepath", "management.server.servlet.contextpath"
        )
    actuator = "/actuator" if base is None else base.rstrip("/")
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
            value = _default_of(setting.value)
            if set(value.lower()) <= set(_LITERAL):
                return value
    return None


def _default_of(value: str) -> str:
    if value.startswith("${") and value.endswith("}"):
        return value[2:-1].partition(":")[2]
    return value
