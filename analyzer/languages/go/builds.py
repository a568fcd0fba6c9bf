"""What the programs of a Go module are called where people build them."""

import posixpath
import re
import shlex
from collections.abc import Iterator
from typing import Final

from analyzer.facts import quoted_match
from analyzer.languages.go.project import GoModule
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

_NAMES: Final = ("Makefile", "makefile", "GNUmakefile", "justfile", "Taskfile.yml", "Taskfile.yaml")
_LONGEST: Final = 64 * 1024
_HIGHEST: Final = 4
_BUILD: Final = Pattern(r"\bgo build\b((?:[^\n\\;&|]|\\\n)*)")
_WITH_VALUE: Final = frozenset(
    {
        *("-asmflags", "-buildmode", "-gcflags", "-installsuffix", "-ldflags", "-mod", "-modfile"),
        *("-o", "-p", "-pkgdir", "-tags", "-toolexec"),
    }
)
_VARIABLE: Final = Pattern(r"\$[({](\w+)[)}]")
_TARGET: Final = Pattern(r"^([\w./-]+)[ \t]*:(?!=)", re.MULTILINE)
_CHANGED: Final = Pattern(r"\bcd[ \t]+([\w./-]+)")
_PLATFORM: Final = Pattern(
    r"(?:[-_.](?:linux|darwin|macos|windows|freebsd|amd64|arm64|arm|x86_64|exe))+$"
)
_NAME: Final = Pattern(r"(?!.*\.(?:so|dll|a|wasm|test|dylib)$)[A-Za-z][\w.-]*")


def built_name(
    tree: SourceTree, module: GoModule | None, folder: str
) -> tuple[str, Evidence] | None:
    """Return what the program of a folder is called, with the line that builds it."""
    for path in _files(tree):
        text = tree.text(path) or ""
        if "go build" in text and len(text) <= _LONGEST:
            for match in _BUILD.finditer(text):
                name = _name(tree, module, folder, path, match)
                if name:
                    return name, quoted_match(path, text, match)
    return None


def _files(tree: SourceTree) -> Iterator[str]:
    levels = tree.folder.count("/") + 1 if tree.folder else 0
    for level in range(min(levels, _HIGHEST) + 1):
        yield from (path for name in _NAMES if (path := "../" * level + name) in tree)


def _name(
    tree: SourceTree, module: GoModule | None, folder: str, path: str, match: re.Match[str]
) -> str | None:
    output, package = _words(match)
    name = _PLATFORM.sub("", posixpath.basename(output))
    if not _NAME.fullmatch(name):
        return None
    start = match.string.rfind("\n", 0, match.start()) + 1
    changed = _CHANGED.search(match.string, start, match.start())
    if module and module.declaration and package.startswith(module.declaration[1]):
        package = f".{package.removeprefix(module.declaration[1])}"
    place = tree.in_repository(posixpath.dirname(path))
    built = posixpath.normpath(posixpath.join(place, changed[1] if changed else "", package))
    built = posixpath.dirname(built) or "." if built.endswith(".go") else built
    return name if built == tree.in_repository(folder) else None


def _words(match: re.Match[str]) -> tuple[str, str]:
    """Return where a build puts a program, "" for nowhere, and the package that it is made of."""
    written = _filled(match)
    try:
        words = shlex.split(written)
    except ValueError:
        words = written.split()
    output, package = "", "."
    given = iter(words)
    for word in given:
        flag, has_value, value = word.partition("=")
        if flag in _WITH_VALUE:
            value = value if has_value else next(given, "")
            output = value if flag == "-o" else output
        elif word[:1] not in "-$":
            package = word
    return output, package


def _filled(match: re.Match[str]) -> str:
    """Return a command's words, with what the same file says of its variables."""
    written = match[1].replace("\\\n", " ").replace("{{.", "$(").replace("}}", ")")
    if "$@" in written:
        *_, target = ["", *_TARGET.findall(match.string[: match.start()])]
        written = written.replace("$@", target)
    for name in dict.fromkeys(_VARIABLE.findall(written)):
        said = re.search(
            rf"^[ \t]*(?:export )?{name}[ \t]*(?:[:?]?=|:)[ \t]*\"?([\w./-]+)\"?[ \t]*$",
            match.string,
            re.MULTILINE,
        )
        if said:
            written = re.sub(rf"\$[({{]{name}[)}}]", said[1], written)
    return written
