"""Python sources, each read once: what it imports, the variables it reads, the URLs it names."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from analyzer.facts import Fact, is_port, quoted
from analyzer.languages.cache_switches import STORE_NAMES
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.source_rules import WordFinder
from analyzer.tree import SourceTree

# One of these must stand in a module before what asks for it looks at the text.
_WORDS: Final = WordFinder(
    (
        *("env", "ENV", "n environ", "n os.environ", "config", "Settings", "://"),
        *("port=", "port =", "--port", "PORT=", "PORT:", "PORT ", "PORT\t"),
        *("bind", "listen", "hosts"),
        *("urlpatterns", ".route(", ".path ==", "include_router(", "register_blueprint("),
        "sgi_application(",
        *STORE_NAMES,
    )
)
# Generated code is not read: lines this long on average are no person's.
_LONGEST_AVERAGE: Final = 400
# Fast because each begins with a word; prose that says "from" and "import" only opens a gate.
_IMPORTS: Final = (Pattern(r"from (\w+)"), Pattern(r"import (\w+)"))

_SETTINGS_MODULE: Final = Pattern(r"DJANGO_SETTINGS_MODULE[\"'][ \t\n]*,[ \t\n]*[\"'](\w+)\.")

_COPIES: Final = ("certifi/__init__.py", "idna/__init__.py", "six.py", "bs4/__init__.py")
_LIBRARY_FOLDER: Final = Pattern(r"(?:^|/)(?:libs?|ext|external|third_?party|_?vendor(?:ed)?)/$")

# Schemes of connection URLs, and the flavour behind each.
FLAVOURS: Final = {
    "postgres": "postgres",
    "postgis": "postgres",
    "postgresql": "postgres",
    "pgsql": "postgres",
    "psql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "mongodb": "mongodb",
    "mssql": "sqlserver",
}
_SCHEME: Final = Pattern(
    r"[\"'](?:(postgres(?:ql)?|postgis|pgsql|psql|mysql|mariadb|sqlite|mongodb|mssql)|(rediss?|valkeys?))"
    r"(?:\+[a-z0-9_]{1,20})?$"
)
_COMMENTED: Final = Pattern(r"[ \t]*#")
# A form that is asked for is none that is used.
_TESTED: Final = Pattern(
    r"(?:startswith\(|\bin|==|!=|replace\(|\bre\.\w{1,20}\(r?)[ \t]*\(?[\"']?$"
)
_STORE_NAME: Final = Pattern(
    r"database|sqlalchemy|postgres|mysql|mongo|sqlite|engine|\bdb|_db|dsn", re.IGNORECASE
)
# Ports of others: what a service connects to, not where it listens.
_OTHERS_PORT: Final = Pattern(
    r"DB|DATABASE|POSTGRES|PG|MYSQL|MARIA|MONGO|REDIS|CACHE|SMTP|MAIL|RABBIT|AMQP|BROKER|KAFKA|MQTT"
    r"|ELASTIC|OPENSEARCH|STATSD|PROXY|FTP|SSH|LDAP|VITE|DEBUG|METRIC|PROMETHEUS|SOCKS|MEMCACHE"
    r"|CLICKHOUSE|QDRANT|MILVUS|CHROMA|NEO4J|REMOTE|AGENT|EXPORTER|JAEGER|OTEL|SYSLOG|SUPPORT|REPORT"
    r"|IMPORT|EXPORT|TRANSPORT|VIEWPORT|CLIENT|FRONTEND|DEV"
)
# Mail, databases, caches and brokers listen here, no service of one's own.
_WELL_KNOWN: Final = frozenset(
    {22, 25, 465, 587, 1025, 1433, 1521, 1883, 2525, 3306, 3310, 5432, 5672, 6379, 6432, 8125, 8883}
    | {9042, 9092, 9200, 11211, 27017}
)
_VARIABLE: Final = (
    r"\w{0,30}(?:\.\w{1,20})?(?:\([ \t\n]*|\[[ \t]*)[\"']([A-Z][A-Z0-9_]+)[\"']"
    r"(?:[ \t]*[)\]]?[ \t]*(?:,|or)[ \t\n]*(?:(?:default|fallback)[ \t]*=[ \t]*)?"
    r"[\"']?(\d{2,5})\b)?"
)
_READS: Final = (("env", Pattern(rf"env{_VARIABLE}")), ("ENV", Pattern(rf"ENV{_VARIABLE}")))
_CONFIGURED: Final = Pattern(rf"\bconfig{_VARIABLE}")
_MEMBERS: Final = ("n environ", "n os.environ")
_MEMBER: Final = Pattern(r"[\"']([A-Z][A-Z0-9_]+)[\"'] (?:not )?in (?:os\.)?environ\b")
# Calls that read a variable by themselves where none is named, and how one is.
_DEFAULTED_CALL: Final = Pattern(
    r"\b(dj_database_url\.config|env\.(?:db|cache)(?:_url)?)\(((?:[^()]|\([^()]*\)){0,300})"
)
_GIVEN_NAME: Final = Pattern(r"(?:\A|\b(?:env|var)[ \t]*=)[ \t\n]*[\"']([A-Z][A-Z0-9_]+)[\"']")
_DEFAULTING_LIBRARIES: Final = frozenset({"dj_database_url", "environ"})
_CONFIGURATION_LIBRARIES: Final = frozenset({"decouple", "starlette", "environ"})
_REDIS_VARIABLE: Final = Pattern(
    r"(?:\w+_)?(?:REDIS|VALKEY)_(?:URL|URI|HOST|TLS_URL|SERVER|ADDRESS)"
)
_RUN_PORTS: Final = ("port=", "port =")
_RUN_PORT: Final = Pattern(r"port(?<![\w.]port)[ \t]*=[ \t]*(\d{2,5})\b")
_PORT_CONSTANTS: Final = ("PORT=", "PORT:", "PORT ", "PORT\t")
_PORT_CONSTANT: Final = Pattern(
    r"^(?:DEFAULT_)?(?:(?:APP|HTTP|LISTEN|SERVER|WEB)_)?PORT(?:[ \t]*:[ \t]*int)?"
    r"[ \t]*=[ \t]*(\d{4,5})\b",
    re.MULTILINE,
)
_PORT_OPTION: Final = Pattern(
    r"[\"']--port[\"'][^()\n]{0,120}?\bdefault[ \t]*=[ \t]*[\"']?(\d{4,5})\b"
)
_ADDRESS_NAMES: Final = ("bind", "listen", "hosts")
_ADDRESS_OPTION: Final = Pattern(
    r"(?:bind|listen|hosts)(?:[_-]?addr(?:ess)?)?[\"'][ \t]*[,:][^()\n]{0,80}?\n?[ \t]*"
    r"(?:[\"']?(?:value|default)[\"']?[ \t]*[:=][ \t]*)"
    r"[\"'](?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])?:(\d{4,5})[\"']"
)
_RUN_CALL: Final = Pattern(r"(?:\brun\w*|\bserve|\blaunch)\((?:[^()]|\([^()]{0,80}\))*$")


class Module(NamedTuple):
    """One source file: its text, the packages that it may import, and which words stand in it."""

    path: str
    text: str
    imports: frozenset[str]
    words: frozenset[str]


def read_modules(tree: SourceTree) -> tuple[Module, ...]:
    """Read every source of the service, once."""
    modules = []
    carried = _carried(tree)
    for path in (*tree.sources(".py"), *_project_package(tree)):
        data = tree.data(path)
        text = tree.text(path, data) if data else None
        if (
            data
            and text
            and not _is_foreign(path, carried)
            and len(text) <= _LONGEST_AVERAGE * (text.count("\n") + 1)
        ):
            modules.append(Module(path, text, _imported(text), _WORDS.in_data(data)))
    return tuple(modules)


def _imported(text: str) -> frozenset[str]:
    first, second = _IMPORTS
    return frozenset(first.findall(text)).union(second.findall(text))


def _is_foreign(path: str, carried: tuple[str, ...]) -> bool:
    # A generator's templates and packages that a repository carries are not the service's code.
    return "{{" in path or path.startswith(carried)


def _carried(tree: SourceTree) -> tuple[str, ...]:
    """Return folders that hold copies of well-known packages."""
    return tuple(
        f"{path.removesuffix(mark)}"
        for mark in _COPIES
        for path in tree.named(mark.rpartition("/")[2])
        if path.endswith(f"/{mark}") and _LIBRARY_FOLDER.search(path.removesuffix(mark))
    )


def _project_package(tree: SourceTree) -> Iterator[str]:
    """Yield the package of Django's settings where its name is that of a folder for samples."""
    for manage in tree.named("manage.py"):
        if is_aside(manage):
            continue
        match = _SETTINGS_MODULE.search(tree.text(manage) or "")
        package = f"{manage.removesuffix('manage.py')}{match[1]}/" if match else ""
        for path in tree.paths:
            if package and path.startswith(package) and path.endswith(".py") and is_aside(path):
                yield path


def variable_facts(module: Module) -> Iterator[Fact]:
    """Yield the environment variables that a module reads, and a port that one defaults to."""
    path, text, words = module.path, module.text, module.words
    for word, pattern in _READS:
        for match in pattern.finditer(text) if word in words else ():
            yield from _variable(path, text, match)
    if not module.imports.isdisjoint(_CONFIGURATION_LIBRARIES):
        for match in _CONFIGURED.finditer(text):
            yield from _variable(path, text, match)
    yield from _default_names(module)
    for match in _MEMBER.finditer(text) if not words.isdisjoint(_MEMBERS) else ():
        evidence = quoted(path, text, match.start(1), match.end(1))
        yield Fact("environment_variables", match[1], "python/environment", "high", evidence)


def _default_names(module: Module) -> Iterator[Fact]:
    """Yield the variables that Django's settings take an address from, named or by convention."""
    if module.imports.isdisjoint(_DEFAULTING_LIBRARIES):
        return
    for match in _DEFAULTED_CALL.finditer(module.text):
        given = _GIVEN_NAME.search(match[2])
        by_convention = "CACHE_URL" if "cache" in match[1] else "DATABASE_URL"
        name = given[1] if given else by_convention
        evidence = quoted(module.path, module.text, match.start(1), match.end(1))
        yield Fact("environment_variables", name, "python/default-variable", "high", evidence)


def _variable(path: str, text: str, match: re.Match[str]) -> Iterator[Fact]:
    name = match[1]
    lead = match.start() if "\n" not in text[match.start() : match.start(1)] else match.start(1)
    evidence = quoted(path, text, lead, match.end(1) + 1)
    yield Fact("environment_variables", name, "python/environment", "high", evidence)
    if _REDIS_VARIABLE.fullmatch(name):
        yield Fact("cache", "redis", "python/redis-variable", "medium", evidence)
    if match[2] and is_port(match[2]) and is_own_port(name, int(match[2])):
        whole = quoted(path, text, lead, match.end(2))
        if name == "PORT":
            yield Fact("port", int(match[2]), "python/port-variable", "high", whole)
        else:
            yield Fact("port", int(match[2]), "python/named-port-variable", "medium", whole)


def is_own_port(name: str, number: int) -> bool:
    """Say whether a variable names the port on which the service itself listens."""
    if name == "PORT":
        return True
    return name.endswith("PORT") and not _OTHERS_PORT.search(name) and number not in _WELL_KNOWN


def url_facts(module: Module) -> Iterator[Fact]:
    """Yield the stores whose connection URLs stand in a module."""
    path, text = module.path, module.text
    at = text.find("://") if "://" in module.words else -1
    while at >= 0:
        is_page = text.endswith(("http", "https"), 0, at)
        scheme = None if is_page else _SCHEME.search(text, max(0, at - 40), at)
        is_comment = _COMMENTED.match(text, text.rfind("\n", 0, at) + 1, at)
        if scheme and not (is_comment or _TESTED.search(text, max(0, at - 80), scheme.start())):
            evidence = quoted(path, text, scheme.start() + 1, at + 3)
            if scheme[2]:
                yield Fact("cache", "redis", "python/redis-url", "medium", evidence)
            elif _STORE_NAME.search(text, max(0, scheme.start() - 120), scheme.start()):
                flavour = FLAVOURS[scheme[1]]
                yield Fact("database", flavour, "python/database-url", "medium", evidence)
        at = text.find("://", at + 3)


def run_port_facts(module: Module) -> Iterator[Fact]:
    """Yield the port that a call to run or serve is given."""
    path, text, words = module.path, module.text, module.words
    for match in _RUN_PORT.finditer(text) if not words.isdisjoint(_RUN_PORTS) else ():
        if is_port(match[1]) and _RUN_CALL.search(text, max(0, match.start() - 300), match.start()):
            evidence = quoted(path, text, match.start(), match.end())
            yield Fact("port", int(match[1]), "python/run-port", "medium", evidence)
    if not words.isdisjoint(_PORT_CONSTANTS):
        yield from _named_ports(path, text, "python/port-constant", _PORT_CONSTANT)
    if "--port" in words:
        yield from _named_ports(path, text, "python/port-option", _PORT_OPTION)
    if not words.isdisjoint(_ADDRESS_NAMES):
        yield from _named_ports(path, text, "python/address-option", _ADDRESS_OPTION)


def _named_ports(path: str, text: str, rule: str, pattern: Pattern[str]) -> Iterator[Fact]:
    for match in pattern.finditer(text):
        if is_port(match[1]) and int(match[1]) not in _WELL_KNOWN:
            evidence = quoted(path, text, match.start(), match.end())
            yield Fact("port", int(match[1]), rule, "medium", evidence)
