"""Which paths of a repository count as what its authors wrote for the service to run."""

from typing import Final

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
        "__mocks__",
        "__tests__",
        "androidtest",
        "benches",
        "benchmark",
        "benchmarks",
        "cypress",
        "doc",
        "docs",
        "documentation",
        "e2e",
        "example",
        "examples",
        "fixtures",
        "mocks",
        "playwright",
        "sample",
        "samples",
        "spec",
        "specs",
        "test",
        "testdata",
        "testing",
        "tests",
    }
)
_ASIDE_ENDS: Final = (".tests", ".test", ".specs", ".unittests", ".integrationtests")
# Below it folders are packages of the program: `com/example/shop` is no example.
_PACKAGES_ROOT: Final = "src/main/"
_ASIDE_MARKS: Final = (".spec.", ".test.", "_test.", "_spec.", "conftest.py", ".stories.")


def is_ignored(path: str) -> bool:
    """Say whether a file lies in a folder that is never looked into."""
    return not IGNORED_FOLDERS.isdisjoint(path.split("/")[:-1])


def is_aside(path: str) -> bool:
    """Say whether a file belongs to tests, documents or samples."""
    lowered = path.lower()
    *folders, name = lowered.split("/")
    if _PACKAGES_ROOT in lowered:
        folders = lowered.partition(_PACKAGES_ROOT)[0].split("/")
    return (
        not _ASIDE_FOLDERS.isdisjoint(folders)
        or name.startswith("test_")
        or any(mark in name for mark in _ASIDE_MARKS)
        or any(folder.endswith(_ASIDE_ENDS) for folder in folders)
    )
