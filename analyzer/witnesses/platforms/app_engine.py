"""`app.yaml`: a service of Google's App Engine, which every request reaches over HTTP."""

import re
from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from analyzer.documents import Node, read_nodes
from analyzer.facts import Fact, quoted_line
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.command_lines import argv_of
from analyzer.witnesses.env_text import VARIABLE_NAME
from delightful.reading.path import url_path_fault
from delightful.recommendation import Confidence

_NAMES: Final = ("app.yaml", "app.yml")
# `python312`, `go122`, `nodejs20`; the flexible environment's and the oldest have no number.
_RUNTIME: Final = Pattern(r"(go|java|nodejs|php|python|ruby)(\d*)|custom")
_WHOLE: Final = frozenset({"java", "nodejs"})
_OLD_VERSION: Final = Pattern(r"go(\d+\.\d+)")
_CHECKS: Final = ("readiness_check", "liveness_check")

_Said = tuple[str, JsonValue, str, Confidence, int]


def app_engine_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what the service's `app.yaml` says; other files of that name have no runtime."""
    path = next((name for name in _NAMES if name in tree), "")
    text = tree.text(path) if path else None
    document = read_nodes(text) if text and "runtime" in text else None
    runtime = document.get("runtime") if document else None
    named = _RUNTIME.fullmatch(runtime.text) if runtime else None
    if text is None or document is None or runtime is None or named is None:
        return
    for field, value, rule, confidence, line in _said(document, runtime, named):
        evidence = quoted_line(path, text, line)
        if field == "environment_variables":
            evidence = evidence.model_copy(update={"quote": value})
        yield Fact(field, value, rule, confidence, evidence)


def _said(document: Node, runtime: Node, named: re.Match[str]) -> Iterator[_Said]:
    yield "kind", "web", "app-engine/service", "high", runtime.line
    version = _version(named)
    if version:
        yield "runtime_version", version, "app-engine/runtime", "high", runtime.line
    old = document.get("api_version")
    match = _OLD_VERSION.fullmatch(old.text) if old else None
    if old and match:
        yield "runtime_version", match[1], "app-engine/runtime", "high", old.line
    entry = document.get("entrypoint")
    if entry and entry.text:
        yield "start_command", argv_of(entry.text), "app-engine/entrypoint", "high", entry.line
    variables = document.get("env_variables")
    for name, node in variables.entries.items() if variables else ():
        if VARIABLE_NAME.fullmatch(name):
            yield "environment_variables", name, "app-engine/variable", "high", node.line
    for name in _CHECKS:
        check = document.get(name)
        asked = check.get("path") if check else None
        if asked and asked.text and url_path_fault(asked.text) is None:
            yield "health_path", asked.text, "app-engine/check", "high", asked.line
            return


def _version(named: re.Match[str]) -> str:
    """Return the version that a runtime is named after: `python312` is 3.12."""
    digits = named[2] or ""
    if named[1] in _WHOLE or not digits:
        return digits
    return f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else ""
