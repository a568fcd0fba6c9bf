"""Ruby: what shows that a service is written in it."""

from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, first_line
from analyzer.languages.ruby.gems import FRAMEWORKS
from analyzer.languages.ruby.project import read_project
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

LANGUAGE = "ruby"
_OTHER_SOURCES: Final = ("py", "ts", "tsx", "js", "go", "java", "php", "swift", "kt", "rs", "ex")


def shown_by(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is Ruby."""
    project = read_project(tree)
    framework = next((gem for gem, _ in FRAMEWORKS if gem in project.gems), None)
    path = project.gemspec or project.gemfile
    if framework and not (project.gemfile or "").startswith("../"):
        evidence = project.gems[framework]
        yield Fact("language", LANGUAGE, "ruby/framework", "high", evidence)
        own, others = _source_counts(tree)
        if own > others:
            yield Fact("language", LANGUAGE, "ruby/most-sources", "medium", evidence)
        yield from _rackup(tree)
        return
    text = (tree.text(path) or "") if path else ""
    if path and text.strip():
        sure = _language_certainty(tree, path)
        yield Fact("language", LANGUAGE, "ruby/gems", sure, first_line(path, text))
    elif "config.ru" not in tree:
        yield from _sources_alone(tree)
    yield from _rackup(tree)


def _rackup(tree: SourceTree) -> Iterator[Fact]:
    places = (("config.ru", "ruby/rackup"), ("config/application.rb", "ruby/rails-application"))
    for path, rule in places:
        text = tree.text(path)
        if text and text.strip():
            yield Fact("language", LANGUAGE, rule, "high", first_line(path, text))


def _language_certainty(tree: SourceTree, path: str) -> Confidence:
    """Fastlane, CocoaPods and Jekyll bring a Gemfile to services of other languages."""
    own, others = _source_counts(tree)
    if path.startswith("../") or own == 0:
        return "low"
    if path.endswith(".gemspec") or own >= others:
        return "high"
    return "medium" if own * 5 >= others else "low"


def _source_counts(tree: SourceTree) -> tuple[int, int]:
    others = (len(tree.ending(f".{suffix}")) for suffix in _OTHER_SOURCES)
    return len(tree.ending(".rb")), max(others)


def _sources_alone(tree: SourceTree) -> Iterator[Fact]:
    for path in tree.sources(".rb"):
        text = tree.text(path) if "/" not in path else None
        if text and text.strip():
            yield Fact("language", LANGUAGE, "ruby/source", "medium", first_line(path, text))
            return
