"""Which paths of a repository count as what its authors wrote for the service to run."""

import functools
import re
from collections.abc import Container, Iterable, Sequence
from typing import Final

from analyzer.patterns import Pattern

# Installed, generated or foreign: not what the authors wrote.
IGNORED_FOLDERS: Final = frozenset(
    {
        ".bundle",
        ".cache",
        ".git",
        ".gradle",
        ".hg",
        ".mypy_cache",
        ".next",
        ".nox",
        ".nuxt",
        ".output",
        ".pytest_cache",
        ".ruff_cache",
        ".svelte-kit",
        ".svn",
        ".terraform",
        ".tox",
        ".turbo",
        ".venv",
        "__pycache__",
        "_build",
        "bower_components",
        "node_modules",
        "obj",
        "site-packages",
        "target",
        "venv",
        "vendor",
    }
)

# Folders and name parts that hold tests, documents and samples: true of them, not of the service.
_ASIDE_FOLDERS: Final = frozenset(
    {
        "__fixtures__",
        "__mocks__",
        "__test__",
        "__tests__",
        "androidtest",
        "benches",
        "benchmark",
        "benchmarks",
        "cypress",
        "demo",
        "demos",
        "doc",
        "docs",
        "documentation",
        "e2e",
        "example",
        "examples",
        "fixture",
        "fixtures",
        "functional-tests",
        "functionaltests",
        "integration-tests",
        "integration_tests",
        "integrationtests",
        "mocks",
        "playwright",
        "sample",
        "samples",
        "spec",
        "specs",
        "test",
        "test-data",
        "test_data",
        "testassets",
        "testdata",
        "testfixtures",
        "testing",
        "tests",
        "unit-tests",
        "unittests",
    }
)
_ASIDE_ENDS: Final = (
    *(".tests", ".test", ".specs", ".unittests", ".integrationtests"),
    *("-samples", "-examples"),
)
# Below it folders are packages of the program: `com/example/shop` is no example.
_PACKAGES_ROOT: Final = "src/main/"
# What charms bring along of each other.
_FOREIGN_PLACE: Final = "/lib/charms/"
_ASIDE_NAME: Final = Pattern(
    r"^changelog|^test_|^tests\.py$|[._](?:spec|test)\.|^conftest\.py$|\.stories\."
)


# Of Gradle's builds: what the names in their scripts stand for.
SHARED_CATALOG: Final = "gradle/libs.versions.toml"
# Where what the services of a repository share lies below its root, and how many folders deep.
SHARING_FOLDERS: Final = {"gradle": 0, "libraries": 4, "libs": 4, "packages": 4, "prisma": 0}
# A schema that the services of a workspace share, in the package that they take it from.
_SHARED: Final = Pattern(
    rf"(?:(?:libraries|libs|packages)/(?:[^/]+/){{1,4}}|prisma/)?schema\.prisma"
    rf"|{re.escape(SHARED_CATALOG)}"
)


def is_shared(path: str) -> bool:
    """Say whether a path of the repository is a schema or a catalog that its services share."""
    return _SHARED.fullmatch(path) is not None and not is_aside(path)


# How the files end that modules are made of which one build makes together, by what builds them,
# what lies above them then, and what a service has that is a module by itself.
_MODULE_ENDS: Final = (
    (("/Cargo.toml",), (), ()),
    (
        ("/pom.xml", "/build.gradle", "/build.gradle.kts"),
        ("pom.xml", "settings.gradle", "settings.gradle.kts"),
        (),
    ),
    ((".csproj", ".fsproj", ".vbproj"), (), ()),
    (("/package.json",), ("package.json",), ()),
    (("/mix.exs",), ("mix.exs",), ()),
    ((".go",), ("go.mod",), ("/go.mod",)),
)
ALL_MODULE_ENDS: Final = tuple(end for ends, *_ in _MODULE_ENDS for end in ends)
_MODULE_PLACE: Final = Pattern(r"(?:[\w-][\w.-]*/){1,3}[\w.-]+")
DEEPEST_MODULE: Final = 3


def module_ends(paths: Iterable[str], above: Container[str]) -> tuple[str, ...]:
    """Return how files of modules beside a service end, by what lies outermost in it and above."""
    names = (path.removeprefix("src/") for path in paths)
    own = [f"/{name}" for name in names if "/" not in name]
    return tuple(
        end
        for ends, roots, alone in _MODULE_ENDS
        if any(name.endswith(ends) for name in own)
        and not any(name in alone for name in own)
        and (not roots or any(root in above for root in roots))
        for end in ends
    )


def is_module_beside(path: str, ends: tuple[str, ...]) -> bool:
    """Say whether a path of the repository is the file of a module that its services may share."""
    return path.endswith(ends) and _MODULE_PLACE.fullmatch(path) is not None and not is_aside(path)


# Folders above a service that tell how the services below are run.
_RUN_PLACES: Final = frozenset(
    {
        ".docker",
        ".k8s",
        "chart",
        "charts",
        "deploy",
        "deployment",
        "deployments",
        "docker",
        "docker-compose",
        "helm",
        "helm-chart",
        "hokusai",
        "k8s",
        "kubernetes",
        "kubernetes-manifests",
        "kustomize",
        "manifests",
        "openshift",
    }
)
DEEPEST_RUN_PLACE: Final = 4


# Folders of a repository's root in which what is served lies, beside what people see of it.
_SERVING_FOLDERS: Final = frozenset({"api", "app", "backend", "server", "service", "src"})


def is_in_serving_folder(path: str) -> bool:
    """Say whether a file lies right in a folder that is called after what is served."""
    folder, _, name = path.partition("/")
    return bool(name) and "/" not in name and folder.lower() in _SERVING_FOLDERS


def project_below(paths: Sequence[str]) -> str | None:
    """Return which of some project files a folder below the root is the service's.

    That is the only one there, or the only one in a folder that is called after what is served.
    """
    below = [path for path in paths if path.count("/") == 1 and not is_aside(path)]
    served = [path for path in below if is_in_serving_folder(path)]
    return next((found[0] for found in (below, served) if len(found) == 1), None)


def is_run_place(path: str) -> bool:
    """Say whether a path below a folder tells how the services in that folder are run."""
    first, *below = path.split("/")
    return bool(below) and first.lower() in _RUN_PLACES and len(below) <= DEEPEST_RUN_PLACE


def is_ignored(path: str) -> bool:
    """Say whether a file lies in a folder that is never looked into."""
    return not IGNORED_FOLDERS.isdisjoint(path.split("/")[:-1])


@functools.lru_cache(maxsize=32_768)
def is_aside(path: str) -> bool:
    """Say whether a file belongs to tests, documents or samples."""
    folder, _, name = path.lower().rpartition("/")
    return _is_aside_folder(folder) or _is_aside_name(name)


def _is_aside_name(name: str) -> bool:
    may_match = "test" in name or "spec." in name or ".stories." in name or "changelog" in name
    return may_match and _ASIDE_NAME.search(name) is not None


@functools.lru_cache(maxsize=4096)
def _is_aside_folder(folder: str) -> bool:
    parts = folder.partition(_PACKAGES_ROOT)[0].split("/")
    return (
        not _ASIDE_FOLDERS.isdisjoint(parts)
        or any(part.endswith(_ASIDE_ENDS) for part in parts)
        or _FOREIGN_PLACE in f"/{folder}/"
    )
