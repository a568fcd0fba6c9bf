"""Ruby: what its project files and its source say."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from analyzer.facts import Fact, first_line
from analyzer.languages.cache_switches import SWITCHES
from analyzer.languages.ruby.gems import (
    default_port_facts,
    framework_facts,
    store_facts,
    worker_facts,
)
from analyzer.languages.ruby.project import RubyProject, read_project, version_facts
from analyzer.languages.ruby.rails import (
    database_facts,
    environment_facts,
    route_facts,
    server_facts,
)
from analyzer.languages.ruby.start import convention_facts, kind_facts, start_facts
from analyzer.patterns import Pattern
from analyzer.source_rules import SourceRule, constant, port_of, scanned, text_of
from analyzer.tree import SourceTree

_CABLE: Final = "config/cable.yml"
_SUFFIXES: Final = (".rb", ".ru", ".rake")
_HEALTH_WORDS: Final = (
    r"_?(?:health(?:z|[_-]?checks?)?|readyz?|readiness|livez?|liveness|heartbeat)"
)
_HEALTH: Final = Pattern(
    rf"(?<![\w.])(?:get|map|head)[ \t(]+[\"'](/(?:[\w-]+/){{0,3}}{_HEALTH_WORDS})/?\??[\"']"
)
_RULES: Final = (
    SourceRule(
        "ruby/environment",
        "environment_variables",
        "ENV",
        Pattern(
            r"\bENV(?:\[|\.(?:fetch|key\?|has_key\?|include\?|delete|dig)[ \t(]+)"
            r"[\"']([A-Z][A-Z0-9_]+)[\"']"
        ),
        "high",
        text_of,
        span=100,
    ),
    SourceRule(
        "ruby/redis-variable",
        "cache",
        "REDIS",
        Pattern(r"\bENV(?:\[|\.\w+\??[ \t(]+)[\"']\w{0,30}REDIS\w{0,20}(?:URL|HOST|URI)[\"']"),
        "medium",
        constant("redis"),
        span=100,
    ),
    SourceRule(
        "ruby/redis-client",
        "cache",
        "Redis",
        Pattern(r"\bRedis(?:Client)?\.(?:new|config|connect)\b"),
        "medium",
        constant("redis"),
        span=100,
    ),
    SourceRule(
        "ruby/memcached-client",
        "cache",
        "Dalli",
        Pattern(r"\bDalli::Client\.new\b"),
        "medium",
        constant("memcached"),
        span=100,
    ),
    SourceRule(
        "ruby/set-port",
        "port",
        "port",
        Pattern(r"^[ \t]*set[ \t(]+:port,[^\n]{0,40}?\b(\d{2,5})\b", re.MULTILINE),
        "high",
        port_of,
    ),
    SourceRule(
        "ruby/port-variable",
        "port",
        "PORT",
        Pattern(
            r"\bENV(?:\[|\.fetch[ \t(]+)[\"']PORT[\"'][\])]?[ \t]*"
            r"(?:,|\|\||\)[ \t]*\{|\{)[ \t]*[\"']?(\d{2,5})\b"
        ),
        "medium",
        port_of,
        span=100,
    ),
    # What Rack's handlers and WEBrick are told.
    SourceRule(
        "ruby/server-option",
        "port",
        "Port",
        Pattern(
            r"(?:\bPort:|:Port[ \t]*=>)[ \t]*"
            r"(?:\(?ENV(?:\[|\.fetch\()[\"'][A-Z_]{0,20}PORT[\"']\]?[ \t]*(?:\|\||,)[ \t]*)?[\"']?"
            r"(\d{2,5})\b"
        ),
        "medium",
        port_of,
        span=100,
    ),
    SourceRule(
        "ruby/run-option",
        "port",
        ".run!",
        Pattern(r"\.run![ (][^\n]{0,80}?\bport:[ \t]*(\d{2,5})\b"),
        "medium",
        port_of,
        span=120,
    ),
    *(
        SourceRule("ruby/health-block", "health_path", word, _HEALTH, "medium", text_of, span=20)
        for word in ("/health", "/_health", "/ready", "/live", "/heartbeat")
    ),
)


def facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what a Ruby service needs."""
    project = read_project(tree)
    frameworks = list(framework_facts(tree, project))
    yield from chain(
        _dependencies(tree, project),
        version_facts(tree, project),
        frameworks,
        default_port_facts(tree, frameworks),
        store_facts(project),
        worker_facts(tree, project),
        database_facts(tree),
        environment_facts(tree, project),
        route_facts(tree, project),
        server_facts(tree, project),
        _source_facts(tree),
        start_facts(tree, project, frameworks),
        convention_facts(tree, project),
        kind_facts(tree, project),
    )


def _sources(tree: SourceTree) -> tuple[str, ...]:
    """Return what may read a variable: code, templates of configuration, Rack's file."""
    code = tree.sources(*_SUFFIXES)
    configured = tuple(path for path in tree.sources(".yml") if path.startswith("config/"))
    plain = tuple(path for path in ("Rakefile", "Gemfile") if path in tree)
    return (*code, *configured, *plain)


def _source_facts(tree: SourceTree) -> Iterator[Fact]:
    for fact in scanned(tree, _sources(tree), (*_RULES, *SWITCHES)):
        # The cable that Rails generates names Redis whether or not anybody uses it.
        if fact.field != "cache" or fact.evidence is None or fact.evidence.file != _CABLE:
            yield fact


def _dependencies(tree: SourceTree, project: RubyProject) -> Iterator[Fact]:
    path = project.gemfile or project.gemspec
    text = (tree.text(path) or "") if path else ""
    if path and text.strip():
        yield Fact("dependencies", True, "ruby/dependencies", "high", first_line(path, text))
