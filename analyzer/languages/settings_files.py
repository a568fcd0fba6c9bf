"""Settings that lie beside the code, in YAML, TOML or INI, read line by line.

Only files under the names that people give to a service's own defaults are looked at.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.facts import Fact, quoted
from analyzer.languages.service_ports import has_word, names_own_port, own_port, words_of
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

_SUFFIXES: Final = (
    *(".yaml", ".yml", ".toml", ".ini", ".conf", ".json", ".hjson"),
    *(".sample", ".example"),
)
_NAME: Final = Pattern(
    r"(?:app|application|base|conf|config|configuration|default|defaults|local|main|prod|production"
    r"|server|service|settings|rocket)"
    r"(?:[._-](?:base|default|defaults|dist|docker|example|local|prod|production|sample|template"
    r"|app))*\.(?:ya?ml|toml|ini|conf|json|hjson)(?:\.(?:dist|example|sample|template))?",
    re.IGNORECASE,
)
_SAMPLE_NAME: Final = Pattern(
    r"(?:sample|example|default)[._-](?:config|settings)\.(?:ya?ml|toml|ini|conf)"
    r"|[\w-]+[._-](?:sample|example|(?:docker_)?template)\.(?:ya?ml|toml|ini)",
    re.IGNORECASE,
)
# Whatever stands in a folder of settings is one, unless its name tells of another program.
_FOLDER: Final = Pattern(
    r"(?:^|/)(?:etc|confs?|configs?|configuration|settings)/[^/]+\.(?:ya?ml|toml|ini)$"
)
_OTHER_NAME: Final = Pattern(
    r"(?i)test|dev|\bci\b|stag|prom|grafana|otel|nginx|log|lint|locale|i18n|alert|dash|rule|crd"
)
_ORCHESTRATION: Final = Pattern(
    r"ansible|charts|deploy|deployment|deployments|helm|k8s|kubernetes|"
    r"kustomize|manifests|terraform"
)
_MOST_FILES: Final = 12
_DEEPEST: Final = 4
_LONGEST: Final = 64 * 1024
_LINE: Final = Pattern(
    r"^(?P<lead>[ \t]*)(?P<mark>[#;][ \t]?)?(?:\[+(?P<section>[\w.\"' -]+)\]+"
    r"|[\"']?(?P<key>[\w.-]+)[\"']?[ \t]*(?:[=:])[ \t]*(?P<value>[^\n]*))",
    re.MULTILINE,
)
_QUOTED: Final = Pattern(r"[\"']([^\"'\n]*)[\"']|([^#;,{\n]*)")
_OWN_SECTIONS: Final = Pattern(
    r"addr|api|app|application|common|default|general|global|http|listen|"
    r"main|release|rest|rocket|server|servers|service|settings|web"
)
_FLAVOURS: Final[dict[str, str]] = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "pgsql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "mongodb": "mongodb",
    "mongo": "mongodb",
    "sqlserver": "sqlserver",
    "mssql": "sqlserver",
}
_ADDRESSES: Final = frozenset({"http", "listen", "ListenOn", "web"})
_LISTEN_ADDRESS: Final = Pattern(r"(?:0\.0\.0\.0|127\.0\.0\.1|localhost|\[::\])?:\d")
_STORE_WORDS: Final = Pattern(r"database|databases|datasource|db|dsn|orm|sql")
_TYPE_WORDS: Final = Pattern(r"adapter|db|backend|dialect|driver|engine|type")
_URL: Final = Pattern(r"(postgres(?:ql)?|mysql|mariadb|mongodb|sqlite)(?:\+\w+)?:")


@dataclass(frozen=True)
class Setting:
    """One value of a settings file, with the sections that it stands in.

    A value that is commented out is the default that the program has anyway.
    """

    sections: tuple[str, ...]
    key: str
    value: str
    evidence: Evidence
    is_commented: bool = False


def settings(tree: SourceTree) -> Iterator[Setting]:
    """Yield what the service's own settings files say, the shallowest file first."""
    paths = [path for suffix in _SUFFIXES for path in tree.sources(suffix) if _is_settings(path)]
    for path in sorted(paths, key=lambda path: (path.count("/"), path))[:_MOST_FILES]:
        yield from settings_in(path, tree.text(path) or "")


def setting_facts(found: Iterable[Setting], port: str, store: str, cache: str) -> Iterator[Fact]:
    """Yield what settings say of port, database and cache, under the three rules' names."""
    for setting in found:
        number = port_in(setting)
        flavour = flavour_in(setting)
        if number is not None:
            confidence: Confidence = "medium" if number[1] else "low"
            yield Fact("port", number[0], port, confidence, setting.evidence)
        if flavour is not None:
            yield Fact("database", flavour, store, "medium", setting.evidence)
        if is_redis(setting):
            yield Fact("cache", "redis", cache, "medium", setting.evidence)


def port_in(setting: Setting) -> tuple[int, bool] | None:
    """Return the service's own port, and whether the section says that it is; None for others."""
    section = setting.sections[-1] if setting.sections else ""
    name = ".".join((*setting.sections, setting.key))
    port = own_port(setting.value)
    is_address = _LISTEN_ADDRESS.match(setting.value) and setting.key in _ADDRESSES
    if port is None or not (is_address or names_own_port(name)):
        return None
    is_own = not section or has_word(section, _OWN_SECTIONS)
    return port, is_own and not setting.is_commented


def flavour_in(setting: Setting) -> str | None:
    """Return the database that a setting chooses, by its type or its address."""
    name = ".".join((*setting.sections, setting.key))
    value = setting.value.lower()
    is_choice = has_word(name, _STORE_WORDS) or has_word(name, _TYPE_WORDS)
    if value in _FLAVOURS and is_choice and not setting.is_commented:
        return _FLAVOURS[value]
    url = None if setting.is_commented else _URL.match(value)
    return _FLAVOURS[url[1]] if url else None


def is_redis(setting: Setting) -> bool:
    """Say whether a setting tells where Redis is."""
    if setting.is_commented:
        return False
    if setting.value.startswith(("redis://", "rediss://")):
        return True
    words = words_of(".".join((*setting.sections, setting.key)))
    return "redis" in words and words[-1] in ("host", "addr", "address", "url", "uri")


def _is_settings(path: str) -> bool:
    name = path.rpartition("/")[2]
    is_named = _NAME.fullmatch(name) or _SAMPLE_NAME.fullmatch(name)
    is_placed = _FOLDER.search(path) and not _OTHER_NAME.search(name)
    if path.count("/") > _DEEPEST or not (is_named or is_placed):
        return False
    return not any(
        part.startswith(".") or _ORCHESTRATION.fullmatch(part) for part in path.split("/")
    )


def settings_in(path: str, text: str) -> Iterator[Setting]:
    """Yield what one settings file says, line by line; nothing of one longer than people write."""
    if len(text) > _LONGEST:
        return
    is_nested = path.rpartition("/")[2].find(".y") > 0 or path.endswith(
        ("json", "json5", ".json.example")
    )
    blocks: list[tuple[int, str]] = []
    # The section that was opened last, if only behind a comment sign.
    hidden: list[tuple[int, str]] = []
    for match in _LINE.finditer(text):
        is_commented = match["mark"] is not None
        if is_commented and is_nested:
            continue
        if match["section"] is not None:
            hidden = [(-1, match["section"].strip("\"' "))]
            blocks = blocks if is_commented else hidden
            continue
        depth = len(match["lead"].expandtabs())
        if is_nested:
            blocks = [block for block in blocks if block[0] < depth]
        value = _value(match["value"])
        if value:
            sections = tuple(name for _, name in (hidden if is_commented else blocks))
            evidence = quoted(path, text, match.start("key"), match.end("key"))
            yield Setting(sections, match["key"], value, evidence, is_commented)
        elif is_nested:
            blocks.append((depth, match["key"]))


def _value(written: str) -> str:
    match = _QUOTED.match(written.strip())
    return ((match[1] or match[2] or "") if match else "").strip()
