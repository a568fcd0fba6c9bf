"""Rails' own files: the database, the environments, the cable, the routes, Puma."""

import re
from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, is_port, quoted, quoted_match
from analyzer.languages.health_routes import meaning_of
from analyzer.languages.ruby.project import RubyProject
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

_ADAPTERS: Final = {
    "postgresql": "postgres",
    "postgis": "postgres",
    "postgres": "postgres",
    "mysql2": "mysql",
    "mysql": "mysql",
    "trilogy": "mysql",
    "sqlite3": "sqlite",
    "sqlserver": "sqlserver",
}
_ADAPTER: Final = Pattern(
    r"^[ \t]+(?:adapter|url):[^\n]*?"
    r"\b(postgresql|postgis|postgres|mysql2|mysql|trilogy|sqlite3|sqlserver)(?:_makara)?\b",
    re.MULTILINE,
)
# Rails without its own way to databases, whatever lies in the settings.
_WITHOUT_RECORDS: Final = Pattern(
    r"^[ \t]*#[ \t]*require [\"']active_record/railtie[\"']", re.MULTILINE
)
_ASKED_ADAPTER: Final = Pattern(r"<%-?[ \t]*if\b[^%\n]{0,120}?(?:postgres|mysql|mariadb)")
_MERGED: Final = Pattern(r"<<:[ \t]*\*(\w+)")
_DATABASE_FILE: Final = Pattern(
    r"config/database\.(?:yml|yaml)(?:[.-][\w-]+)?$|config/database[.-][\w-]+\.yml$"
)

_SETTING: Final = r"^[ \t]*config\."
_CACHE_STORE: Final = Pattern(
    rf"{_SETTING}(?:cache_store|session_store)[ \t=]+\[?[ \t]*"
    r":(redis_cache_store|redis_store|mem_cache_store|dalli_store)",
    re.MULTILINE,
)
_QUEUE: Final = Pattern(
    rf"{_SETTING}active_job\.queue_adapter[ \t]*=[ \t]*[:\"'](\w+)", re.MULTILINE
)
_INSIDE: Final = frozenset({"async", "inline", "test", "sucker_punch"})
_ASYNC_JOBS: Final = Pattern(
    r"^[ \t]*config\.(?:good_job\.)?execution_mode[ \t]*=[ \t]*:(async\w*|external|inline)",
    re.MULTILINE,
)
_EMBEDDED: Final = Pattern(
    r"configure_embed|^[ \t]*plugin[ \t(]+:(?:solid_queue|sidekiq\w*|good_job)[ \t)]*$",
    re.MULTILINE,
)
_IN_PUMA: Final = Pattern(r"^[ \t]+SOLID_QUEUE_IN_PUMA:[ \t]*[\"']?(?:true|1)", re.MULTILINE)

_UP: Final = Pattern(
    r"^[ \t]*get[ \t(]+[\"'/]{0,2}/?([\w./-]+)[\"'][ \t]*(?:=>|,[ \t]*to:)[ \t]*"
    r"[\"']/?rails/health#show",
    re.MULTILINE,
)
_HEALTH: Final = Pattern(
    r"^([ \t]*)(?:get|match|root|resources?)[ \t(]+(?::|[\"']/?)((?:[\w.-]+/){0,3}"
    r"_?(?:health(?:z|[_-]?checks?)?|readyz?|readiness|livez?|liveness|ping|heartbeat|status|up"
    r"|alive))\b[\"']?[ \t]*(?:=>|,|$|\))",
    re.MULTILINE,
)
# The path does not say so, but what answers does: a text of one word, or a controller's name.
_ANSWERS: Final = (
    Pattern(
        r"^([ \t]*)get[ \t(]+[\"']/?([\w/-]+)[\"'][ \t]*(?:=>|,[ \t]*to:)[ \t]*(?:proc|lambda|->)"
        r"[^\n]{0,40}\[[ \t]*200,[^\n]{0,80}[\"'\[](?i:ok|up|alive|healthy)[\"'\]]",
        re.MULTILINE,
    ),
    Pattern(
        r"^([ \t]*)get[ \t(]+[\"']/?([\w/-]+)[\"'][ \t]*(?:=>|,[ \t]*to:)[ \t]*"
        r"[\"']/?(?!rails/)(?:\w+/)*(?:health\w*|heartbeats?)#",
        re.MULTILINE,
    ),
)
_OPENED: Final = Pattern(
    r"^[ \t]*(?:namespace[ \t(]+:?[\"']?([\w/-]+)"
    r"|scope[ \t(]+(?:path:[ \t]*)?[\"':]/?([\w/-]+))[^\n]*\bdo\b"
)
_ROOT: Final = Pattern(r"^[ \t]*(?:[\w:.]+\.routes\.draw|end\b|#)")
_MOUNTED: Final = Pattern(
    r"^[ \t]*mount[ \t(]+(?:OkComputer|HealthMonitor|HealthCheck|RailsHealth|Easymon|Heartcheck"
    r"|Allgood|HealthBit)\S*[^\n]*?"
    r"(?:=>|at:)[ \t]*[\"'](/[\w/-]+)",
    re.MULTILINE,
)
_MOUNT_AT: Final = Pattern(r"^OkComputer\.mount_at[ \t]*=[ \t]*[\"']([\w/-]+)[\"']", re.MULTILINE)
# Where gems answer by themselves.
_BROUGHT: Final = (
    ("okcomputer", "/okcomputer"),
    ("health_check", "/health_check"),
    ("server_health_check-rack", "/health"),
)
# An application's status pages are its own business; a check says so or answers by itself.
_TELLS_HEALTH: Final = Pattern(r"health|->|lambda|proc\b|heartbeat")
_GENERAL: Final = frozenset({"ping", "live", "alive"})

_PUMA_PORT: Final = Pattern(
    r"^[ \t]*(?:port[ \t(]+|PORT[ \t]*=[ \t]*|bind[ \t(]+[^\n]{0,60})[^\n#]{0,120}?"
    r"PORT[\"'\])]{1,3}[^\n\d#]{0,20}(\d{2,5})\b",
    re.MULTILINE,
)
_PLAIN_PORT: Final = Pattern(
    r"^[ \t]*(?:port[ \t(]+(\d{2,5})\b"
    r"|(?:bind|listen)[ \t(]+[\"']?(?:tcp://)?[\w.\[\]:]{0,40}?:?(\d{4,5})\b)",
    re.MULTILINE,
)

_RACK_OPTIONS: Final = Pattern(r"\A#\\[^\n]{0,80}?(?:-p|--port)[= ]?(\d{2,5})\b")
_STARTING: Final = (
    *("bin/start", "bin/server", "bin/web", "bin/docker-entrypoint", "script/server", "start.sh"),
    *("entrypoint.sh", "docker-entrypoint.sh", "Makefile", "makefile", "justfile"),
)
_COMMAND: Final = Pattern(
    r"^(?![ \t]*#)[^\n]{0,80}?\b(?:rails s(?:erver)?|puma|rackup|thin|unicorn|falcon serve"
    r"|hanami server)\b[^\n|&;]{0,120}?"
    r"(?:[ \t](?:-p|--port)[= ]?|[ \t](?:-b|--bind)[= ]?tcp://[\w.\[\]:]{1,30}:)(\d{2,5})\b",
    re.MULTILINE,
)


def database_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield the adapter that production has in `config/database.yml`, or in its sample."""
    if _WITHOUT_RECORDS.search(tree.text("config/application.rb") or ""):
        return
    paths = [path for path in tree.paths if "database" in path and _DATABASE_FILE.search(path)]
    own = next((path for path in paths if path.endswith("database.yml")), None)
    for path in [own] if own else paths:
        text = tree.text(path) or ""
        produced = _adapters_of(text, "production")
        if _ASKED_ADAPTER.search(text):
            # What has to be asked for by name is not what the service starts with.
            inside = [one for one in _adapters_of(text, None) if _ADAPTERS[one[2]] == "sqlite"]
            produced = inside or produced
        for start, end, adapter in (produced or _adapters_of(text, None))[:1]:
            evidence = quoted(path, text, start, end)
            # Of several samples one is chosen by whoever installs it.
            sample: Confidence = "medium" if len(paths) == 1 else "low"
            sure = "high" if own and produced else "medium" if own else sample
            yield Fact("database", _ADAPTERS[adapter], "ruby/database-yml", sure, evidence)
    yield from _mongoid(tree, is_alone=not own)


def _mongoid(tree: SourceTree, *, is_alone: bool) -> Iterator[Fact]:
    """Yield MongoDB; beside a database of records it is a further one."""
    mongoid = next((path for path in tree.paths if path.endswith("config/mongoid.yml")), None)
    text = (tree.text(mongoid) or "") if mongoid else ""
    start = text.find("production:")
    if mongoid and start >= 0:
        evidence = quoted(mongoid, text, start, start + len("production:"))
        sure: Confidence = "high" if is_alone else "medium"
        yield Fact("database", "mongodb", "ruby/mongoid-yml", sure, evidence)


def _adapters_of(text: str, section: str | None) -> list[tuple[int, int, str]]:
    """Return where an environment's adapters stand; what it merges counts as its own."""
    if section is None:
        stretch = (0, len(text))
    else:
        match = re.search(
            rf"^{section}:[^\n]*\n(?:(?:[ \t<%#][^\n]*)?\n)*(?:[ \t<%#][^\n]*)?", text, re.MULTILINE
        )
        if match is None:
            return []
        stretch = match.span()
    found = [(one.start(), one.end(), one[1]) for one in _ADAPTER.finditer(text, *stretch)]
    if section is None or found:
        return found
    for merged in _MERGED.finditer(text, *stretch):
        anchor = re.search(rf"^(\w+):[ \t]*&{merged[1]}\b", text, re.MULTILINE)
        if anchor and anchor[1] != section:
            return _adapters_of(text, anchor[1])
    return []


def environment_facts(tree: SourceTree, project: RubyProject) -> Iterator[Fact]:
    """Yield cache and workers as the production environment configures them."""
    for path in ("config/application.rb", "config/environments/production.rb"):
        text = tree.text(path) or ""
        for match in _CACHE_STORE.finditer(text):
            cache = "redis" if "redis" in match[1] else "memcached"
            yield Fact("cache", cache, "ruby/cache-store", "high", quoted_match(path, text, match))
        for match in _QUEUE.finditer(text):
            if match[1] not in _INSIDE:
                evidence = quoted_match(path, text, match)
                yield Fact("worker", True, "ruby/queue-adapter", "medium", evidence)
    yield from _embedded(tree)
    yield from _cable(tree, project)


def _embedded(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that jobs run inside the web process."""
    places = (
        ("config/environments/production.rb", _ASYNC_JOBS),
        ("config/application.rb", _ASYNC_JOBS),
        ("config/initializers/good_job.rb", _ASYNC_JOBS),
        ("config/puma.rb", _EMBEDDED),
        ("config/deploy.yml", _IN_PUMA),
    )
    for path, pattern in places:
        text = tree.text(path) or ""
        match = pattern.search(text)
        if match and (pattern is not _ASYNC_JOBS or match[1].startswith("async")):
            evidence = quoted_match(path, text, match)
            yield Fact("worker", False, "ruby/jobs-inside", "high", evidence)


def _cable(tree: SourceTree, project: RubyProject) -> Iterator[Fact]:
    text = tree.text("config/cable.yml") or ""
    match = re.search(
        r"^production:[^\n]*\n(?:[ \t]+[^\n]*\n)*?[ \t]+adapter:[ \t]*redis", text, re.MULTILINE
    )
    gem = project.evidence("redis", "redis-client", "hiredis")
    if match and gem:
        start = text.rindex("adapter:", match.start(), match.end())
        evidence = quoted("config/cable.yml", text, start, match.end())
        yield Fact("cache", "redis", "ruby/cable", "medium", evidence)


def route_facts(tree: SourceTree, project: RubyProject) -> Iterator[Fact]:
    """Yield the paths under which Rails' routes tell that the service is well."""
    paths = [
        "config/routes.rb",
        *(path for path in tree.paths if path.startswith("config/routes/")),
    ]
    for path in paths:
        text = tree.text(path) or ""
        for match in _UP.finditer(text):
            evidence = quoted_match(path, text, match)
            yield Fact("health_path", f"/{match[1]}", "ruby/rails-health", "high", evidence)
        for match in _MOUNTED.finditer(text):
            evidence = quoted_match(path, text, match)
            yield Fact("health_path", match[1], "ruby/health-engine", "medium", evidence)
        for match in _HEALTH.finditer(text):
            line = text[match.start() : text.find("\n", match.end())]
            is_other = match[2].endswith("status") and not _TELLS_HEALTH.search(line)
            found = None if "rails/health" in line or is_other else _health(path, text, match)
            # What is live in a part of the program says nothing of the whole.
            if found and meaning_of(str(found.value)):
                yield found
        for pattern in _ANSWERS:
            yield from (_health(path, text, match) for match in pattern.finditer(text))
    place = "config/initializers/okcomputer.rb"
    mounted = _MOUNT_AT.search(tree.text(place) or "")
    if mounted:
        evidence = quoted_match(place, tree.text(place) or "", mounted)
        path = f"/{mounted[1].strip('/')}"
        yield Fact("health_path", path, "ruby/health-engine", "medium", evidence)
    for gem, brought in _BROUGHT:
        if gem in project.gems:
            yield Fact("health_path", brought, "ruby/health-gem", "low", project.gems[gem])


def _health(path: str, text: str, match: re.Match[str]) -> Fact:
    prefix, is_whole = _namespace(text[: match.start()].split("\n"), match[1])
    is_plain = is_whole and match[2].rpartition("/")[2] not in _GENERAL
    evidence = quoted_match(path, text, match)
    sure: Confidence = "medium" if is_plain else "low"
    return Fact("health_path", f"{prefix}/{match[2]}", "ruby/health-route", sure, evidence)


def _namespace(lines: list[str], indent: str) -> tuple[str, bool]:
    """Return the path of the blocks that a route stands in, and whether all of them are plain."""
    depth, prefix, is_whole = len(indent.expandtabs(2)), "", True
    for line in reversed(lines):
        inside = len(line.expandtabs(2)) - len(line.expandtabs(2).lstrip())
        if inside >= depth or not line.strip():
            continue
        depth = inside
        opened = _OPENED.match(line)
        if opened:
            prefix = f"/{(opened[1] or opened[2]).strip('/')}{prefix}"
        elif not _ROOT.match(line):
            is_whole = False
        if depth == 0:
            break
    return prefix, is_whole


def server_facts(tree: SourceTree, project: RubyProject) -> Iterator[Fact]:
    """Yield the port on which Puma, Unicorn or Falcon are told to listen, and Thruster's."""
    thruster = project.evidence("thruster") if "bin/thrust" in tree else None
    for path in ("config/puma.rb", "puma.rb", "config/unicorn.rb", "config/puma/production.rb"):
        text = tree.text(path) or ""
        match = _PUMA_PORT.search(text)
        if match and is_port(match[1]):
            evidence = quoted_match(path, text, match)
            sure: Confidence = "medium" if thruster else "high"
            yield Fact("port", int(match[1]), "ruby/server-port", sure, evidence)
            continue
        plain = _PLAIN_PORT.search(text)
        number = (plain[1] or plain[2]) if plain else ""
        if plain and is_port(number):
            evidence = quoted_match(path, text, plain)
            yield Fact("port", int(number), "ruby/server-port-plain", "medium", evidence)
    yield from _started(tree)
    if thruster:  # it listens before Puma wherever the image's command begins with it
        yield Fact("port", 80, "ruby/thruster", "medium", thruster)


def _started(tree: SourceTree) -> Iterator[Fact]:
    """Yield the port of the command that a script, a Makefile or Rack's own file starts with."""
    options = _RACK_OPTIONS.search(tree.text("config.ru") or "")
    if options and is_port(options[1]):
        evidence = quoted_match("config.ru", tree.text("config.ru") or "", options)
        yield Fact("port", int(options[1]), "ruby/rack-options", "medium", evidence)
    for path in _STARTING:
        text = (tree.text(path) or "") if path in tree else ""
        match = _COMMAND.search(text)
        if match and is_port(match[1]):
            evidence = quoted_match(path, text, match)
            yield Fact("port", int(match[1]), "ruby/start-script", "medium", evidence)
            return
