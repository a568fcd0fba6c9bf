"""The project: which module is the one that runs, and which others it is made of."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from analyzer.languages.jvm.build import BuildFile
from analyzer.languages.jvm.gradle import (
    GRADLE_FILES,
    Catalog,
    read_catalog,
    read_script,
)
from analyzer.languages.jvm.maven import MAVEN_FILE, read_pom
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

BUILD_FILES = (MAVEN_FILE, *GRADLE_FILES)
SUFFIXES = (".java", ".kt")
_SCRIPTS = (".gradle", ".gradle.kts")
_APPLIED = Pattern(
    r"^[ \t]*apply\b[ (]*from[ :=(]+[\"'](?:\$\{?\w{1,20}\}?/)?"
    r"([\w./-]{1,100}\.gradle(?:\.kts)?)[\"']",
    re.MULTILINE,
)

_MOST_BUILD_FILES = 400
# Build logic, samples and apps for phones: parts of the repository that are no part of what runs.
_NOT_RUN = frozenset(
    {
        "android",
        "archetype-resources",
        "build-logic",
        "buildsrc",
        "integration",
        "integration-tests",
        "integrationtests",
        "integrationtest",
        "inttest",
        "samples",
        "tck",
        "sample",
        "site",
        "snippets",
        "website",
        "testfixtures",
        "testintegration",
    }
)
_SHOWN = ("demo", "demos", "example", "examples", "sample", "samples", "tutorial")
_SHOWS = ("demo-", "example-", "examples-", "sample-", "samples-")
_TRIES = Pattern(r"(?:^|-)(?:benchmarks?|jmh|tests?)(?:-|$)")
# What makes a program of a module, and how surely it is the one that serves.
# What these build is run by builds of others.
_OF_BUILD_PLUGINS = frozenset({"com.gradle.plugin-publish", "java-gradle-plugin", "kotlin-dsl"})
_PROGRAM_PLUGINS = (
    ("quarkus-maven-plugin", 4),
    ("io.quarkus", 4),
    ("org.springframework.boot", 4),
    ("spring-boot-maven-plugin", 4),
    ("io.micronaut.application", 4),
    ("io.micronaut.minimal.application", 4),
    ("micronaut-maven-plugin", 4),
    ("io.ktor.plugin", 4),
    ("io.ratpack.ratpack-java", 4),
    ("org.playframework.play", 4),
    ("play", 4),
    ("war", 3),
    ("application", 3),
    ("com.google.cloud.tools.jib", 3),
    ("jib-maven-plugin", 3),
    ("com.gradleup.shadow", 2),
    ("com.github.johnrengelman.shadow", 2),
)
# Where a module keeps its settings; elsewhere they are those of set-ups and of other programs.
_OF_SETTINGS = ("src/", "conf/", "config/", "etc/", "resources/")
# Sources that are built beside those that run: tests by whatever name, measures.
_OTHER_SET = Pattern(
    r"(?:^|/)src/(?:test|(?!\w*[mM]ain/|java/|kotlin/)\w{1,40}/(?:java|kotlin|resources)/)"
)
# From here on a module is surely a program; the outermost such is what the repository is about.
_SURELY = 2
_OUTERMOST = 9
_SERVING_NAMES = (
    "server",
    "app",
    "application",
    "api",
    "web",
    "backend",
    "service",
    "boot",
    "main",
)


@dataclass(frozen=True)
class Project:
    """The module that runs, and the modules that it is made of, itself first."""

    main: BuildFile
    parts: Sequence[BuildFile]
    all_files: Sequence[BuildFile]
    catalog: Catalog

    @cached_property
    def dependencies(self) -> Mapping[str, Evidence]:
        """Return what the program runs with, its own module's dependencies first."""
        found: dict[str, Evidence] = {}
        for part in self.parts:
            for name, evidence in part.dependencies.items():
                found.setdefault(name, evidence)
        return found

    @cached_property
    def plugins(self) -> Mapping[str, Evidence]:
        """Return the plugins that build it."""
        found: dict[str, Evidence] = {}
        for part in self.parts:
            for name, evidence in part.plugins.items():
                found.setdefault(name, evidence)
        return found

    @cached_property
    def _folders(self) -> Mapping[str, bool]:
        folders = {part.folder: False for part in self.all_files}
        return folders | {part.folder: True for part in self.parts}

    def owns(self, path: str) -> bool:
        """Say whether a file lies in one of the modules that the program is made of."""
        if _OTHER_SET.search(path) or path.startswith(".mvn/") or _is_not_run(path):
            return False
        return self._folders.get(self._module_of(path), True)

    def reads(self, path: str) -> bool:
        """Say whether a file lies where a module of the program keeps its settings."""
        inside = path[len(self._module_of(path)) :]
        return self.owns(path) and ("/" not in inside or inside.startswith(_OF_SETTINGS))

    def _module_of(self, path: str) -> str:
        folder = path
        while folder:
            folder = folder.rstrip("/").rpartition("/")[0]
            if f"{folder}/" in self._folders:
                return f"{folder}/"
        return ""


def read_project(tree: SourceTree) -> Project | None:
    """Return the project in the tree, or None where no build file says that there is one."""
    catalog = read_catalog(tree)
    shared = {_plugin_name(path): path for path in shared_scripts(tree)}
    files = [
        _with_plugins(tree, file, shared, catalog)
        for path in _paths(tree)
        if (file := _read(tree, path, catalog))
    ]
    own = [file for file in files if not file.path.startswith("../")]
    if not own:
        return None
    if tree.below("src"):
        main = min(own, key=lambda file: (_is_shown(file), _doubt(file, own)))
    else:
        # Without sources or a class to start the outermost build file only directs the others.
        main = min(
            own,
            key=lambda file: (
                not file.folder and not file.main_class,
                _is_shown(file),
                _doubt(file, own),
            ),
        )
    return Project(main, _parts(tree, main, own, files, catalog), files, catalog)


def shared_scripts(tree: SourceTree) -> Iterator[str]:
    """Yield the scripts that modules share: plugins of the build's own, in `buildSrc` and so on."""
    for path in tree.ending(".gradle", ".kts"):
        if path.endswith(_SCRIPTS) and path.rpartition("/")[2] not in BUILD_FILES:
            yield path


def _plugin_name(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".kts").removesuffix(".gradle")


def _with_plugins(
    tree: SourceTree, file: BuildFile, shared: Mapping[str, str], catalog: Catalog
) -> BuildFile:
    """Add what the build's own scripts bring that a module applies, and those that they apply."""
    waiting = _applied(tree, file, shared)
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        script = None if path in seen else read_script(tree, path, catalog)
        seen.add(path)
        if script is None:
            continue
        waiting += _applied(tree, script, shared)
        file = replace(
            file,
            plugins={**script.plugins, **file.plugins},
            dependencies={**script.dependencies, **file.dependencies},
        )
    return file


def _applied(tree: SourceTree, file: BuildFile, shared: Mapping[str, str]) -> list[str]:
    """Return the scripts that a script applies, by a plugin's name or by their path."""
    named = [shared[name] for name in file.plugins if name in shared]
    below = (posixpath.normpath(file.folder + match[1]) for match in _APPLIED.finditer(file.text))
    return [*named, *(path for path in below if path in tree)]


def build_file(tree: SourceTree) -> str | None:
    """Return the outermost build file within two folders of the service's own."""
    paths = [path for path in _paths(tree) if not path.startswith("../") and path.count("/") < 3]
    return min(paths, key=lambda path: path.count("/"), default=None)


def is_program(file: BuildFile) -> bool:
    """Say whether a module builds something that can be started."""
    return _strength(file) > 0


def _paths(tree: SourceTree) -> list[str]:
    named = (
        *tree.named(*BUILD_FILES),
        *filter(_is_named_as_module, tree.ending(".gradle", ".kts")),
    )
    own = [path for path in named if not is_aside(path) and not _is_not_run(path)]
    above = [path for path in tree.outer if path.replace("../", "") in BUILD_FILES]
    own.sort(key=lambda path: path.count("/"))
    return [*own[:_MOST_BUILD_FILES], *above]


def _is_named_as_module(path: str) -> bool:
    """Say whether a script is called after its folder, as where a build has many modules."""
    folder, _, name = path.rpartition("/")
    is_script = name.endswith((".gradle", ".gradle.kts"))
    return is_script and name.partition(".")[0] == folder.rpartition("/")[2]


def _is_not_run(path: str) -> bool:
    """Say whether a file is part of tests, samples or build logic; packages may have any name."""
    return not _NOT_RUN.isdisjoint(path.partition("src/main/")[0].lower().split("/"))


def _read(tree: SourceTree, path: str, catalog: Catalog) -> BuildFile | None:
    return read_pom(tree, path) if path.endswith(".xml") else read_script(tree, path, catalog)


def _is_shown(file: BuildFile) -> bool:
    """Say whether a module is there to show how the others are used."""
    folders = file.folder.lower().rstrip("/").split("/")
    return any(
        name.endswith(_SHOWN) or name.startswith(_SHOWS) or _TRIES.search(name) for name in folders
    )


def _strength(file: BuildFile) -> int:
    if file.packaging == "pom" or not _OF_BUILD_PLUGINS.isdisjoint(file.plugins):
        return 0
    marks = [weight for name, weight in _PROGRAM_PLUGINS if name in file.plugins]
    if file.packaging == "war":
        marks.append(3)
    # Plugins of the house bring Spring Boot's under a name of their own.
    if any(".gradle-spring-boot" in name or name.endswith("spring-boot") for name in file.plugins):
        marks.append(4)
    if file.main_class and file.dependencies:
        marks.append(4 if _is_spring(file) else 2)
    return max(marks, default=0)


def _is_spring(file: BuildFile) -> bool:
    return any(name.startswith("org.springframework.boot:") for name in file.dependencies)


def _doubt(file: BuildFile, own: Sequence[BuildFile]) -> tuple[int, int, int, bool, int, str]:
    """The program that is made of most modules is what the repository is about."""
    folder = file.folder.rstrip("/").rpartition("/")[2].lower()
    serves = any(part in _SERVING_NAMES for part in folder.replace("_", "-").split("-"))
    strength = _strength(file)
    if strength >= _SURELY and not file.folder:
        strength = _OUTERMOST
    size = len(_asked_for(file, own)) if strength else 0
    return -strength, -size, file.path.count("/"), not serves, len(file.path), file.path


def _parts(
    tree: SourceTree,
    main: BuildFile,
    own: Sequence[BuildFile],
    files: Sequence[BuildFile],
    catalog: Catalog,
) -> Sequence[BuildFile]:
    found = _asked_for(main, own)
    for file in _beside(tree, tuple(found.values()), catalog):
        found.setdefault(file.path, file)
    for file in _above(main, files):
        found.setdefault(file.path, file)
    return tuple(found.values())


def _asked_for(main: BuildFile, own: Sequence[BuildFile]) -> dict[str, BuildFile]:
    by_name = {name: file for file in own for name in _names(file)}
    found = {main.path: main}
    waiting = [main]
    while waiting:
        for name in sorted(waiting.pop().modules):
            part = by_name.get(name)
            if part and part.path not in found:
                found[part.path] = part
                waiting.append(part)
    return found


def _beside(tree: SourceTree, parts: Sequence[BuildFile], catalog: Catalog) -> Iterator[BuildFile]:
    """Yield the modules of the repository, beside the service's folder, that its parts ask for.

    Maven's are looked for in folders that are called as they are, or as their names end.
    """
    paths = {
        _folder_name(path): path
        for path in tree.outer
        if path.endswith(BUILD_FILES) and path.replace("../", "").count("/") > 0
    }
    seen: set[str] = set()
    waiting = [*parts]
    while waiting and paths:
        file = waiting.pop()
        for name in sorted(file.modules):
            path = next((paths[end] for end in _ends(name) if end in paths), None)
            if path is None or path in seen:
                continue
            seen.add(path)
            part = _read(tree, path, catalog)
            if part and (part.is_gradle or part.name == name):
                yield part
                waiting.append(part)


def _ends(name: str) -> Iterator[str]:
    words = name.lower().split("-")
    yield from ("".join(words[begin:]) for begin in range(len(words)))


def _folder_name(path: str) -> str:
    return path.rpartition("/")[0].rpartition("/")[2].lower().replace("-", "")


def _names(file: BuildFile) -> Iterator[str]:
    yield _folder_name(file.path) if file.is_gradle else file.name


def _above(main: BuildFile, files: Sequence[BuildFile]) -> Iterator[BuildFile]:
    for file in sorted(files, key=lambda file: -len(file.folder)):
        is_outer = file.folder.startswith("../") or main.folder.startswith(file.folder)
        if is_outer and file.path != main.path and not is_program_of_its_own(file):
            yield file


def is_program_of_its_own(file: BuildFile) -> bool:
    """Say whether a build file above builds a program rather than what it is parent of."""
    return not file.is_gradle and file.packaging != "pom"
