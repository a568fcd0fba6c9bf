"""How a built module is started."""

from collections.abc import Iterator, Sequence

from analyzer.facts import Fact, first_line
from analyzer.languages.jvm.build import BuildFile
from analyzer.languages.jvm.frameworks import Framework
from analyzer.languages.jvm.maven import final_name
from analyzer.languages.jvm.project import Project, is_program
from analyzer.languages.jvm.settings import Setting
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

_SHADOW = ("com.gradleup.shadow", "com.github.johnrengelman.shadow", "io.ktor.plugin")
_ONE_ARCHIVE = (
    "spring-boot-maven-plugin",
    "org.springframework.boot",
    "maven-shade-plugin",
    "maven-assembly-plugin",
    "micronaut-maven-plugin",
    "spring-boot-starter-parent",
)


def start_facts(
    tree: SourceTree, project: Project, framework: Framework | None, settings: Sequence[Setting]
) -> Iterator[Fact]:
    """Yield the command that starts what the build makes."""
    main = project.main
    if not is_program(main):
        return
    evidence = _evidence(tree, project, framework)
    name = framework.name if framework else ""
    if name == "quarkus":
        output = "build" if main.is_gradle else "target"
        jar = f"{main.folder}{output}/quarkus-app/quarkus-run.jar"
        yield _fact(["java", "-jar", jar], "medium", evidence)
    elif main.packaging == "war" and name != "spring-boot":
        yield _fact(["catalina.sh", "run"], "low", evidence)
    elif _is_script(project, name):
        folder = f"{main.folder}build/install/{main.name}"
        yield _fact([f"{folder}/bin/{main.name}"], "low", evidence)
    else:
        words = ["java", "-jar", _archive(project, name)]
        # Where the build does not name the class the archive may be packed elsewhere.
        is_built = main.main_class is None or main.main_class.file == main.path
        sure: Confidence = "medium" if is_built else "low"
        yield _fact([*words, *_arguments(name, settings)], sure, evidence)


def _fact(words: list[str], confidence: Confidence, evidence: Evidence) -> Fact:
    return Fact("start_command", list(words), "jvm/start", confidence, evidence)


def _evidence(tree: SourceTree, project: Project, framework: Framework | None) -> Evidence:
    own = project.main.plugin(*_ONE_ARCHIVE, *_SHADOW, *(framework.artifacts if framework else ()))
    main_class = project.main.main_class
    return own or main_class or first_line(project.main.path, tree.text(project.main.path) or "")


def _is_script(project: Project, framework: str) -> bool:
    plugins = project.main.plugins
    has_archive = any(name in plugins for name in (*_SHADOW, *_ONE_ARCHIVE))
    return "application" in plugins and not has_archive and framework != "micronaut"


def _archive(project: Project, framework: str) -> str:
    main = project.main
    suffix = "war" if main.packaging == "war" else "jar"
    if not main.is_gradle:
        name = final_name(main.text) or _versioned(main.name, _version(project))
        return f"{main.folder}target/{name}.{suffix}"
    name = _versioned(main.name, _version(project))
    is_whole = framework != "spring-boot" and any(plugin in main.plugins for plugin in _SHADOW)
    return f"{main.folder}build/libs/{name}{'-all' if is_whole else ''}.{suffix}"


def _version(project: Project) -> str | None:
    versions = [file.version for file in (project.main, *_above(project)) if file.version]
    return versions[0] if versions else None


def _above(project: Project) -> list[BuildFile]:
    return [file for file in project.parts if file is not project.main and not file.dependencies]


def _versioned(name: str, version: str | None) -> str:
    return f"{name}-{version}" if version else name


def _arguments(framework: str, settings: Sequence[Setting]) -> list[str]:
    if framework != "dropwizard":
        return []
    files = [setting.path for setting in settings if setting.key.startswith("server.")]
    return ["server", *files[:1]]
