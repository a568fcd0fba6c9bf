"""`app.json` and `heroku.yml`: what an application on Heroku is given and runs."""

from collections.abc import Iterator
from typing import Final

from analyzer.documents import Node, read_nodes
from analyzer.facts import Fact, quoted_line
from analyzer.tree import SourceTree
from analyzer.witnesses.command_lines import argv_of, is_migration, port_in
from analyzer.witnesses.env_text import VARIABLE_NAME
from analyzer.witnesses.platforms.addons import store_sold_as

APP_FILE: Final = "app.json"
BUILD_FILE: Final = "heroku.yml"

_LANGUAGES: Final = ("python", "nodejs", "ruby", "go", "java", "gradle", "php", "elixir", "dotnet")
_CANON: Final = {"nodejs": "node", "gradle": "java"}
_NOT_WORKERS: Final = frozenset({"web", "release", "console"})


def heroku_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what Heroku's files say."""
    yield from _of_app_file(tree)
    yield from _of_build_file(tree)


def _read(tree: SourceTree, path: str) -> tuple[str, Node | None]:
    text = tree.text(path) or ""
    # An application of Expo has an `app.json` too, of another sort.
    return text, None if '"expo"' in text else read_nodes(text)


def _of_app_file(tree: SourceTree) -> Iterator[Fact]:
    text, document = _read(tree, APP_FILE)
    if document is None:
        return
    for name, addon in _listed(document, "addons"):
        store = store_sold_as(name)
        if store:
            evidence = quoted_line(APP_FILE, text, addon.line)
            yield Fact(store[0], store[1], "heroku/addon", "high", evidence)
    for name, entry in _entries(document, "env"):
        if VARIABLE_NAME.fullmatch(name):
            evidence = quoted_line(APP_FILE, text, entry.line)
            evidence = evidence.model_copy(update={"quote": name})
            yield Fact("environment_variables", name, "heroku/env", "medium", evidence)
    for name, entry in _entries(document, "formation"):
        if name not in _NOT_WORKERS:
            evidence = quoted_line(APP_FILE, text, entry.line)
            yield Fact("worker", True, "heroku/formation", "high", evidence)
    for name, pack in _listed(document, "buildpacks"):
        evidence = quoted_line(APP_FILE, text, pack.line)
        yield from _language(name, Fact("language", "", "heroku/buildpack", "low", evidence))


def _language(name: str, fact: Fact) -> Iterator[Fact]:
    for word in _LANGUAGES:
        if f"/{word}" in name or name.endswith(f"buildpack-{word}"):
            language = _CANON.get(word, word)
            yield Fact(fact.field, language, fact.rule, fact.confidence, fact.evidence)


def _listed(document: Node, key: str) -> Iterator[tuple[str, Node]]:
    node = document.get(key)
    for item in node.items if node else ():
        named = item.get("plan") or item.get("url") or item
        yield named.text, named


def _entries(document: Node, key: str) -> Iterator[tuple[str, Node]]:
    node = document.get(key)
    yield from node.entries.items() if node else ()


def _of_build_file(tree: SourceTree) -> Iterator[Fact]:
    text, document = _read(tree, BUILD_FILE)
    if document is None:
        return
    for name, process in _entries(document, "run"):
        command = process.get("command") or process
        line = command.items[0] if command.items else command
        evidence = quoted_line(BUILD_FILE, text, line.line)
        if name == "web" and line.text:
            yield Fact("start_command", argv_of(line.text), "heroku/run", "high", evidence)
            port = port_in(line.text)
            if port is not None:
                yield Fact("port", port, "heroku/run-port", "medium", evidence)
        elif name not in _NOT_WORKERS:
            yield Fact("worker", True, "heroku/run", "high", evidence)
    setup = document.get("setup")
    for name, addon in _listed(setup, "addons") if setup else ():
        store = store_sold_as(name)
        if store:
            evidence = quoted_line(BUILD_FILE, text, addon.line)
            yield Fact(store[0], store[1], "heroku/addon", "high", evidence)
    release = (document.get("release") or document).get("command")
    for command in (*release.items, release) if release else ():
        if is_migration(command.text):
            evidence = quoted_line(BUILD_FILE, text, command.line)
            words = argv_of(command.text)
            yield Fact("migration_command", words, "heroku/release", "high", evidence)
