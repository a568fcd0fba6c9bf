"""What a Ruby project's own files name: gems, and the version of Ruby."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from analyzer.facts import Fact, quoted
from analyzer.languages.dependencies import Dependencies
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

_GEM: Final = Pattern(r"^[ \t]*gem[ \t(]+[\"']([\w.-]+)[\"']([^\n]*)$")
_NEEDED: Final = Pattern(
    r"^[ \t]*\w+\.add_(?:runtime_)?dependency[ \t(]+[\"']([\w.-]+)[\"']", re.MULTILINE
)
_ASIDE: Final = Pattern(r":?(?:development|test|ci|lint|doc)\b")
_GROUP: Final = Pattern(r"^[ \t]*group\b([^\n]*)\bdo\b")
_BLOCK: Final = Pattern(r"\bdo\b(?:[ \t]*\|[^|\n]*\|)?[ \t]*(?:#[^\n]*)?$")
_END: Final = Pattern(r"^[ \t]*end\b")
_CONDITION: Final = Pattern(r"^[ \t]*(?:if|unless|case|def|begin)\b")

_VERSION: Final = r"(\d+\.\d+(?:\.\d+)?)"
# File, what to look for, the rule's name, how sure it is: a range names the lowest version only.
_PINNED: Final[tuple[tuple[str, str, str, Confidence], ...]] = (
    (".ruby-version", rf"\A\s*(?:ruby-)?{_VERSION}", "ruby/version-file", "high"),
    (".tool-versions", rf"^ruby[ \t]+{_VERSION}", "ruby/tool-versions", "high"),
    ("mise.toml", rf"^ruby[ \t]*=[ \t]*[\"']{_VERSION}", "ruby/mise", "high"),
    (".mise.toml", rf"^ruby[ \t]*=[ \t]*[\"']{_VERSION}", "ruby/mise", "high"),
    ("Gemfile", rf"^ruby[ \t(]+[\"'](?:=[ \t]*)?{_VERSION}", "ruby/gemfile", "high"),
    ("Gemfile", rf"^ruby[ \t(]+[\"'](?:~>|>=)[ \t]*{_VERSION}", "ruby/gemfile-range", "medium"),
    ("Gemfile.lock", rf"^RUBY VERSION\n[ \t]+ruby {_VERSION}", "ruby/lock", "high"),
)
_REQUIRED: Final = Pattern(
    rf"\brequired_ruby_version[ \t]*=[^\n]{{0,60}}[\"'](?:~>|>=)[ \t]*{_VERSION}"
)


@dataclass(frozen=True)
class RubyProject:
    """The gems of a project, those of production and those for developers and tests."""

    gemfile: str | None = None
    gemspec: str | None = None
    gems: Dependencies = field(default_factory=dict)
    aside: Dependencies = field(default_factory=dict)

    def evidence(self, *names: str) -> Evidence | None:
        """Return the line of the first gem that runs in production, or None."""
        return next((self.gems[name] for name in names if name in self.gems), None)


def read_project(tree: SourceTree) -> RubyProject:
    """Read the nearest Gemfile, and the gemspec that lies in the service's folder."""
    gemfile = tree.nearest("Gemfile", "gems.rb")
    gemspec = _gemspec(tree)
    gems: dict[str, Evidence] = {}
    aside: dict[str, Evidence] = {}
    for name, is_spare, evidence in _named(gemfile, tree.text(gemfile) or "") if gemfile else ():
        (aside if is_spare else gems).setdefault(name, evidence)
    text = (tree.text(gemspec) or "") if gemspec else ""
    for match in _NEEDED.finditer(text):
        evidence = quoted(gemspec or "", text, match.start(), match.end())
        gems[match[1]] = evidence
    return RubyProject(gemfile, gemspec, gems, aside)


def _gemspec(tree: SourceTree) -> str | None:
    """Return the service's own gemspec, else the first of those that share a repository."""
    named = [path for path in tree.top_level if path.endswith(".gemspec")]
    # Of several the one with a command is the whole, else the one that the others extend by name.
    own = (
        min(
            named,
            key=lambda path: (".executables" not in (tree.text(path) or ""), len(path)),
            default=None,
        )
        if len(named) > 1
        else next(iter(named), None)
    )
    if own or "config.ru" in tree or "config/application.rb" in tree:
        return own
    below = (path for path in tree.ending(".gemspec") if path.count("/") == 1)
    return min((path for path in below if not is_aside(path)), default=None)


def version_facts(tree: SourceTree, project: RubyProject) -> Iterator[Fact]:
    """Yield each version of Ruby that a file pins."""
    for name, pattern, rule, confidence in _PINNED:
        path = tree.nearest(name)
        text = tree.text(path) if path else None
        match = re.search(pattern, text, re.MULTILINE) if text else None
        if path and text and match:
            start = text.rfind("\n", 0, match.start(1)) + 1
            evidence = quoted(path, text, start, match.end(1))
            yield Fact("runtime_version", match[1], rule, confidence, evidence)
    text = (tree.text(project.gemspec) or "") if project.gemspec else ""
    match = _REQUIRED.search(text)
    if project.gemspec and match:
        evidence = quoted(project.gemspec, text, match.start(), match.end())
        yield Fact("runtime_version", match[1], "ruby/gemspec-range", "low", evidence)


def _named(path: str, text: str) -> Iterator[tuple[str, bool, Evidence]]:
    """Yield each gem of a Gemfile, and whether only developers or tests install it."""
    groups: list[bool] = []
    start = 0
    for line in text.split("\n"):
        group = _GROUP.match(line)
        if _END.match(line) and groups:
            groups.pop()
        elif group:
            groups.append(_ASIDE.search(group[1]) is not None and "production" not in group[1])
        elif _BLOCK.search(line) or _CONDITION.match(line):
            groups.append(False)
        gem = _GEM.match(line)
        if gem:
            evidence = quoted(path, text, start, start + gem.end(1) + 1)
            yield gem[1], any(groups) or _is_grouped_aside(gem[2]), evidence
        start += len(line) + 1


def _is_grouped_aside(rest: str) -> bool:
    match = re.search(r"\bgroups?[:\"' =>]+([^\n]*)", rest)
    return match is not None and _ASIDE.search(match[1]) is not None and "production" not in rest
