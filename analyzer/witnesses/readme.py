"""The README: how its readers are told to get what the repository makes."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ahocorasick_rs import AhoCorasick

from analyzer.facts import Fact, quoted_match
from analyzer.tree import SourceTree
from analyzer.witnesses.own_names import is_own, own_names
from delightful.recommendation import Evidence

_FILES: Final = (
    *("README.md", "README.rst", "README.adoc", "README.txt", "README"),
    *("readme.md", "Readme.md", "README.markdown", "README.org"),
)
_OPTIONS: Final = r"[ \t]+(?:-[\w-]+[ \t]+){0,4}"
_TARGET: Final = r"[\"'`]?([@\w][\w@./:-]*)"
# What is installed on a person's own machine, to be called there.
_TOOL: Final = re.compile(
    r"\b(?:pipx install|uv tool install|uvx|brew install|choco install|scoop install|winget install"
    r"|snap install|cargo b?install|go install|npx|pnpx|bunx|npm (?:install|i) (?:-g|--global)"
    r"|npm (?:install|i)(?= [@\w./-]+ (?:-g|--global)\b)|yarn global add|pnpm add (?:-g|--global)"
    rf"|dotnet tool install){_OPTIONS}{_TARGET}"
)
# What is added to a program of the reader's own.
_DEPENDENCY: Final = re.compile(
    r"(?:\b(?:pip3? install|uv add|poetry add|uv pip install|yarn add"
    r"|npm (?:install|i|add)(?![^\n]{0,80} (?:-g|--global)\b)|pnpm add|bun add|cargo add"
    r"|composer require|gem install|bundle add|dotnet add package"
    rf"|Install-Package|nuget install|go get){_OPTIONS}{_TARGET}"
    r"|^[ \t]*gem[ (][\"']([\w-]+)[\"']|^[ \t>]*\{:(\w+),"
    r"|<artifactId>([\w.-]+)</artifactId>"
    r"|\b(?:implementation|api|testImplementation|compile)\b[ \t(]+(?:platform\()?[\"']"
    r"[\w.-]+:([\w.-]+)"
    r"|^([\w-]+)[ \t]*=[ \t]*(?:\"\d|\{[ \t]*version)"
    r"|<PackageReference Include=\"([\w.-]+)\")",
    re.MULTILINE,
)
# One of these stands in each line that either finds: they are dear, and most lines hold none.
_WORDS: Final = AhoCorasick(
    (
        *("nstall", "npx", "uvx", "bunx", "npm i", " add", "require", "go get", "gem ", "gem("),
        *("{:", "<artifactId>", "mplementation", "api ", "api\t", "api(", "compile", "="),
        "<PackageReference",
    )
)
_RUNS: Final = ("docker run", "podman run")
_CONTAINER: Final = re.compile(
    r"\b(?:docker|podman) run\b(?:[^\n\\]|\\\n?){0,400}?[ \t](?:-p|--publish)[ =]?"
    r"(?:[^\n\\]|\\\n?){0,400}"
)
_INTERACTIVE: Final = re.compile(r"[ \t](?:-it|-ti|--interactive)\b")
_IMPORTED: Final = re.compile(
    r"^[ \t>.]*(?:import|from)[ \t]+([\w.]+)|\brequire[( ][\"']([@\w./-]+)"
    r"|\bfrom[ \t]+[\"']([@\w./-]+)",
    re.MULTILINE,
)
_LAST_WORDS: Final = re.compile(r"[\w./-]+")


def readme_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what the repository makes, where its README says how that is got by its own name."""
    path = next((name for name in _FILES if name in tree), None)
    text = tree.text(path) if path else None
    if not path or not text:
        return
    names = own_names(tree)
    lines = list(_telling_lines(text)) if names.all else []
    tool = _first(path, text, lines, _TOOL, names.all)
    added = _first(path, text, lines, _DEPENDENCY, names.all)
    if tool:
        yield Fact("kind", "cli", "readme/tool", "medium", tool)
    if added:
        is_called = names.has_command and not _is_imported(text, names.all)
        kind = "cli" if is_called else "library"
        yield Fact("kind", kind, "readme/dependency", "medium", added)
    run = _run(path, text, names.all)
    if run:
        yield Fact("kind", "web", "readme/container", "medium", run)


def _telling_lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the lines begin and end that may tell how to get something."""
    end = -1
    for _, at, _ in _WORDS.find_matches_as_indexes(text):
        if at > end:
            newline = text.find("\n", at)
            end = newline if newline >= 0 else len(text)
            yield text.rfind("\n", 0, at) + 1, end


def _first(
    path: str,
    text: str,
    lines: Sequence[tuple[int, int]],
    pattern: re.Pattern[str],
    names: frozenset[str],
) -> Evidence | None:
    for match in (match for begin, end in lines for match in pattern.finditer(text, begin, end)):
        target = next((group for group in match.groups() if group), "")
        if is_own(target, names):
            return quoted_match(path, text, match)
    return None


def _is_imported(text: str, names: frozenset[str]) -> bool:
    return any(is_own(next(filter(None, match)), names) for match in _IMPORTED.findall(text))


def _run(path: str, text: str, names: frozenset[str]) -> Evidence | None:
    begin = min((at for word in _RUNS if (at := text.find(word)) >= 0), default=len(text))
    for match in _CONTAINER.finditer(text, begin):
        # In a terminal of the reader's own a tool is run.
        if not _INTERACTIVE.search(match[0]) and any(
            is_own(word, names) for word in _LAST_WORDS.findall(match[0])
        ):
            return quoted_match(path, text, match)
    return None
