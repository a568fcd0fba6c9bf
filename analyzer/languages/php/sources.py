"""What PHP sources say: health routes, variables and the databases that they open."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, first_line, quoted, quoted_match
from analyzer.languages.health_routes import enclosing_prefix, joined
from analyzer.languages.php.stores import FLAVOURS
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.source_rules import Reading, SourceRule, constant, text_of
from analyzer.tree import SourceTree
from analyzer.witnesses.env_text import read_assignments
from delightful.recommendation import Confidence, Evidence

_SPAN: Final = 120
_SURE: Final = r"_?(?:health(?:z|[-_]?checks?)?|readyz?|livez?|liveness|readiness|heartbeat)"
_PATH: Final = rf"[\"'](/?(?:[\w.-]{{1,30}}/){{0,4}}{_SURE})/?[\"']"
_SOFT_PATH: Final = r"[\"'](/?(?:[\w.-]{1,30}/){0,2}(?:status|ping|alive|up))/?[\"']"
_ASIDE: Final = frozenset(
    {"lang", "locales", "translations", "storage", "seeders", "seeds", "factories", "migrations"}
    | {"views", "templates", "node_modules", "var", "i18n", "l10n"}
)
_DSN: Final = {"mysql": "mysql", "pgsql": "postgres", "sqlite": "sqlite", "sqlsrv": "sqlserver"}
_CAKE: Final = {
    "Mysql": "mysql",
    "Postgres": "postgres",
    "Sqlite": "sqlite",
    "Sqlserver": "sqlserver",
}
_CODEIGNITER: Final = {
    "mysqli": "mysql",
    "postgre": "postgres",
    "sqlite3": "sqlite",
    "sqlsrv": "sqlserver",
}
# What routers of Laravel, Lumen, Slim, CodeIgniter and Hyperf put before the routes of a group.
_GROUP: Final = Pattern(
    r"(?:\bprefix\(|->group\(|\baddGroup\(|[\"']prefix[\"'][ \t]*=>)[ \t]*"
    r"[\"']([\w/{}.-]{1,60})[\"']"
)
# The files that hold the health routes of these, by their first folders.
_PREFIXES: Final = (("routes/api", "/api"),)
_YAML_ROUTES: Final = Pattern(r"(?:app/)?config/rout(?:es|ing)(?:/[\w-]{1,40})?\.ya?ml")
_YAML_ROUTE: Final = Pattern(
    rf"^[ \t]+path:[ \t]*[\"']?(/(?:[\w.-]{{1,30}}/){{0,4}}(?:{_SURE}|(ping)))/?[\"']?[ \t]*$",
    re.MULTILINE,
)
_HEALTH_FILES: Final = Pattern(
    r"(?:^|/)(?:public/|web/|webroot/|htdocs/)?((?:health|healthz|healthcheck|health-check|ping|status)\.php)$"
)


def is_own(path: str) -> bool:
    """Say whether a source is code that runs, no template, translation or change of schema."""
    is_hidden = path.startswith(".") or path.endswith(".blade.php")
    return not is_hidden and _ASIDE.isdisjoint(path.lower().split("/")[:-1])


def _grouped(match: re.Match[str]) -> JsonValue:
    """Read a route under the paths of the groups that it stands in; None where they take any."""
    groups = enclosing_prefix(match.string, match.start(), _GROUP)
    return None if "{" in groups else joined(groups, match[1])


def _route(word: str, pattern: str, confidence: Confidence = "medium") -> SourceRule:
    return SourceRule(
        "php/health-route", "health_path", word, Pattern(pattern), confidence, _grouped, _SPAN
    )


def _rule(
    rule: str, field: str, word: str, pattern: str, confidence: Confidence, read: Reading
) -> SourceRule:
    return SourceRule(rule, field, word, Pattern(pattern, re.MULTILINE), confidence, read, _SPAN)


def _listened(match: re.Match[str]) -> JsonValue:
    port = int(match[1] or match[2])
    return port if 0 < port < 65536 else None


_NAME: Final = r"[\"'](_?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)[\"']"
# What a web server tells of each request.
_OF_REQUESTS: Final = Pattern(
    r"HTTP_(?:ACCEPT\w*|AUTHORIZATION|CLIENT_IP|COOKIE|HOST|IF_\w+|ORIGIN|REFERER|USER_AGENT|X_\w+)"
    r"|REMOTE_\w+|REQUEST_\w+|SCRIPT_\w+|SERVER_(?:ADDR|NAME|PORT|PROTOCOL|SOFTWARE)|HTTPS"
    r"|DOCUMENT_ROOT|PATH_INFO|QUERY_STRING"
)


def _variable(match: re.Match[str]) -> JsonValue:
    return None if _OF_REQUESTS.fullmatch(match[1]) else match[1]


_ENVIRONMENT: Final = [
    _rule("php/environment", "environment_variables", word, pattern, "high", _variable)
    for word, pattern in (
        ("env(", rf"\b(?:get)?env\(\s{{0,20}}{_NAME}"),
        # Functions of the program's own that read one.
        ("Env(", rf"\b\w{{1,30}}Env\(\s{{0,20}}{_NAME}"),
        ("$_ENV[", rf"\$_ENV\[{_NAME}\]"),
        (
            "$_SERVER[",
            r"\$_SERVER\[[\"']((?:APP|DB|DATABASE|MYSQL|REDIS|MAIL|SMTP)_[A-Z0-9_]+)[\"']\]",
        ),
    )
]
# A prefix that a controller's class puts before its methods' routes; it only serves those.
_CLASS_ROUTE: Final = "php:class-route"
# A file that variables are loaded from, where it is another than `.env`.
_LOADED: Final = "php:loaded-file"
_INNER: Final = frozenset({_CLASS_ROUTE, _LOADED})
_LOADS: Final = _rule(
    "php/loaded-file",
    _LOADED,
    "oadEnv(",
    r"->loadEnv\([^;\n]{0,80}?[\"'](?:[\w./-]{0,60}/)?([\w-][\w.-]{0,40}\.env)[\"']",
    "medium",
    text_of,
)
_HEALTH: Final = [
    SourceRule(
        "php/class-route",
        _CLASS_ROUTE,
        "[Route(",
        Pattern(
            r"^#\[Route\((?:path:[ \t]*)?[\"'](/[\w/{}._-]{0,60})[\"'][^\n]{0,150}\]\s{0,4}"
            r"(?:#\[[^\n]{1,200}\]\s{0,4}){0,6}(?:(?:final|abstract|readonly) ){0,2}class\b",
            re.MULTILINE,
        ),
        "high",
        text_of,
        1_000,
    ),
    _rule(
        "php/laravel-health",
        "health_path",
        "health:",
        r"\bhealth:[ \t]*[\"'](/[\w/-]{1,60})[\"']",
        "high",
        text_of,
    ),
    _route("::get(", rf"\b(?:Route|Router)::get\(\s{{0,20}}{_PATH}"),
    # Laravel's own name for it, which routes take over when they answer by themselves.
    _route("::get(", r"\b(?:Route|Router)::get\([ \t]*[\"'](/?up)[\"']"),
    _route("::get(", rf"\b(?:Route|Router)::get\([ \t]*{_SOFT_PATH}", "low"),
    _route("::get(", rf"\b(?:App|Http)::get\(\s{{0,20}}(?=[\"']/){_PATH}"),
    _route("setHttpPath(", rf"->setHttpPath\(\s{{0,20}}{_PATH}"),
    _route("addRoute(", rf"\baddRoute\(\s{{0,20}}\[?[ \t]*[\"']GET[\"']\]?,\s{{0,20}}{_PATH}"),
    _route("GetMapping(", rf"\bGetMapping\((?:path:[ \t]*)?{_PATH}"),
    _route("->get(", rf"(?:\$(?:app|router|r|routes|group|builder)|\))->get\(\s{{0,20}}{_PATH}"),
    _route("->get(", rf"\$(?:app|router|routes)->get\([ \t]*{_SOFT_PATH}", "low"),
    _route("Route(", rf"\bRoute\((?:[^)\n]{{0,60}}?path[:=][ \t]*|[ \t]*){_PATH}"),
    _route(
        "Route(",
        r"\bRoute\((?:path:[ \t]*)?[\"'](/[\w./-]{1,60})[\"'],[ \t]*name:[ \t]*"
        rf"[\"'](?:\w{{1,30}}[_.])?{_SURE}[\"']",
    ),
    _route("Route(", rf"\bRoute\((?:[^)\n]{{0,60}}?path:[ \t]*)?{_SOFT_PATH}", "low"),
    _route("->connect(", rf"->connect\(\s{{0,20}}{_PATH}"),
]
# Servers that a program brings itself: Swoole's, ReactPHP's, Workerman's, Amp's. What it says of
# the port is a number, or the fallback of a variable.
_LISTENS: Final = [
    _rule(
        "php/server-address",
        "port",
        "0.0.0",
        r"^(?![ \t]*(?:;|#|//|\*))[^\n]{0,120}?[\"'](?:(?:https?|tcp)://)?0\.0\.0\.0"
        r"(?::(\d{2,5})[\"']|[\"'],\s{0,40}(?:[\"']?port[\"']?[ \t]*(?::|=>)[ \t]*)?"
        r"(?:\((?:int|integer)\)[ \t]*)?\(?"
        r"(?:[\w\\:>$-]{0,40}[eE]nv\([ \t]*[\"']\w*PORT[\"'](?:\)[ \t]*\?[?:]|,)[ \t]*[\"']?)?"
        r"(\d{2,5})\b)",
        "medium",
        _listened,
    ),
]
_DATABASES: Final = [
    *(
        _rule(
            "php/pdo",
            "database",
            f"{scheme}:",
            rf"^(?![ \t]*(?:;|#|//|\*))[^\n]{{0,120}}?[\"']({scheme}):"
            r"(?:host|dbname|[\"'{/:%$]|[\w./]{1,80}\.(?:db|sqlite))",
            "medium",
            lambda match: _DSN[match[1]],
        )
        for scheme in _DSN
    ),
    _rule(
        "php/mysqli",
        "database",
        "mysqli",
        r"\bnew \\?mysqli\(|\bmysqli_(?:connect|init)\(",
        "medium",
        constant("mysql"),
    ),
    _rule(
        "php/pg-connect",
        "database",
        "pg_connect(",
        r"\bpg_connect\(",
        "medium",
        constant("postgres"),
    ),
    _rule(
        "php/sqlite", "database", "SQLite3(", r"\bnew \\?SQLite3\(", "medium", constant("sqlite")
    ),
]
_OPENING: Final = frozenset({"php/pdo", "php/mysqli", "php/pg-connect", "php/sqlite"})
_CHOOSING: Final = Pattern(
    r"(?:^|/)(?:conf|configs?|settings)/|(?:^|/)(?:config|defaults?|parameters|settings)[\w.-]*$"
)
# The class, or a folder not far above it, is called after caches.
_CACHING: Final = Pattern(r"(?i)cache[^/]*(?:/[^/]*){0,2}\.php$")
_SETTINGS: Final = Pattern(
    r"^[ \t]*[\"'](?:type|driver|(?:db|database)_?(?:type|driver)|dialect|adapter)[\"'][ \t]*=>"
    r"[ \t]*[\"'](?:pdo_)?(mysqli?|pgsql|sqlite3?|sqlsrv)[\"']"
    # Constants and variables that are called after the database's kind.
    r"|^[ \t]*define\([ \t]*[\"'](?:DB|DATABASE)_?(?:TYPE|DRIVER|ENGINE)[\"'],[ \t]*"
    r"[\"'](mysqli?|pgsql|sqlite3?|sqlsrv)[\"']"
    r"|^[ \t]*(?:(?:public|protected|private|static|readonly|var|\??string)[ \t]){0,4}"
    r"\$[\w>\[\]'\"-]{0,40}(?:db|database)_?(?:type|driver|engine)[\"'\]]{0,2}[ \t]*=[ \t]*"
    r"[\"'](mysqli?|pgsql|sqlite3?|sqlsrv)[\"']",
    re.MULTILINE | re.IGNORECASE,
)
# Settings in the form of INI, which PHP reads by itself and hides behind the suffix of a script.
_INI_FILE: Final = Pattern(
    r"(?:config|configuration|settings|global|default|database)[\w.-]{0,40}\.ini(?:\.php|\.dist)?$"
)
_INI_SETTINGS: Final = Pattern(
    r"^\[(?:database|db)\][ \t]*\n(?:(?!\[)[^\n]{0,300}\n){0,30}?"
    r"(?:adapter|driver|dbms|engine|type)[ \t]*=[ \t]*"
    r"[\"']?(?:pdo[\\_-]?)?(mysqli?|pgsql|sqlite3?|sqlsrv)\b",
    re.MULTILINE | re.IGNORECASE,
)
_SETTINGS_FILES: Final = ("config.", "settings", "config-", "configuration.", "parameters")
_CACHES: Final = [
    _rule("php/cache-client", "cache", word, pattern, "medium", constant(flavour))
    for word, pattern, flavour in (
        ("Predis", r"\bnew \\?Predis\\Client\(", "redis"),
        ("new Redis(", r"\bnew Redis\(", "redis"),
        ("new \\Redis(", r"\bnew \\Redis\(", "redis"),
        ("Memcached(", r"\bnew \\?Memcached\(", "memcached"),
    )
]
_BY_FRAMEWORK: Final = {
    "cakephp": _rule(
        "php/cake-driver",
        "database",
        "'driver' =>",
        r"^[ \t]*'driver' => (?:env\([^,\n]{1,60},[ \t]*)?"
        r"(?:\\?[\w\\]{0,60}\\)?(Mysql|Postgres|Sqlite|Sqlserver)::class",
        "high",
        lambda match: _CAKE[match[1]],
    ),
    "codeigniter": _rule(
        "php/codeigniter-driver",
        "database",
        "river'",
        r"^[ \t]*'(?:DBDriver|dbdriver)'[ \t]*=>[ \t]*"
        r"'(MySQLi|mysqli|Postgre|postgre|SQLite3|sqlite3|SQLSRV)'",
        "high",
        lambda match: _CODEIGNITER[match[1].lower()],
    ),
}


def php_rules(framework: Fact | None) -> Iterator[SourceRule]:
    """Yield the rules that the sources of a framework are read by."""
    yield from (*_ENVIRONMENT, *_HEALTH, *_LISTENS, _LOADS)
    own = _BY_FRAMEWORK.get(str(framework.value)) if framework else None
    if own:
        yield own
    if framework is None or framework.value not in ("laravel", "lumen"):
        yield from _DATABASES
    if framework is None:
        yield from _CACHES


def php_health(tree: SourceTree, found: Sequence[Fact]) -> Iterator[Fact]:
    """Yield everything that was found, health paths made whole, and files that answer for it."""
    classes = {_file(fact): fact for fact in found if fact.field == _CLASS_ROUTE}
    stores = {fact.value for fact in found if fact.rule in _OPENING and not _is_cache_file(fact)}
    for fact in _of_choice(found):
        if fact.field == "health_path":
            yield _whole(fact, classes.get(_file(fact)))
        elif fact.rule in _OPENING and len(stores) > 1:
            # Code that can take several databases leaves to its settings which one it is.
            is_chosen = _CHOOSING.search(_file(fact)) is not None
            yield fact if is_chosen else replace(fact, confidence="low")
        elif fact.field not in _INNER and not _is_cache_file(fact):
            yield fact
    yield from _loaded(tree, found)
    for path in tree.paths:
        match = _HEALTH_FILES.search(path) if path.endswith(".php") else None
        text = tree.text(path) if match and path.count("/") < 2 else None
        if match and text and text.strip():
            yield Fact(
                "health_path", f"/{match[1]}", "php/health-file", "low", first_line(path, text)
            )
    yield from _yaml_routes(tree)
    yield from _settings_files(tree)


def _of_choice(found: Sequence[Fact]) -> Iterator[Fact]:
    """Yield the facts; who can be told one of several caches does without."""
    clients = [
        fact for fact in found if fact.rule == "php/cache-client" and not _is_cache_file(fact)
    ]
    is_chosen = len({fact.value for fact in clients}) > 1
    for fact in found:
        if not (is_chosen and fact.rule == "php/cache-client"):
            yield fact
    for fact in clients[:1] if is_chosen else ():
        yield replace(fact, value="none", rule="php/cache-choice", confidence="low")


def _loaded(tree: SourceTree, found: Sequence[Fact]) -> Iterator[Fact]:
    """Yield the variables of the files that the program loads its own from."""
    names = dict.fromkeys(str(fact.value) for fact in found if fact.field == _LOADED)
    for path in tree.named(*names) if names else ():
        text = tree.text(path) if path.count("/") < 3 else None
        for one in read_assignments(text or ""):
            if not one.is_comment:
                evidence = Evidence(file=path, line=one.line, quote=one.name)
                yield Fact("environment_variables", one.name, "php/loaded-file", "medium", evidence)


def _yaml_routes(tree: SourceTree) -> Iterator[Fact]:
    """Yield the health routes that Symfony's settings name."""
    for folder in ("config", "app/config"):
        for path in tree.below(folder):
            text = tree.text(path) if _YAML_ROUTES.fullmatch(path) else None
            for match in _YAML_ROUTE.finditer(text or ""):
                evidence = quoted_match(path, text or "", match)
                sure: Confidence = "low" if match[2] else "medium"
                yield Fact("health_path", match[1], "php/health-route", sure, evidence)


def _is_cache_file(fact: Fact) -> bool:
    """Say whether a class for caches opens it: no store that the service needs.

    It is one choice of several, and what is in it can be lost.
    """
    is_cache = fact.rule == "php/cache-client"
    is_sqlite = fact.field == "database" and fact.value == "sqlite"
    return (is_cache or is_sqlite) and _CACHING.search(_file(fact)) is not None


def _file(fact: Fact) -> str:
    return fact.evidence.file if fact.evidence else ""


def _whole(fact: Fact, above: Fact | None) -> Fact:
    given = next((prefix for start, prefix in _PREFIXES if _file(fact).startswith(start)), "")
    prefix = str(above.value).rstrip("/") if above else given
    value = "/" + str(fact.value).strip("/")
    if above and above.evidence and fact.evidence and above.evidence.line == fact.evidence.line:
        # The class's own route lies below nothing.
        prefix = ""
    if prefix and not value.startswith(f"{prefix}/"):
        value = prefix + value
    return replace(fact, value=value)


def _settings_files(tree: SourceTree) -> Iterator[Fact]:
    """Yield the database that a settings file of plain PHP names."""
    for path in tree.paths:
        is_near = path.count("/") < 5 and not is_aside(path)
        pattern = _settings_pattern(path) if is_near else None
        text = tree.text(path) if pattern else None
        match = pattern.search(text) if pattern and text else None
        if text and match:
            flavour = next(group for group in match.groups() if group)
            at = match.end() - len(flavour)
            start = text.rfind("\n", 0, at) + 1
            yield Fact(
                "database",
                FLAVOURS[flavour.lower()],
                "php/settings-file",
                "medium",
                quoted(path, text, start, match.end()),
            )


def _settings_pattern(path: str) -> Pattern[str] | None:
    name = path.rpartition("/")[2]
    if name.endswith((".ini", ".ini.php", ".ini.dist")):
        return _INI_SETTINGS if _INI_FILE.match(name) else None
    is_settings = name.endswith(".php") and name.lower().startswith(_SETTINGS_FILES)
    return _SETTINGS if is_settings else None
