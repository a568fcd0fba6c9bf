"""`fly.toml`: port, checks, processes and variables of a service on Fly."""

from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, is_port, quoted_line
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.command_lines import argv_of, is_migration
from analyzer.witnesses.env_text import VARIABLE_NAME
from analyzer.witnesses.settings_text import Setting, read_settings
from delightful.reading.path import url_path_fault

_NAME: Final = Pattern(r"(?:\.fly/|deploy/|docker/)?fly(?:\.(?:prod|production|web))?\.toml")
_SERVING: Final = frozenset({"app", "web", "server", "main"})


def fly_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what `fly.toml` says."""
    path = next((path for path in tree.ending(".toml") if _NAME.fullmatch(path)), None)
    text = tree.text(path) if path else None
    if path is None or text is None:
        return
    for setting in read_settings(text):
        for field, value, rule in _said(setting):
            evidence = quoted_line(path, text, setting.line)
            if field == "environment_variables":
                evidence = evidence.model_copy(update={"quote": setting.key})
            yield Fact(field, value, rule, "high", evidence)


def _said(setting: Setting) -> Iterator[tuple[str, JsonValue, str]]:
    section, key, value = setting.section, setting.key, setting.value
    if key == "internal_port" and section in ("http_service", "services") and is_port(value):
        yield "port", int(value), "fly/port"
    if key == "path" and section.endswith("checks") and url_path_fault(value) is None:
        yield "health_path", value, "fly/check"
    if section == "processes":
        yield from _process(key, value)
    if section == "env" and VARIABLE_NAME.fullmatch(key):
        yield "environment_variables", key, "fly/env"
        if key == "PORT" and is_port(value):
            yield "port", int(value), "fly/env-port"
    if section == "deploy" and key == "release_command" and is_migration(value):
        yield "migration_command", argv_of(value), "fly/release"


def _process(name: str, command: str) -> Iterator[tuple[str, JsonValue, str]]:
    if name not in _SERVING:
        yield "worker", True, "fly/processes"
    elif command:
        yield "start_command", argv_of(command), "fly/processes"
