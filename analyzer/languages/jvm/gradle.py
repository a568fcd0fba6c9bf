"""Gradle: what a build script, in Groovy or Kotlin, says of its module."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from analyzer.facts import quoted
from analyzer.languages.jvm.build import BuildFile
from analyzer.languages.xml_text import blank
from analyzer.paths import SHARED_CATALOG
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

GRADLE_FILES = ("build.gradle", "build.gradle.kts")
SETTINGS_FILES = ("settings.gradle", "settings.gradle.kts")

_DEEPEST_SHARED = 2

_LINE_COMMENT = Pattern(r"^[ \t]*//[^\n]*", re.MULTILINE)
# Where a line begins with it: elsewhere it is as often a pattern of file names.
_BLOCK_COMMENT = Pattern(r"^[ \t]*/\*", re.MULTILINE)
# A configuration that ends up on the class path of the running program.
_CONFIGURATION = Pattern(
    r"^[ \t]*[\"']?(\w{0,40}?(?:[iI]mplementation|[aA]pi|[rR]untimeOnly|[rR]untime|[cC]ompileOnly|"
    r"[cC]ompile|[dD]evelopmentOnly|[pP]rovidedRuntime|kapt|ksp|[pP]rocessor|classpath|"
    r"Generator|shadow))[\"']?[ \t(](?!\{)"
)
_RUN = frozenset(
    {"implementation", "api", "runtimeonly", "runtime", "compile", "providedruntime", "shadow"}
)
_COORDINATE = Pattern(r"[\"']([\w.-]{1,100}):([\w.-]{1,100})(?:[:$][^\"'\n]{0,100})?[\"']")
_NAMED = Pattern(
    r"(?:group[ :=]+|\()[\"']([\w.-]{1,100})[\"'],[ \t]*(?:name[ :=]+)?[\"']([\w.-]{1,100})"
)
# The way of before catalogs: a map of coordinates that every script shares.
_SHARED = Pattern(
    r"\b(?:libraries|libs|deps)\.(\w{1,60})[ \t]*=[ \t]*[\"']([\w.-]{1,100}):([\w.-]{1,100})"
)
_ALIAS = Pattern(r"\b(libs|mn|ktorLibs|libraries|deps)\.((?:[a-zA-Z]\w*\.?){1,8})")
_MODULE = Pattern(
    r"\bproject\([ \t]*(?:path[ :=]+)?[\"']:?([\w:.-]{1,100})[\"']|\bprojects\.([\w.]{1,100})"
)
_PLUGIN = Pattern(
    r"\bid[ (]+[\"']([\w.-]{1,100})[\"']([^\n]{0,100})"
    r"|\balias\([ ]*libs\.plugins\.([\w.]{1,100})\)([^\n]{0,60})"
    r"|\bapply\(?[ ]*plugin[ :=]+[\"']([\w.-]{1,100})[\"']"
    r"|\bkotlin\(\"(jvm|multiplatform)\"\)([^\n]{0,60})"
    r"|^[ \t]+`?(application|war|java-library|maven-publish)`?[ \t]*$"
    r"|\blibs\.plugins\.([\w.]{1,80}?)[\s.]*\.get\(\)",
    re.MULTILINE,
)
_MAIN_CLASS = Pattern(
    r"(?:\bmainClass(?:Name)?\b[^\n\"']{0,30}|[\"']Main-Class[\"'][^\n\"']{0,10})[\"']([\w.$]{1,200})"
)
_ROOT_NAME = Pattern(r"\brootProject\.name[ \t]*=[ \t]*[\"']([\w.-]{1,100})")
_VERSION = Pattern(r"^[ \t]*version[ \t]*=?[ \t]*[\"']([\w.+-]{1,60})[\"']", re.MULTILINE)


@dataclass(frozen=True)
class Catalog:
    """A version catalog: what its aliases stand for."""

    libraries: Mapping[str, str] = field(default_factory=dict)
    bundles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    plugins: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def coordinates(self, alias: str) -> list[str]:
        """Return the `group:artifact` names of an alias as a script writes it."""
        key = _normal(alias)
        if key.startswith("bundles."):
            name = key.removeprefix("bundles.")
            if name not in self.bundles:
                return [f":{name.replace('.', '-')}"]
            members = self.bundles[name]
            return [self.libraries.get(member, f":{member}") for member in members]
        return [self.libraries.get(key, f":{key.replace('.', '-')}")]


def read_catalog(tree: SourceTree) -> Catalog:
    """Return the version catalog; an empty one where there is none that can be read."""
    path = tree.nearest(SHARED_CATALOG)
    text = tree.text(path) if path else None
    try:
        content = tomllib.loads(text) if text else {}
    except (tomllib.TOMLDecodeError, RecursionError):
        return Catalog()
    return Catalog(
        libraries=dict(_shared(tree))
        | {_normal(key): _module(value) for key, value in _table(content, "libraries")},
        bundles={
            _normal(key): [_normal(str(member)) for member in value]
            for key, value in _table(content, "bundles")
            if isinstance(value, list)
        },
        plugins={_normal(key): _plugin_id(value) for key, value in _table(content, "plugins")},
        versions={key: str(value) for key, value in _table(content, "versions")},
    )


def _shared(tree: SourceTree) -> Iterator[tuple[str, str]]:
    for path in tree.ending(".gradle"):
        if path.count("/") < _DEEPEST_SHARED:
            for match in _SHARED.finditer(tree.text(path) or ""):
                yield _normal(match[1]), f"{match[2]}:{match[3]}"


def read_script(tree: SourceTree, path: str, catalog: Catalog) -> BuildFile | None:
    """Return what a build script says, or None where it cannot be read."""
    text = tree.text(path)
    if text is None:
        return None
    plain = _uncommented(text)
    plugins = dict(_plugins(path, text, plain, catalog))
    main_class = _MAIN_CLASS.search(plain)
    version = _VERSION.search(plain)
    return BuildFile(
        path=path,
        text=plain,
        name=_name(tree, path),
        version=version[1] if version else None,
        packaging="war" if "war" in plugins else "jar",
        dependencies=dict(_dependencies(path, text, plain, catalog)),
        plugins=plugins,
        modules=frozenset(_modules(plain)),
        main_class=quoted(path, text, *main_class.span()) if main_class else None,
    )


def _uncommented(text: str) -> str:
    parts = []
    done = 0
    for match in _BLOCK_COMMENT.finditer(text):
        end = text.find("*/", match.end())
        if match.start() >= done and end >= 0:
            parts += [text[done : match.start()], blank(text[match.start() : end + 2])]
            done = end + 2
    plain = "".join([*parts, text[done:]])
    return _LINE_COMMENT.sub(lambda match: blank(match[0]), plain)


def _name(tree: SourceTree, path: str) -> str:
    folder = path.rpartition("/")[0]
    if folder:
        return folder.rpartition("/")[2]
    for settings in SETTINGS_FILES:
        match = _ROOT_NAME.search(tree.text(settings) or "")
        if match:
            return match[1]
    return tree.folder.rpartition("/")[2]


def _dependencies(
    path: str, text: str, plain: str, catalog: Catalog
) -> Iterator[tuple[str, Evidence]]:
    configuration = ""
    offset = 0
    for line in plain.split("\n"):
        named = _CONFIGURATION.match(line)
        if named:
            configuration = named[1].lower()
        elif line.strip() and not line.lstrip().startswith(("'", '"', "//")):
            configuration = ""
        if configuration in _RUN:
            for name, start, end in _names(line, catalog):
                yield name, quoted(path, text, offset + start, offset + end)
        offset += len(line) + 1


def _names(line: str, catalog: Catalog) -> Iterator[tuple[str, int, int]]:
    for pattern in (_COORDINATE, _NAMED):
        for match in pattern.finditer(line):
            yield f"{match[1]}:{match[2]}", match.start(), match.end()
    for match in _ALIAS.finditer(line):
        for name in catalog.coordinates(match[2].rstrip(".")):
            yield name, match.start(), match.end()


def _plugins(path: str, text: str, plain: str, catalog: Catalog) -> Iterator[tuple[str, Evidence]]:
    for match in _PLUGIN.finditer(plain):
        name = match[1] or match[5] or match[6] or match[8] or ""
        alias = match[3] or match[9]
        if alias:
            name = catalog.plugins.get(_normal(alias), _normal(alias))
        if "apply false" not in match[0]:
            yield name, quoted(path, text, match.start(), match.start() + len(match[0].rstrip()))


def _modules(plain: str) -> Iterator[str]:
    for match in _MODULE.finditer(plain):
        name = match[1] or match[2]
        yield re.split(r"[:.]", name)[-1].lower().replace("-", "")


def _normal(alias: str) -> str:
    return alias.lower().replace("-", ".").replace("_", ".").strip(".")


def _table(content: Mapping[str, object], name: str) -> Iterator[tuple[str, object]]:
    table = content.get(name)
    if isinstance(table, dict):
        yield from table.items()


def _module(value: object) -> str:
    if isinstance(value, str):
        return ":".join(value.split(":")[:2])
    if not isinstance(value, dict):
        return ""
    return str(value.get("module") or f"{value.get('group', '')}:{value.get('name', '')}")


def _plugin_id(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("id", ""))
    return str(value).partition(":")[0]
