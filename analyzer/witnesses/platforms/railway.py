"""`railway.json`, `railway.toml` and `nixpacks.toml`: how Railway starts and asks a service."""

from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from analyzer.documents import read_nodes
from analyzer.facts import Fact, is_port, quoted_line
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.command_lines import argv_of, is_migration, port_in
from analyzer.witnesses.env_text import VARIABLE_NAME
from analyzer.witnesses.settings_text import Setting, read_settings
from delightful.reading.path import url_path_fault

_NAMES: Final = ("railway.toml", "railway.json", "nixpacks.toml")
_PROVIDED: Final = Pattern(r"^NIXPACKS_(PYTHON|NODE|RUBY|GO|JDK|PHP)_VERSION$")


def railway_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what the platform's files say."""
    for path in _NAMES:
        text = tree.text(path)
        if text is None:
            continue
        settings = _of_json(text) if path.endswith(".json") else read_settings(text)
        for setting in settings:
            for field, value, rule in _said(setting):
                evidence = quoted_line(path, text, setting.line)
                if field == "environment_variables":
                    evidence = evidence.model_copy(update={"quote": setting.key})
                yield Fact(field, value, rule, "high", evidence)


def _of_json(text: str) -> Iterator[Setting]:
    document = read_nodes(text)
    for section, node in document.entries.items() if document else ():
        for key, entry in node.entries.items():
            yield Setting(section, key, entry.text, entry.line)


def _said(setting: Setting) -> Iterator[tuple[str, JsonValue, str]]:
    key, value = setting.key, setting.value
    is_start = (setting.section, key) in (("deploy", "startCommand"), ("start", "cmd"))
    if is_start and value:
        yield "start_command", argv_of(value), "railway/start"
        port = port_in(value)
        if port is not None:
            yield "port", port, "railway/start-port"
    if key == "healthcheckPath" and url_path_fault(value) is None:
        yield "health_path", value, "railway/health-check"
    if key == "preDeployCommand" and is_migration(value):
        command = setting.words[0] if setting.words else value
        yield "migration_command", argv_of(command), "railway/before"
    if setting.section == "variables" and VARIABLE_NAME.fullmatch(key):
        if key == "PORT" and is_port(value):
            yield "port", int(value), "railway/variable-port"
        if _PROVIDED.match(key) and value[:1].isdigit():
            yield "runtime_version", value, "railway/variable-version"
        elif not key.startswith("NIXPACKS_"):
            yield "environment_variables", key, "railway/variable"
