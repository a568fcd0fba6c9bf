"""Settings classes and Django settings: which variables they read, and which stores they name."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, is_port, quoted, quoted_match
from analyzer.languages.python.sources import FLAVOURS, Module, is_own_port
from analyzer.patterns import Pattern
from delightful.recommendation import Confidence

_BODY: Final = r"((?:(?:[ \t]+[^\n]*|\))?\n)*)"
_CLASS: Final = Pattern(
    rf"class (\w+)\([^)\n]{{0,200}}\b\w*Settings\b[^)\n]{{0,200}}\):[^\n]*\n{_BODY}"
)
_MOST_BASES: Final = 3
# A class that others are made from, called as it may be.
_BASE: Final = Pattern(r"class (\w+)\([ \t\n]*(?:\w+\.)?BaseSettings\b")
_PREFIX: Final = Pattern(r"\benv_prefix[\"']?[ \t]*[=:][ \t]*[\"'](\w*)[\"']")
_FIELD: Final = Pattern(
    r"^([ \t]+)([A-Za-z]\w*)[ \t]*:[ \t]*([^=\n]{1,200})(?:=[ \t]*([^\n]*))?$", re.MULTILINE
)
_ALIAS: Final = Pattern(r"\b(?:alias|validation_alias|env)[ \t]*=[ \t]*[\"'](\w+)[\"']")
_NOT_FIELDS: Final = frozenset(
    {"model_config", "class", "def", "else", "try", "return", "if", "for"}
)
_DEFAULT_PORT: Final = Pattern(r"(?:Field\([ \t]*(?:default[ \t]*=[ \t]*)?)?[\"']?(\d{2,5})\b")

# Settings for developers and tests say what is handy there.
_ASIDE: Final = Pattern(r"(?:^|[/_.-])(?:dev\w*|test\w*|local\w*|ci|debug|staging)(?=[/_.-]|$)")
_ENGINE: Final = Pattern(
    r"(?:[\"']ENGINE[\"']\]?|\b[A-Z_]{1,20}ENGINE)[ \t]*[:=][^\n]{0,80}?[\"']"
    r"((?:[\w.]*\.)?(?:postgresql\w*|postgis|mysql|sqlite3|mssql))[\"']"
)
_DEFAULT_URL: Final = Pattern(
    r"(?:dj_database_url\.\w+|\benv\.(?:db|dj_db)\w*|\bdb_url)\([^)]{0,200}?[\"']"
    r"(postgres(?:ql)?|postgis|pgsql|psql|mysql|mariadb|sqlite|mssql)(?:\+\w{1,20})?://"
)
_CACHES: Final = ("redis", "memcached", "valkey")
_CACHE: Final = Pattern(
    r"(django_redis\.cache\.|cache\.backends\.redis\.|channels_redis\.|redis_cache\.RedisCache"
    r"|django_valkey\.)|(cache\.backends\.memcached\.|django_bmemcached)"
)
# A queue that keeps its jobs elsewhere: what client of Redis is there besides is not for it.
_BROKER: Final = Pattern(
    r"BROKER(?:_URL)?[\"']?[ \t]*[=:][^\n]{0,80}?[\"'](?:py)?(?:amqps?|sqs)://|"
    r"BROKER(?:_URL)?[\"']?[ \t]*[=:][ \t]*[\"']django://"
)

_OUTERMOST: Final = Pattern(r"^[^\s)\]}#]", re.MULTILINE)
_CACHE_TEST: Final = Pattern(r"(?:el)?if\b[^\n]{0,80}(?:REDIS|CACHE|VALKEY|MEMCACHE)[^\n]{0,80}:")
# A variable that gives a database is there.
_STORE_TEST: Final = Pattern(
    r"if (?!not\b)[^\n]{0,60}[\"'](?:\w{1,20}_)?(?:DB|DATABASE|POSTGRES|PG|MYSQL|SQL)_?\w{0,20}"
    r"[\"'][^\n]{0,40}:"
)
_ELSE: Final = Pattern(r"else:")


def settings_class_facts(module: Module) -> Iterator[Fact]:
    """Yield the variables that pydantic fills a settings class from, and the port among them."""
    if "Settings" not in module.words:
        return
    path, text = module.path, module.text
    bases = [name for name in _BASE.findall(text) if not name.endswith("Settings")]
    for pattern in (_CLASS, *map(_class_of, bases[:_MOST_BASES])):
        for declared in pattern.finditer(text):
            prefix = _PREFIX.search(text, declared.start(), declared.end(2))
            yield from _fields(path, text, declared, (prefix[1] if prefix else "").upper())


def _class_of(base: str) -> Pattern[str]:
    """Return the pattern of the classes that are made from one of the module."""
    return Pattern(rf"class (\w+)\([ \t]*{base}\b[^)\n]{{0,200}}\):[^\n]*\n{_BODY}")


def _fields(path: str, text: str, declared: re.Match[str], prefix: str) -> Iterator[Fact]:
    indent = None
    for match in _FIELD.finditer(text, declared.start(2), declared.end(2)):
        indent = indent or match[1]
        if match[1] != indent or match[2] in _NOT_FIELDS or "ClassVar" in match[3]:
            continue
        alias = _ALIAS.search(match[4] or "")
        name = (alias[1] if alias else f"{prefix}{match[2]}").upper()
        evidence = quoted(path, text, match.start(2), match.end(2))
        yield Fact("environment_variables", name, "python/settings-class", "high", evidence)
        port = _DEFAULT_PORT.match(match[4] or "")
        if port and is_port(port[1]) and is_own_port(name, int(port[1])):
            whole = quoted(path, text, match.start(2), match.start(4) + port.end(1))
            yield Fact("port", int(port[1]), "python/settings-port", "medium", whole)


def django_facts(modules: Iterable[Module], driver: JsonValue) -> Iterator[Fact]:
    """Yield the stores that Django's settings name; `driver` is the one that is installed."""
    for path, text in ((module.path, module.text) for module in modules):
        if not _may_be_settings(path):
            continue
        aside = is_aside_settings(path)
        yield from _engines(path, text, driver, aside)
        for match in _DEFAULT_URL.finditer(text) if "://" in text else ():
            flavour = FLAVOURS[match[1]]
            sure = _sureness(flavour, driver, aside)
            evidence = quoted(path, text, match.start(1), match.end(1))
            yield Fact("database", flavour, "python/django-database-url", sure, evidence)
        for match in _caches_in(text) if any(word in text for word in _CACHES) else ():
            cache = "redis" if match[1] else "memcached"
            evidence = quoted_match(path, text, match)
            yield Fact("cache", cache, "python/django-cache", "low" if aside else "high", evidence)
        broker = _BROKER.search(text) if "BROKER" in text and not aside else None
        if broker:
            evidence = quoted_match(path, text, broker)
            yield Fact("cache", "none", "python/other-broker", "medium", evidence)


def _engines(path: str, text: str, driver: JsonValue, aside: bool) -> Iterator[Fact]:
    """Yield the databases of the engines that settings name.

    A server that is only taken where a variable gives it is doubted beside a file that is taken
    else: that is what runs out of the box.
    """
    named = list(_ENGINE.finditer(text)) if "ENGINE" in text else []
    spare = [match for match in named if _opened(text, match.start(), _STORE_TEST)]
    is_else = "sqlite3" in text and bool(spare)
    for match in named:
        flavour = next(value for word, value in FLAVOURS.items() if word in match[1])
        evidence = quoted_match(path, text, match)
        is_default = is_else and flavour == "sqlite" and _opened(text, match.start(), _ELSE)
        if is_default and not aside:
            yield Fact("database", flavour, "python/default-engine", "high", evidence)
        else:
            sure = "low" if match in spare and is_else else _sureness(flavour, driver, aside)
            yield Fact("database", flavour, "python/django-engine", sure, evidence)


def _caches_in(text: str) -> Iterator[re.Match[str]]:
    """Yield the caches that settings name; what a comment offers is not taken."""
    for match in _CACHE.finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if not line.lstrip().startswith("#"):
            yield match


def optional_caches(modules: Iterable[Module]) -> Iterator[Fact]:
    """Yield that no cache is needed, for each module where all it names stand behind a test."""
    for path, text in ((module.path, module.text) for module in modules):
        if not _may_be_settings(path) or not any(word in text for word in _CACHES):
            continue
        tests = [_opened(text, match.start(), _CACHE_TEST) for match in _caches_in(text)]
        first = next(iter(tests), None)
        if first and all(tests):
            evidence = quoted(path, text, *first.span())
            yield Fact("cache", "none", "python/optional-cache", "medium", evidence)


def _may_be_settings(path: str) -> bool:
    return "settings" in path or "config" in path


def _opened(text: str, start: int, opener: Pattern[str]) -> re.Match[str] | None:
    """Return what opens the block around a position, where it is what is looked for."""
    outermost = next(reversed(list(_OUTERMOST.finditer(text, 0, start))), None)
    return opener.match(text, outermost.start()) if outermost else None


def is_aside_settings(path: str) -> bool:
    """Say whether a file's name says that it holds for developers or tests only."""
    return _ASIDE.search(path.rsplit(".", 1)[0]) is not None


def _sureness(flavour: str, driver: JsonValue, aside: bool) -> Confidence:
    if aside or (driver not in (None, flavour)):
        return "low"
    return "medium"
