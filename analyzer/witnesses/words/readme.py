"""The README: how its readers are told to get what the repository makes."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ahocorasick_rs import AhoCorasick

from analyzer.facts import Fact, quoted_match
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.words.own_names import OwnNames, is_own, named_in, normalized, own_names
from analyzer.witnesses.words.readme_containers import container_facts, container_port_facts
from analyzer.witnesses.words.readme_place import readme_of
from analyzer.witnesses.words.self_description import described
from analyzer.witnesses.words.summaries import summary_facts
from delightful.recommendation import Confidence, Evidence

# What works by itself is often called after it; of packages for Node and Rust their own rules tell.
_WORKS: Final = Pattern(
    r"(?:^|-)(?:consumer|daemon|indexer|listener|notifier|operator|poller|processor|subscriber"
    r"|workers?|bot)$|2mqtt$"
)
_OPTIONS: Final = r"[ \t]+(?:-[\w-]+[ \t]+){0,4}"
_TARGET: Final = r"[\"'`]?([@\w][\w@./:-]*)"
# What is installed on a person's own machine, to be called there.
_TOOL: Final = Pattern(
    r"\b(?:pipx install|uv tool install|uvx|brew install|choco install|scoop install|winget install"
    r"|snap install|cargo b?install|go install|npx|pnpx|bunx|npm (?:install|i) (?:-g|--global)"
    r"|npm (?:install|i)(?= [@\w./-]+ (?:-g|--global)\b)|yarn global add|pnpm add (?:-g|--global)"
    rf"|dotnet tool install){_OPTIONS}{_TARGET}"
)
# What is added to a program of the reader's own.
_DEPENDENCY: Final = Pattern(
    r"(?:\b(?:pip3? install|uv add|poetry add|uv pip install|yarn add"
    r"|npm (?:install|i|add)(?![^\n]{0,80} (?:-g|--global)\b)|pnpm add|bun add|cargo add"
    r"|composer require|gem install|bundle add|dotnet add package"
    rf"|Install-Package|nuget install|go get){_OPTIONS}{_TARGET}"
    r"|^[ \t]*gem[ (][\"']([\w-]+)[\"']|^[ \t>\[]*\{:(\w+),"
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
# In settings of a tool its own name is imported, too.
_IMPORTED: Final = Pattern(
    r"^[ \t>.]*(?:import|from)[ \t]+([\w.]+)|\brequire[( ][\"']([@\w./-]+)"
    r"|^(?![^\n]{0,80}defineConfig)[^\n]{0,160}\bfrom[ \t]+[\"']([@\w./-]+)"
    r"|^[ \t>]*import[ \t]+(?:\w+[ \t]+)?[\"']([@\w./-]+)"
    r"|^[ \t>]*(?:include|extend)[ \t]+([A-Z]\w+)|=[ \t]*([A-Z]\w+)(?:\.|::)\w",
    re.MULTILINE,
)


def readme_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what a README says that its project is, and what its readers get by its own name."""
    path = readme_of(tree)
    text = tree.text(path) if path else None
    told = list(described(path, text)) if path and text else []
    yield from told or summary_facts(tree)
    named = named_in(tree, _WORKS)
    if named and not any(_repeats(one, named) for one in told):
        yield Fact("kind", "worker", "readme/name", "medium", named)
    if not path or not text:
        return
    names = own_names(tree)
    yield from _got(tree, path, text, names)
    yield from container_facts(path, text, names.all)
    yield from container_port_facts(path, text, names.all)


def _repeats(told: Fact, named: Evidence) -> bool:
    """Say whether a description only says the project's name again."""
    said = told.evidence.quote if told.evidence else ""
    return normalized(said.replace(" ", "-")) in normalized(named.quote)


def _got(tree: SourceTree, path: str, text: str, names: OwnNames) -> Iterator[Fact]:
    """Yield what the README's commands make of the project: a tool, or a part of a program."""
    lines = list(_telling_lines(text)) if names.all else []
    tool = _first(path, text, lines, _TOOL, names.all)
    added = _first(path, text, lines, _DEPENDENCY, names.all)
    if tool:
        yield Fact("kind", "cli", "readme/tool", "medium", tool)
    is_asked = names.has_command if added else not tool
    imported = _imported(path, text, names.all) if is_asked and names.all else None
    if added:
        is_called = names.has_command and not imported and not _is_loaded(text, added.line)
        # What lies outermost in a module of Go is a program, or else a package for others.
        is_built = added.quote.startswith("go get") and "main.go" in tree
        kind = "cli" if is_called or is_built else "library"
        # Servers are got in the same ways as tools.
        sure: Confidence = "low" if kind == "cli" else "medium"
        yield Fact("kind", kind, "readme/dependency", sure, added)
    elif imported:
        sure = "low" if names.has_command else "medium"
        yield Fact("kind", "library", "readme/imported", sure, imported)


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
    pattern: Pattern[str],
    names: frozenset[str],
) -> Evidence | None:
    for match in (match for begin, end in lines for match in pattern.finditer(text, begin, end)):
        target = next((group for group in match.groups() if group), "")
        if is_own(target, names):
            return quoted_match(path, text, match)
    return None


def _is_loaded(text: str, line: int) -> bool:
    """Say whether a line of a Gemfile has the project loaded into the program of its reader."""
    said = text.split("\n")[line - 1].strip()
    return said.startswith(("gem '", 'gem "', "gem(")) and "require: false" not in said


def _imported(path: str, text: str, names: frozenset[str]) -> Evidence | None:
    for match in _IMPORTED.finditer(text):
        if is_own(next(filter(None, match.groups()), ""), names):
            return quoted_match(path, text, match)
    return None
