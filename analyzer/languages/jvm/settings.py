"""Settings of a JVM service: properties, YAML and HOCON files as one flat list of keys."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from analyzer.languages.jvm.project import Project
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

_LONGEST_CHARACTERS = 256 * 1024
_NAMES = frozenset({"application", "bootstrap", "config", "configuration", "server", "reference"})
# Properties of the resources that are no settings of the service's own.
_OTHER = frozenset({"git", "i18n", "log4j", "log4j2", "logback", "logging", "messages", "quartz"})
_SUFFIXES = (".properties", ".yml", ".yaml", ".conf")
# What names its data source by itself, in elements of XML.
_PERSISTENCE = ("META-INF/persistence.xml", "hibernate.cfg.xml")
_ELEMENT = Pattern(r"<property name=\"([\w.-]{1,150})\"(?:[ \t]+value=\"([^\"\n]*)\"|>([^<\n]*)<)")
# What a module that is started has behind the service's name.
_MODULE_ENDS = ("-app", "-server", "-service", "-web")
_FOLDERS = frozenset({"resources", "conf", "config", "etc", "environment"})
# Profiles that are switched on where people write code, never where the service runs.
_NOT_RUN = frozenset(
    {"dev", "development", "test", "tests", "local", "e2e", "it", "ci", "debug", "ide"}
)
# In a profile of these a setting holds where the service runs. `example` is what people copy.
_RUN = frozenset({"prod", "production", "example"})
_EXAMPLE_ENDS = (".example", ".sample", ".dist", ".template")

_PROPERTY = Pattern(r"[ \t]*([^#!=:\s][^=:\s]{0,200})[ \t]*[=:][ \t]*(.*)")
_YAML_ENTRY = Pattern(
    r"( *)(- +)?([\"']?)([^\s#\"':{}\[\],&*!|>%@`-][^\"'#:{}]{0,150}|%[\w,-]{1,60})\3"
    r"[ ]*:(?:[ ]+(.*)|$)"
)
_HOCON_TOKEN = Pattern(
    r"([\w.\-\"]{1,150})[ \t]*[:=]?[ \t]*\{|\}|([\w.\-\"]{1,150})[ \t]*(?:=|:(?!/))[ \t]*([^,}\n]*)"
)
_SUBSTITUTION = Pattern(r"\$\{\??([\w.-]{1,100})\}")
# What stands in settings under another name, told apart from every other YAML by its first words.
_OF_A_SERVER = Pattern(r"^(?:server|spring|quarkus|micronaut|management|ktor|database):", re.M)
_ON_PROFILE = frozenset({"spring.config.activate.onprofile", "spring.profiles"})


@dataclass(frozen=True)
class Setting:
    """One key with its value. `profile` is "" for what always holds.

    `key` is canonical: lower case, without dashes and underscores, parts joined by points.
    `written` is the last part of the key as it stands in its line: it may be quoted, a value not.
    """

    key: str
    value: str
    profile: str
    path: str
    line: int
    written: str
    text: str

    @property
    def is_default(self) -> bool:
        """Say whether it holds where nothing else is asked for, or in production."""
        return not self.profile or self.profile in _RUN

    @property
    def evidence(self) -> Evidence:
        """Return the line of the key, without the value."""
        return Evidence(file=self.path, line=self.line, quote=self.written)

    def evidence_of(self, part: str) -> Evidence:
        """Return the line, quoting a part of it that is no secret."""
        return Evidence(file=self.path, line=self.line, quote=part)

    @property
    def whole_evidence(self) -> Evidence:
        """Return the line of the key with its value, for values that are no secret."""
        start = max(self.text.rfind(self.written, 0, len(self.text) - len(self.value)), 0)
        end = self.text.find(self.value, start + len(self.written))
        quote = self.text[start : end + len(self.value)] if end >= 0 else self.written
        return Evidence(file=self.path, line=self.line, quote=quote)


def read_settings(tree: SourceTree, project: Project) -> list[Setting]:
    """Return every setting of the files that the service reads when it starts."""
    paths = _paths(tree, project)
    # Of a name the class path has the program's own file first, and that one alone is read.
    own = {_name(path) for path in paths if path.startswith(project.main.folder)}
    return [
        setting
        for path in paths
        if path.startswith(project.main.folder) or _name(path) not in own
        for setting in _settings_of(path, tree.text(path) or "")
        if not _NOT_RUN.intersection(re.split(r"[,-]", setting.profile))
    ]


def are_settings_elsewhere(tree: SourceTree, project: Project, settings: Sequence[Setting]) -> bool:
    """Say whether there are settings for profiles, and of the service's own none to be seen."""
    if any(setting.is_default for setting in settings):
        return False
    profiles = (path for path in _paths(tree, project) if _name(path).startswith("application-"))
    return next(profiles, None) is not None


def _paths(tree: SourceTree, project: Project) -> list[str]:
    given = _given(tree, project) if project.main.dependency("dropwizard-core") else ()
    given = {*given, *_called_after(project)}
    return [
        path
        for path in tree.paths
        if path.endswith((*_SUFFIXES, *_EXAMPLE_ENDS, *_PERSISTENCE))
        and (path in given or _is_settings(path))
        and project.reads(path)
    ]


def _called_after(project: Project) -> Iterator[str]:
    """Yield where the settings of a module may lie that are called after it: `config/cart.yml`."""
    folder = project.main.folder
    own = folder.rstrip("/").rpartition("/")[2]
    for name in {project.main.name, own, *(own.removesuffix(end) for end in _MODULE_ENDS)}:
        yield f"{folder}config/{name}.yml"


def _given(tree: SourceTree, project: Project) -> Collection[str]:
    """Return what Dropwizard may be given where it is started: settings under any name.

    Of several those of a developer's machine are left out.
    """
    folder = project.main.folder
    places = (folder, *(f"{folder}{name}/" for name in _FOLDERS))
    paths = [
        path
        for path in tree.ending(".yml")
        if path.startswith(folder) and path[: path.rfind("/") + 1] in places
    ]
    return [path for path in paths if not _NOT_RUN.intersection(_words(path))] or paths


def _words(path: str) -> list[str]:
    return re.split(r"[-_.]", _name(path).lower())


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def canonical(key: str) -> str:
    """Return a key as it is compared: dashes, underscores and case do not matter."""
    return key.lower().replace("-", "").replace("_", "").replace('"', "")


def _is_settings(path: str) -> bool:
    *folders, file = path.split("/")
    if is_aside(path) or (folders and _FOLDERS.isdisjoint(folder.lower() for folder in folders)):
        return False
    if path.endswith(_PERSISTENCE):
        return True
    stem = re.split(r"[-.]", file)[0].lower()
    if stem in _NAMES or file == "microprofile-config.properties":
        return True
    return folders[-1:] == ["resources"] and stem not in _OTHER


def _settings_of(path: str, text: str) -> Iterator[Setting]:
    if len(text) > _LONGEST_CHARACTERS:
        return
    file = path.rpartition("/")[2]
    is_example = file.endswith(_EXAMPLE_ENDS)
    name, _, suffix = (file.rpartition(".")[0] if is_example else file).rpartition(".")
    stem, _, profile = name.partition("-")
    if stem.lower() not in ("application", "bootstrap"):
        profile = ""
    if suffix == "xml":
        yield from _xml(path, text)
        return
    if stem.lower() not in _NAMES and suffix != "properties" and not _OF_A_SERVER.search(text):
        return
    reader = _READERS.get(suffix)
    if reader:
        yield from reader(path, text, "example" if is_example else profile.lower())


def _properties(path: str, text: str, profile: str) -> Iterator[Setting]:
    for number, line in enumerate(text.split("\n"), 1):
        match = _PROPERTY.match(line)
        if match:
            yield from _of_profiles(path, match[1], match[2].strip(), profile, number, line)


def _of_profiles(
    path: str, key: str, value: str, profile: str, number: int, line: str
) -> Iterator[Setting]:
    """Quarkus writes the profiles before the key: `%dev,test.quarkus.http.port`."""
    names, key = _prefix(key)
    written = key.rpartition(".")[2]
    for name in names or (profile,):
        yield Setting(canonical(key), value, name, path, number, written, line)


def _prefix(key: str) -> tuple[Sequence[str], str]:
    if not key.startswith("%"):
        return (), key
    names, _, rest = key[1:].partition(".")
    return names.split(","), rest


def _yaml(path: str, text: str, profile: str) -> Iterator[Setting]:
    number = 0
    for document in re.split(r"^---", text, flags=re.MULTILINE):
        settings = list(_yaml_document(path, document, number, profile))
        named = [setting.value for setting in settings if setting.key in _ON_PROFILE]
        for setting in settings:
            yield _with_profile(setting, named[0].lower()) if named else setting
        number += document.count("\n")


def _with_profile(setting: Setting, profile: str) -> Setting:
    if setting.profile:
        return setting
    return Setting(
        setting.key,
        setting.value,
        profile,
        setting.path,
        setting.line,
        setting.written,
        setting.text,
    )


def _yaml_document(path: str, text: str, lines_before: int, profile: str) -> Iterator[Setting]:
    above: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), lines_before + 1):
        match = _YAML_ENTRY.match(line)
        if not match:
            continue
        indent = len(match[1]) + len(match[2] or "")
        while above and above[-1][0] >= indent:
            above.pop()
        key = ".".join([*(name for _, name in above), match[4]])
        value = _unquoted(match[5] or "")
        if value:
            names, bare = _prefix(key)
            written = match[4].rpartition(".")[2]
            for name in names or (profile,):
                yield Setting(canonical(bare), value, name, path, number, written, line)
        else:
            above.append((indent, match[4]))


def _unquoted(value: str) -> str:
    value = value.strip()
    if value[:1] in ("'", '"'):
        return value[1:].partition(value[0])[0]
    return value.partition(" #")[0].strip().lstrip("\\") if not value.startswith("#") else ""


def _hocon(path: str, text: str, profile: str) -> Iterator[Setting]:
    above: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith(("#", "//")):
            continue
        readable = _SUBSTITUTION.sub(lambda match: f"$<{match[1]}>", line)
        for match in _HOCON_TOKEN.finditer(readable):
            if match[1]:
                above.append(match[1])
            elif match[2]:
                key = ".".join([*above, match[2]])
                value = re.sub(r"\$<([\w.-]+)>", r"${\1}", match[3]).strip().strip('"')
                written = match[2].strip('"').rpartition(".")[2]
                yield Setting(canonical(key), value, profile, path, number, written, line)
            elif above:
                above.pop()


def _xml(path: str, text: str) -> Iterator[Setting]:
    for number, line in enumerate(text.split("\n"), 1):
        for match in _ELEMENT.finditer(line):
            value = (match[2] or match[3] or "").strip()
            written = match[1].rpartition(".")[2]
            yield Setting(canonical(match[1]), value, "", path, number, written, line)


_READERS: dict[str, Callable[[str, str, str], Iterator[Setting]]] = {
    "properties": _properties,
    "yml": _yaml,
    "yaml": _yaml,
    "conf": _hocon,
}
