"""Which file of a service is its README."""

from typing import Final

from analyzer.tree import SourceTree

_FILES: Final = (
    *("readme.md", "readme.rst", "readme.adoc", "readme.txt", "readme", "readme.markdown"),
    "readme.org",
)
# Where one lies that is shown in the place of a README of its own.
_FOLDERS: Final = ("", ".github", "docs")


def readme_of(tree: SourceTree) -> str | None:
    """Return the README, whichever way its name is written."""
    for folder in _FOLDERS:
        paths = tree.below(folder) if folder else tree.top_level
        named = {path.rpartition("/")[2].lower(): path for path in paths if path.count("/") <= 1}
        found = next((named[name] for name in _FILES if name in named), None)
        if found:
            return found
    return None
