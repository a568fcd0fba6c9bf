"""How a Ruby service is started and migrated, and whether there is one at all."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, first_line, quoted, quoted_match
from analyzer.languages.ruby.gems import DATABASES, SERVERS, has_application, served_gem
from analyzer.languages.ruby.project import RubyProject
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.words.readme_place import readme_of
from analyzer.witnesses.words.self_description import said_of
from analyzer.witnesses.words.summaries import GEM_SENTENCE
from delightful.recommendation import Confidence

_SUMMARY: Final = r"\.(?:summary|description)\b[^\n]{0,200}?"
_PUMA_FILES: Final = ("puma.rb", "puma_config.rb")
# What Bundler's and Rails' skeletons put beside a program's commands.
_OF_DEVELOPERS: Final = Pattern(
    r"/(?:bundle|console|setup|test|rake|rspec|rubocop|release)$|\.(?:bat|md|sh)$"
)
_ANYWHERE: Final = "0.0.0.0"  # noqa: S104


def start_facts(
    tree: SourceTree, project: RubyProject, frameworks: Sequence[Fact]
) -> Iterator[Fact]:
    """Yield the command that starts the web process."""
    framework = next((str(fact.value) for fact in frameworks), None)
    server = project.evidence(*SERVERS)
    puma = tree.text("config/puma.rb") or ""
    if puma.strip():  # the gem itself may come with another
        evidence = project.evidence("puma") or first_line("config/puma.rb", puma)
        command: list[JsonValue] = ["bundle", "exec", "puma", "-C", "config/puma.rb"]
        yield Fact("start_command", command, "ruby/puma", "medium", evidence)
    elif "config/unicorn.rb" in tree and "unicorn" in project.gems:
        command = ["bundle", "exec", "unicorn", "-c", "config/unicorn.rb"]
        yield Fact("start_command", command, "ruby/unicorn", "medium", project.gems["unicorn"])
    elif framework == "rails":
        command = ["bundle", "exec", "rails", "server", "-b", _ANYWHERE]
        yield Fact("start_command", command, "ruby/rails-server", "medium", frameworks[0].evidence)
    elif framework == "hanami":
        command = ["bundle", "exec", "hanami", "server", "--host", _ANYWHERE]
        yield Fact("start_command", command, "ruby/hanami-server", "medium", frameworks[0].evidence)
    elif "config.ru" in tree and "puma" in project.gems:
        settings = next((path for path in _PUMA_FILES if path in tree), None)
        command = ["bundle", "exec", "puma", *(("-C", settings) if settings else ())]
        yield Fact("start_command", command, "ruby/puma", "medium", project.gems["puma"])
    elif "config.ru" in tree:
        evidence = server or first_line("config.ru", tree.text("config.ru") or "")
        command = ["bundle", "exec", "rackup", "--host", _ANYWHERE]
        sure: Confidence = "low" if project.gemspec else "medium"
        yield Fact("start_command", command, "ruby/rackup-server", sure, evidence)
    else:
        yield from _scripts(tree)
    yield from _executable(tree, project)


def _scripts(tree: SourceTree) -> Iterator[Fact]:
    for path in ("app.rb", "server.rb", "main.rb", "web.rb", "bot.rb", "worker.rb"):
        text = tree.text(path)
        if text and text.strip():
            command: list[JsonValue] = ["bundle", "exec", "ruby", path]
            yield Fact("start_command", command, "ruby/script", "low", first_line(path, text))
            return


def _executable(tree: SourceTree, project: RubyProject) -> Iterator[Fact]:
    text = (tree.text(project.gemspec) or "") if project.gemspec else ""
    match = re.search(r"\bexecutables[ \t]*(?:=|<<)[ \t]*(?:%w)?[\[(]?[ \t]*[\"'(\[]([\w-]+)", text)
    if project.gemspec and match and match[1] != "spec":
        evidence = quoted_match(project.gemspec, text, match)
        yield Fact("start_command", [match[1]], "ruby/executable", "medium", evidence)
    elif served_gem(project):
        yield from _only_executable(tree)


def _only_executable(tree: SourceTree) -> Iterator[Fact]:
    """Yield the one command of a gem that is a server, with what starts it by its README."""
    brought = tree.below("exe") or tree.below("bin")
    paths = [path for path in brought if path.count("/") == 1 and not _OF_DEVELOPERS.search(path)]
    path = paths[0] if len(paths) == 1 else ""
    text = tree.text(path) if path else None
    if text and text.strip():
        name = path.partition("/")[2]
        readme = tree.text(readme_of(tree) or "") or ""
        match = re.search(rf"\b{re.escape(name)} (start|serve|server)\b", readme)
        command: list[JsonValue] = [name, match[1]] if match else [name]
        yield Fact("start_command", command, "ruby/executable", "medium", first_line(path, text))


def convention_facts(tree: SourceTree, project: RubyProject) -> Iterator[Fact]:
    """Yield what a framework reads and how it migrates, without a line of the service."""
    rails = project.evidence("rails", "railties")
    hanami = project.evidence("hanami")
    if rails and has_application(tree):
        # Rails reads these by itself: no line of the service's names them.
        for name in ("SECRET_KEY_BASE", "RAILS_MAX_THREADS"):
            yield Fact("environment_variables", name, "ruby/rails-variable", "medium", rails)
        if "config/credentials.yml.enc" in tree:
            yield Fact(
                "environment_variables", "RAILS_MASTER_KEY", "ruby/rails-variable", "medium", rails
            )
        driver = project.evidence(*(gem for gem in DATABASES if gem != "sqlite3"))
        if driver:
            yield Fact(
                "environment_variables", "DATABASE_URL", "ruby/rails-variable", "medium", driver
            )
        yield Fact("migration_tool", "rails", "ruby/rails-migrations", "high", rails)
        command: list[JsonValue] = ["bundle", "exec", "rails", "db:migrate"]
        yield Fact("migration_command", command, "ruby/rails-migrations", "high", rails)
    sidekiq = project.evidence("sidekiq", "resque")
    if sidekiq:
        yield Fact("environment_variables", "REDIS_URL", "ruby/redis-url", "medium", sidekiq)
    if hanami:
        command = ["bundle", "exec", "hanami", "db", "migrate"]
        yield Fact("migration_tool", "hanami", "ruby/hanami-migrations", "high", hanami)
        yield Fact("migration_command", command, "ruby/hanami-migrations", "high", hanami)


_VERSION = Pattern(r"\bVERSION[ \t]*=")
_OF_LIBRARIES = r"(?:framework|library|toolkit|for Ruby\b(?! on Rails))"
_OF_TOOLS = r"(?:command[- ]line|\bCLI\b|\btool\b|generator)"
# What runs a gem's own application for trying it out.
_DEMO = Pattern(r"require(?:_relative)?\b[^\n]{0,60}?\b(?:spec|test)/(?:[\w-]{1,40}/){1,4}")


def kind_facts(tree: SourceTree, project: RubyProject) -> Iterator[Fact]:
    """Yield the kind of program that an application or a gem specification speaks for."""
    path = "config.ru"
    text = tree.text(path) or ""
    match = re.search(r"^[ \t]*run\b", text, re.MULTILINE)
    demo = _DEMO.search(text) if project.gemspec else None
    if demo:
        yield Fact("kind", "library", "ruby/demo", "high", quoted_match(path, text, demo))
    elif path in tree and (match or text.strip()):
        evidence = quoted_match(path, text, match) if match else first_line(path, text)
        # A gem's may only show what the gem brings.
        sure: Confidence = "medium" if project.gemspec else "high"
        yield Fact("kind", "web", "ruby/rackup", sure, evidence)
    if project.gemspec:
        served = served_gem(project)
        if served and demo is None:
            yield Fact("kind", "web", "ruby/served-gem", "high", served)
        has_program = (path in tree or served is not None) and demo is None
        yield from _gem_kinds(tree, project.gemspec, has_program=has_program)
    elif path not in tree:
        yield from _versioned_library(tree)


def _versioned_library(tree: SourceTree) -> Iterator[Fact]:
    """Yield a library where its version stands as in a gem whose specification is generated."""
    for file in tree.named("version.rb"):
        folder = file.removesuffix("/version.rb")
        text = tree.text(file) if folder.startswith("lib/") and f"{folder}.rb" in tree else None
        match = _VERSION.search(text) if text else None
        if text and match:
            yield Fact("kind", "library", "ruby/version", "medium", quoted_match(file, text, match))
            return


def _summed_up(text: str) -> tuple[bool, bool]:
    """Say whether a gem calls itself a library, and whether a tool: what comes first holds."""
    sentence = GEM_SENTENCE.search(text)
    said = said_of(sentence[1]) if sentence else None
    if said:
        return said.kind == "library", said.kind == "cli"
    library = re.search(rf"{_SUMMARY}{_OF_LIBRARIES}", text, re.I)
    tool = re.search(rf"{_SUMMARY}{_OF_TOOLS}", text, re.I)
    is_tool = tool is not None and (library is None or tool.end() < library.end())
    return library is not None, is_tool


def _is_engine(tree: SourceTree) -> bool:
    """Say whether a gem is mounted in an application of Rails, whatever command makes one."""
    return any("Rails::Engine" in (tree.text(path) or "") for path in tree.named("engine.rb"))


def _gem_kinds(tree: SourceTree, path: str, *, has_program: bool) -> Iterator[Fact]:
    text = tree.text(path) or ""
    sure: Confidence = "low" if has_program else "high"
    executable = re.search(r"\.executables\b(?![ \t]*=[ \t]*\[\s*\])", text)
    is_library, is_tool = _summed_up(text)
    is_made_for_tools = executable and not has_program and not _is_engine(tree)
    if executable and is_made_for_tools and (is_tool or not is_library):
        tool: Confidence = "high" if is_tool else "medium"
        yield Fact("kind", "cli", "ruby/executables", tool, quoted_match(path, text, executable))
        return
    start = text.find("Gem::Specification")
    if start >= 0:
        evidence = quoted(path, text, start, start + len("Gem::Specification"))
        yield Fact("kind", "library", "ruby/gemspec", sure, evidence)
