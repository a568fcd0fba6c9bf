"""Stores, workers and migrations of a Node service, by its packages and settings files."""

import re
from collections.abc import Collection, Iterator
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, first_line, quoted_match
from analyzer.languages.dependencies import Dependencies
from analyzer.languages.node.packages import (
    CACHES,
    DRIVERS,
    MIGRATIONS,
    OTHER_QUEUES,
    QUEUES,
)
from analyzer.languages.node.project import PackageFile, package_manager
from analyzer.languages.node.sources import FLAVOUR, FLAVOURS
from analyzer.languages.settings_files import port_in, settings_in
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

_PRISMA: Final = Pattern(
    rf"\bdatasource\s+\w+\s*\{{[^}}]{{0,1000}}?\bprovider\s*=\s*\[?\"({FLAVOUR})\"", re.IGNORECASE
)
_OF_PRISMA: Final = Pattern(r"@prisma/|prisma$")
_PRISMA_VARIABLE: Final = Pattern(r"\benv\(\"([A-Z][A-Z0-9_]*)\"\)")
_PRISMA_PLACES: Final = ("prisma/schema.prisma", "schema.prisma")
_SETTINGS_NAME: Final = Pattern(
    r"(?:^|/)(?:default|defaults|production|config(?:\.(?:sample|example|default|dist))?|"
    r"custom-environment-variables|ormconfig|env)(?:\.json|\.ya?ml|\.json5)(?:\.example)?$"
)
_STORE_SETTING: Final = Pattern(
    rf"^[ \t]*[\"']?(?:client|type|dialect|engine|connector)[\"']?:[ \t]*"
    rf"[\"']?({FLAVOUR})\b[\"']?,?[ \t]*$",
    re.MULTILINE,
)
_SETTING_VARIABLE: Final = Pattern(
    r":[ \t]*[\"']?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)[\"']?,?[ \t]*$", re.MULTILINE
)
_MIGRATION_SCRIPT: Final = Pattern(
    r"(?:(?:db|database|prisma|knex|typeorm|migrations?|sequelize|drizzle)[:_-])?"
    r"(?:migrate|migrations?|deploy)(?:[:_-](?:run|up|latest|deploy|prod|production))?"
)
_MIGRATES: Final = Pattern(
    r"migrate deploy|migrate:latest|migration:run|db:migrate|migrations? up|migration:up|"
    r"drizzle-kit migrate|migrate up|migration:run"
)


# Drivers that whoever uses them imports, but for those who load them by name.
_OF_MONGO: Final = Pattern(
    r"mongo|typeorm|agenda|payload|keystone|prisma|feathers|waterline|sails|accounts|parse-server"
)
_LOADED_BY: Final = {
    "dynamoose": Pattern(r"dynamo"),
    "mongodb": _OF_MONGO,
    "mongoose": _OF_MONGO,
}
# Of more databases than these nobody needs a driver who is no tool for databases.
_MOST_FLAVOURS: Final = 2


def store_facts(
    tree: SourceTree,
    dependencies: Dependencies,
    beside: Dependencies,
    imported: Collection[object],
) -> Iterator[Fact]:
    """Yield the database, cache and migrations that packages and settings files name.

    `beside` is what packages of the repository bring along that the service is made with;
    `imported` are the packages that sources are seen to import, of those that are looked for.
    """
    needed = {**beside, **dependencies}
    yield from _prisma(tree, needed)
    yield from _settings(tree)
    if not connects_to_many(dependencies if _has_driver(dependencies) else needed):
        left = _left_behind(dependencies, imported)
        if left:
            yield Fact("database", "none", "absent/uncalled-driver", "medium", dependencies[left])
        else:
            yield from _drivers(dependencies if _has_driver(dependencies) else beside)
        yield from _caches(needed)


def _schemas(tree: SourceTree, dependencies: Dependencies) -> Iterator[str]:
    """Yield the Prisma schemas: the service's, and those of workspace packages that it names.

    Where it names the client and no package with a schema, the only one is what all share.
    """
    own = tree.sources(".prisma")
    yield from own
    has_client = "@prisma/client" in dependencies
    names = {name.rpartition("/")[2] for name in dependencies if not _OF_PRISMA.match(name)}
    beside = [path for path in tree.outer if path.endswith(".prisma")]
    chosen = [
        path
        for path in beside
        if (has_client and _lies_above(path))
        or not names.isdisjoint(tree.in_repository(path).split("/")[:-1])
    ]
    if not chosen and not own and has_client and len(beside) == 1:
        chosen = beside
    yield from chosen


def _lies_above(path: str) -> bool:
    """Say whether a schema lies right in a folder above the service, or in its `prisma`."""
    return path.replace("../", "").removeprefix("prisma/").count("/") == 0


def _prisma(tree: SourceTree, dependencies: Dependencies) -> Iterator[Fact]:
    for path in _schemas(tree, dependencies):
        text = tree.text(path) or ""
        match = _PRISMA.search(text)
        if match is None:
            continue
        evidence = quoted_match(path, text, match)
        yield Fact("database", FLAVOURS[match[1].lower()], "node/prisma", "high", evidence)
        yield Fact("migration_tool", "prisma", "node/prisma", "high", evidence)
        command: list[JsonValue] = ["npx", "prisma", "migrate", "deploy"]
        if path not in _PRISMA_PLACES:
            command += ["--schema", path]
        yield Fact("migration_command", command, "node/prisma", "medium", evidence)
        for variable in _PRISMA_VARIABLE.finditer(text):
            quote = quoted_match(path, text, variable)
            yield Fact("environment_variables", variable[1], "node/prisma", "high", quote)


def _settings(tree: SourceTree) -> Iterator[Fact]:
    for path in tree.ending(".json", ".yml", ".yaml", ".json5", ".example"):
        if path.count("/") > 4 or not _SETTINGS_NAME.search(path):
            continue
        text = tree.text(path) or ""
        if path.rpartition("/")[2].startswith("custom-environment"):
            yield from _setting_variables(path, text)
            continue
        store = _STORE_SETTING.search(text)
        if store:
            evidence = quoted_match(path, text, store)
            yield Fact("database", FLAVOURS[store[1]], "node/settings-file", "medium", evidence)
        yield from _port_setting(path, text)


def _port_setting(path: str, text: str) -> Iterator[Fact]:
    """Yield the first port that stands outermost or in a section of the server's own."""
    for setting in settings_in(path, text):
        port = port_in(setting) if setting.key.lower() == "port" else None
        if port and port[1]:
            yield Fact("port", port[0], "node/settings-file", "medium", setting.evidence)
            return


def _setting_variables(path: str, text: str) -> Iterator[Fact]:
    for match in _SETTING_VARIABLE.finditer(text):
        evidence = quoted_match(path, text, match)
        yield Fact("environment_variables", match[1], "node/settings-variables", "high", evidence)


def connects_to_many(dependencies: Dependencies) -> bool:
    """Say whether drivers of so many databases are named that the service owns none of them."""
    flavours = {DRIVERS[name] for name in dependencies if name in DRIVERS}
    return len(flavours - {"sqlite"}) > _MOST_FLAVOURS


def _has_driver(dependencies: Dependencies) -> bool:
    return any(name in DRIVERS for name in dependencies)


def _drivers(dependencies: Dependencies) -> Iterator[Fact]:
    flavours = {DRIVERS[name]: name for name in dependencies if name in DRIVERS}
    # Who brings SQLite with the service runs it out of the box, and a server on request.
    named = {"sqlite": flavours["sqlite"]} if "sqlite" in flavours else flavours
    confidence: Confidence = "medium" if len(flavours) == 1 else "low"
    for flavour, name in named.items():
        yield Fact("database", flavour, "node/driver", confidence, dependencies[name])


def _left_behind(dependencies: Dependencies, imported: Collection[object]) -> str | None:
    """Return the only driver where no source imports it, and no other package could load it."""
    drivers = [name for name in dependencies if name in DRIVERS]
    if len(drivers) != 1 or drivers[0] not in _LOADED_BY or drivers[0] in imported:
        return None
    loads = _LOADED_BY[drivers[0]]
    return None if any(loads.search(name) for name in dependencies.keys() - drivers) else drivers[0]


def _caches(dependencies: Dependencies) -> Iterator[Fact]:
    for name in dependencies:
        if name in QUEUES:
            yield Fact("cache", "redis", "node/queue-package", "medium", dependencies[name])
        elif name in CACHES:
            yield Fact("cache", CACHES[name], "node/cache-driver", "low", dependencies[name])


def worker_facts(tree: SourceTree, dependencies: Dependencies) -> Iterator[Fact]:
    """Yield a worker where a queue's package stands beside a file that is started as one."""
    queue = next((name for name in dependencies if name in QUEUES | OTHER_QUEUES), None)
    if queue is None:
        return
    for path in tree.sources(".ts", ".js", ".mjs"):
        folders, _, name = path.rpartition("/")
        is_outer = (
            folders.count("/") < 1
            or folders.endswith("/worker")
            or f"{folders}/server.{name.rpartition('.')[2]}" in tree
        )
        text = tree.text(path) if is_outer and name.startswith(("worker.", "consumer.")) else None
        if text and text.strip():
            yield Fact("worker", True, "node/worker-file", "medium", first_line(path, text))
            return


def migration_facts(tree: SourceTree, package: PackageFile) -> Iterator[Fact]:
    """Yield the migration tool among the packages and the script that runs it."""
    named = {**package.development, **package.dependencies}
    for name, tool, command in MIGRATIONS:
        if name in named:
            words: list[JsonValue] = ["npx", *command]
            yield Fact("migration_tool", tool, "node/migration-tool", "medium", named[name])
            yield Fact("migration_command", words, "node/migration-tool", "low", named[name])
            break
    for name, evidence in package.script_lines.items():
        script = package.scripts.get(name, "")
        if _MIGRATION_SCRIPT.fullmatch(name) and _MIGRATES.search(script):
            run: list[JsonValue] = [package_manager(tree), "run", name]
            yield Fact("migration_command", run, "node/migration-script", "medium", evidence)
            return
