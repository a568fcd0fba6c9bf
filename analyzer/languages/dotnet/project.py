"""The .NET project: which of a solution's projects is the one that runs, and what it is made of."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from analyzer.facts import quoted, quoted_match
from analyzer.languages.xml_text import blanked, tagged
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.containers.dockerfiles import dockerfiles_of
from delightful.recommendation import Evidence

PROJECT_SUFFIXES = (".csproj", ".fsproj", ".vbproj")
_SOLUTION_SUFFIXES = (".sln", ".slnx", ".slnf")
_PROPERTIES_FILE = "Directory.Build.props"
_TARGETS = (_PROPERTIES_FILE, "Directory.Build.targets")
_MOST_PROJECTS = 400
# From here on a project serves.
_SERVES = 3

_SDK = Pattern(r"<Project[^>]{0,200}?\bSdk=\"([\w./-]{1,80})\"|<Sdk Name=\"([\w./-]{1,80})\"")
_PACKAGE = Pattern(
    r"<(?:PackageReference|FrameworkReference)\s[^>]{0,300}?Include=\"([\w.$()-]{1,120})\"[^>\n]{0,200}"
)
_REFERENCE = Pattern(r"<ProjectReference\s[^>]{0,200}?Include=\"([^\"\n]{1,300})\"")
# A host of Azure's starts what is made with it.
_FUNCTIONS = "Microsoft.NET.Sdk.Functions"
_MAIN = Pattern(r"\bstatic (?:async )?(?:void|int|Task|Task<int>) Main\(")
_IMPORT = Pattern(r"<Import\s[^>]{0,200}?Project=\"([^\"\n$]{1,300})\"")
_FRAMEWORK = Pattern(r"<TargetFrameworks?(?:\s[^>\n]{0,200})?>\s*([\w.;$()-]{1,200})\s*<")
_TRIED_IN = (
    *(
        "build",
        "clients",
        "demo",
        "demos",
        "host",
        "hosts",
        "migrations",
        "playground",
        "playgrounds",
    ),
    *("sandbox", "sandboxes", "testharness", "tools"),
)
_IS_PACKED = Pattern(
    r"<(?:Description|Package(?:Id|Tags|ReadmeFile))>"
    r"|<(?:IsPackable|GeneratePackageOnBuild)>[ \t]*true",
    re.IGNORECASE,
)
_TESTING = Pattern(r"[a-z.]Tests?(?:App|Client|Host|Server)?(?:\.|$)")
_TEST_MARKS = (
    "Microsoft.NET.Test.Sdk",
    "xunit",
    "NUnit",
    "MSTest",
    "BenchmarkDotNet",
    "coverlet.collector",
)
_TEST_NAMES = (
    "test",
    "tests",
    "specs",
    "benchmark",
    "benchmarks",
    "unittests",
    "integrationtests",
    "sample",
    "samples",
    "example",
    "examples",
    "apphost",
)
# What others begin their projects with.
_TEMPLATES = frozenset({"template", "templates"})
# What reads a program's arguments.
COMMAND_LINE = (
    "System.CommandLine",
    "McMaster.Extensions.CommandLineUtils",
    "CommandLineParser",
    "Spectre.Console",
    "Cocona",
    "ConsoleAppFramework",
    "CliFx",
    "NDesk.Options",
)
_SERVING_NAMES = ("api", "web", "server", "host", "webapi", "webui", "app", "service")
# Projects with what others call, by a word of their names.
_CALLED_NAMES = frozenset(
    {"api", "controllers", "endpoints", "http", "modules", "presentation", "web", "webapi", "webui"}
)


@dataclass(frozen=True)
class ProjectFile:
    """One project file: its kind, its packages and the projects that it refers to.

    `starts` where a program begins in its folder, whatever properties it takes from elsewhere.
    """

    path: str
    text: str
    sdk: str
    sdk_evidence: Evidence
    packages: Mapping[str, Evidence]
    references: Sequence[str]
    imports: Sequence[str]
    starts: bool = False

    @property
    def folder(self) -> str:
        """Return the project's folder, with a slash at its end; empty for the service's own."""
        folder, slash, _ = self.path.rpartition("/")
        return folder + slash

    @property
    def name(self) -> str:
        """Return the file's name without its suffix."""
        return self.path.rpartition("/")[2].rpartition(".")[0]

    @property
    def suffix(self) -> str:
        """Return the file's suffix, with its dot."""
        return self.path[self.path.rfind(".") :]

    @property
    def assembly(self) -> str:
        """Return the name of what it builds."""
        match = tagged(self.text, "AssemblyName")
        return match[1] if match and "$" not in match[1] else self.name

    @property
    def is_packed(self) -> bool:
        """Say whether a package is made of it."""
        return _IS_PACKED.search(self.text) is not None

    def says(self, tag: str, value: str) -> Evidence | None:
        """Return the line of a property with that value."""
        match = tagged(self.text, tag)
        if match and match[1].lower() == value:
            return quoted(self.path, self.text, match.start(), match.end(1))
        return None


@dataclass(frozen=True)
class Project:
    """The project that runs, and those that it is made of, itself first."""

    main: ProjectFile
    parts: Sequence[ProjectFile]
    all_files: Sequence[ProjectFile]

    @cached_property
    def packages(self) -> Mapping[str, Evidence]:
        """Return the packages that the program runs with, its own project's first."""
        found: dict[str, Evidence] = {}
        for part in self.parts:
            for name, evidence in part.packages.items():
                found.setdefault(name, evidence)
        return found

    @cached_property
    def serves(self) -> Evidence | None:
        """Return what makes a server of the program: its own SDK, or a library that serves."""
        main = self.main
        if strength(main) >= _SERVES:
            return None if main.sdk.endswith("Sdk.Worker") else main.sdk_evidence
        library = _served_by(self.parts)
        return library.sdk_evidence if library else None

    @cached_property
    def is_called_elsewhere(self) -> bool:
        """Say whether it refers to a project outside the tree that may hold what others call."""
        outside = (
            path for part in self.parts for path in part.references if path.startswith("../")
        )
        return any(not _CALLED_NAMES.isdisjoint(_words_of(path)) for path in outside)

    @cached_property
    def _folders(self) -> Mapping[str, bool]:
        folders = {file.folder: False for file in self.all_files}
        return folders | {part.folder: True for part in self.parts}

    def owns(self, path: str) -> bool:
        """Say whether a file lies in one of the projects that the program is made of."""
        folder = path
        while folder:
            folder = folder.rstrip("/").rpartition("/")[0]
            known = self._folders.get(f"{folder}/" if folder else "")
            if known is not None:
                return known
        return not self._folders.get("", True)


def project_paths(tree: SourceTree) -> list[str]:
    """Return the project files of the tree, outermost first; those of tests are left out."""
    paths = [
        path for suffix in PROJECT_SUFFIXES for path in tree.sources(suffix) if not is_aside(path)
    ]
    return sorted(paths, key=lambda path: (path.count("/"), path))[:_MOST_PROJECTS]


def read_project(tree: SourceTree) -> Project | None:
    """Return the project in the tree, or None where no project file says that there is one."""
    files = [file for path in project_paths(tree) if (file := _read(tree, path))]
    # With nothing beside it, what calls itself a sample is what there is.
    programs = [file for file in files if not _is_test(file)] or files
    if not programs:
        return None
    solutions = _solutions(tree)
    serving = _serving(programs, files)
    dockerfile = next(dockerfiles_of(tree), None)
    image = (tree.text(dockerfile) or "") if dockerfile else ""
    package = None if dockerfile else _package_of_solution(programs, solutions)
    main = package or min(
        programs,
        key=lambda file: (
            _is_host(file, programs),
            not _is_published(image, file),
            *_doubt(file, solutions, serving),
        ),
    )
    parts = _parts(main, files)
    beside = _beside(tree, parts)
    if len(parts) == 1 and any(_refers(tree, name) for name in _TARGETS):
        parts = (main, *(file for file in programs if file is not main))
    return Project(main, (*parts, *beside), files)


def _package_of_solution(
    programs: Sequence[ProjectFile], solutions: frozenset[str]
) -> ProjectFile | None:
    """Return the package after which a solution is called: what serves beside it shows its use."""
    named = (
        file
        for file in programs
        if file.name.lower() in solutions and strength(file) == 0 and file.is_packed
    )
    return next(named, None)


def _is_published(image: str, file: ProjectFile) -> bool:
    """Say whether an image's Dockerfile publishes a program by its path."""
    return strength(file) >= _SERVES and any(
        re.search(rf"^RUN\b[^\n]*\bdotnet publish\b[^\n]*[ /\"]{re.escape(place)}", image, re.M)
        for place in (f"{file.name}{file.suffix}", f"{file.folder}*.")
    )


def _is_host(file: ProjectFile, files: Sequence[ProjectFile]) -> bool:
    """Say whether a project only tries out the packages that are made beside it in `src`."""
    made = (one for one in files if one.folder.lower().startswith("src/") and one.is_packed)
    return file.folder.partition("/")[0].lower() in _TRIED_IN and any(made)


def _serving(programs: Sequence[ProjectFile], files: Sequence[ProjectFile]) -> frozenset[str]:
    """Return the paths of plain programs that start a library which serves."""
    if not any(map(_is_web_library, files)):
        return frozenset()
    return frozenset(file.path for file in programs if _served_by(_parts(file, files)))


def _served_by(parts: Sequence[ProjectFile]) -> ProjectFile | None:
    """Return the library of the web's SDK that a program without its own arguments starts."""
    main = parts[0]
    if strength(main) != 2 or any(name.startswith(COMMAND_LINE) for name in main.packages):
        return None
    return next(filter(_is_web_library, parts), None)


def _is_web_library(file: ProjectFile) -> bool:
    return file.sdk.endswith("Sdk.Web") and strength(file) == 0


def _refers(tree: SourceTree, name: str) -> bool:
    """Say whether what is common to all projects adds references to some of them."""
    path = tree.nearest(name)
    return path is not None and "<ProjectReference" in (tree.text(path) or "")


def strength(file: ProjectFile) -> int:
    """Return how surely a project is a program that serves; 0 for a library."""
    if file.sdk.endswith("Sdk.BlazorWebAssembly"):
        return 1
    if file.says("OutputType", "library"):
        return 0
    if ".Web" in file.sdk:
        return 4
    if file.sdk.endswith("Sdk.Worker"):
        return 3
    if not (file.says("OutputType", "exe") or file.starts or _FUNCTIONS in file.packages):
        return 0
    return 3 if "Microsoft.AspNetCore.App" in file.packages else 2


def target_frameworks(tree: SourceTree, project: Project) -> Iterator[tuple[str, Evidence]]:
    """Yield the frameworks that the program is built for, from the nearest file that says so."""
    for path in _with_properties(tree, project.main):
        text = tree.text(path) or ""
        match = _FRAMEWORK.search(blanked(text, "<!--", "-->"))
        if match and not match[1].startswith("$"):
            yield match[1], quoted(path, text, match.start(), match.end(1))
            return


def _with_properties(tree: SourceTree, main: ProjectFile) -> Iterator[str]:
    yield main.path
    for path in main.imports:
        if path in tree:
            yield path
    folder = main.folder
    while folder:
        if f"{folder}{_PROPERTIES_FILE}" in tree:
            yield f"{folder}{_PROPERTIES_FILE}"
        folder = f"{folder.rstrip('/').rpartition('/')[0]}/".lstrip("/")
    for name in (_PROPERTIES_FILE, "Directory.Packages.props"):
        nearest = tree.nearest(name)
        if nearest:
            yield nearest


def _read(tree: SourceTree, path: str) -> ProjectFile | None:
    text = tree.text(path)
    if not text or "<Project" not in text:
        return None
    plain = blanked(text, "<!--", "-->")
    sdk = _SDK.search(plain)
    folder = path.rpartition("/")[0]
    opening = sdk or re.search(r"<Project", plain)
    if opening is None:
        return None
    return ProjectFile(
        path=path,
        text=plain,
        sdk=(sdk[1] or sdk[2]) if sdk else "",
        sdk_evidence=quoted_match(path, text, opening),
        packages={match[1]: quoted_match(path, text, match) for match in _PACKAGE.finditer(plain)},
        references=[_joined(folder, match[1]) for match in _REFERENCE.finditer(plain)],
        imports=[_joined(folder, match[1]) for match in _IMPORT.finditer(plain)],
        starts=_MAIN.search(tree.text(posixpath.join(folder, "Program.cs")) or "") is not None,
    )


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path.replace("\\", "/")))


def _words_of(path: str) -> list[str]:
    """Return the words of a project's name, in lower case."""
    name = path.rpartition("/")[2].rpartition(".")[0]
    return name.lower().replace("-", ".").replace("_", ".").split(".")


def _is_test(file: ProjectFile) -> bool:
    words = _words_of(file.path)
    folders = file.folder.lower().split("/")
    return (
        any(word in _TEST_NAMES for word in words)
        or not _TEMPLATES.isdisjoint(folders)
        or _TESTING.search(file.name) is not None
        or any(name.startswith(_TEST_MARKS) for name in file.packages)
        or "AppHost" in file.sdk
        or "Aspire.Hosting.AppHost" in file.packages
    )


def _solutions(tree: SourceTree) -> frozenset[str]:
    names = (path.rpartition("/")[2] for path in (*tree.paths, *tree.outer))
    return frozenset(
        name.rpartition(".")[0].lower() for name in names if name.endswith(_SOLUTION_SUFFIXES)
    )


def _doubt(
    file: ProjectFile, solutions: frozenset[str], serving: frozenset[str]
) -> tuple[int, bool, int, bool, int, int, str]:
    """What serves comes first; else what the solution is called after, be it a library."""
    words = re.split(r"[._-]", file.name.lower())
    named = file.name.lower() in solutions
    serves = words[-1] in _SERVING_NAMES
    depth = file.path.count("/")
    sure = _SERVES if file.path in serving else strength(file)
    return (
        -sure if sure >= _SERVES else 0,
        not named,
        -sure,
        not serves,
        depth,
        len(file.path),
        file.path,
    )


def _beside(tree: SourceTree, parts: Sequence[ProjectFile]) -> Sequence[ProjectFile]:
    """Return the projects of the repository, beside the service's folder, that are referred to."""
    outside = {
        tree.in_repository(path): path for path in tree.outer if path.endswith(PROJECT_SUFFIXES)
    }
    found: dict[str, ProjectFile] = {}
    waiting = [path for part in parts for path in part.references] if outside else []
    while waiting:
        path = outside.get(tree.in_repository(waiting.pop(0)))
        part = _read(tree, path) if path and path not in found else None
        if path and part:
            found[path] = part
            waiting += part.references
    return tuple(found.values())


def _parts(main: ProjectFile, files: Sequence[ProjectFile]) -> Sequence[ProjectFile]:
    by_path = {file.path: file for file in files}
    found = {main.path: main}
    waiting = [main]
    while waiting:
        for path in waiting.pop().references:
            part = by_path.get(path)
            if part and part.path not in found:
                found[part.path] = part
                waiting.append(part)
    return tuple(found.values())
