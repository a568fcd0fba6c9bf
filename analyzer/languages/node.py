"""Node, JavaScript and TypeScript: what `package.json` and the source say."""

import re
from collections.abc import Iterator
from itertools import chain

from pydantic import JsonValue

from analyzer.facts import Fact, first_line
from analyzer.languages.dependencies import framework_facts, store_facts
from analyzer.languages.node_project import (
    PACKAGE_FILE,
    PackageFile,
    node_versions,
    read_package_file,
)
from analyzer.source_rules import (
    HEALTH_LITERAL,
    HEALTH_ROUTE,
    SourceRule,
    constant,
    port_of,
    scanned,
    text_of,
)
from analyzer.tree import SourceTree
from analyzer.witnesses.procfile import argv_of
from delightful.recommendation import Confidence

LANGUAGE = "node"

_SUFFIXES = (".js", ".cjs", ".mjs", ".ts", ".cts", ".mts")

# The one that sits on top comes first: Nest brings Express, Next brings React.
_FRAMEWORKS = (
    ("@nestjs/core", "nestjs"),
    ("next", "nextjs"),
    ("nuxt", "nuxt"),
    ("@remix-run/node", "remix"),
    ("@sveltejs/kit", "sveltekit"),
    ("@adonisjs/core", "adonisjs"),
    ("@strapi/strapi", "strapi"),
    ("fastify", "fastify"),
    ("koa", "koa"),
    ("@hapi/hapi", "hapi"),
    ("hono", "hono"),
    ("restify", "restify"),
    ("express", "express"),
)
_DATABASES = {
    "pg": "postgres",
    "pg-promise": "postgres",
    "postgres": "postgres",
    "mysql": "mysql",
    "mysql2": "mysql",
    "mariadb": "mysql",
    "mongodb": "mongodb",
    "mongoose": "mongodb",
    "mssql": "sqlserver",
    "tedious": "sqlserver",
}
_CACHES = {
    "redis": "redis",
    "ioredis": "redis",
    "bull": "redis",
    "bullmq": "redis",
    "memcached": "memcached",
    "memjs": "memcached",
}
_FRAMEWORK_PORTS = {"nextjs": 3000, "nuxt": 3000, "nestjs": 3000, "strapi": 1337}

_RULES = (
    SourceRule(
        "node/port-variable",
        "port",
        "env.PORT",
        re.compile(r"\bprocess\.env\.PORT\b[ \t)]*(?:\|\||\?\?)[ \t]*[\"']?(\d{2,5})\b"),
        "high",
        port_of,
    ),
    SourceRule(
        "node/listen",
        "port",
        ".listen(",
        re.compile(r"\.listen\([ \t]*(\d{2,5})\b"),
        "medium",
        port_of,
    ),
    SourceRule(
        "node/environment",
        "environment_variables",
        "process.env",
        re.compile(r"\bprocess\.env(?:\.([A-Z_][A-Z0-9_]*)\b|\[[\"'`]([A-Z_][A-Z0-9_]*)[\"'`]\])"),
        "high",
        lambda match: match[1] or match[2],
    ),
    SourceRule("node/health-route", "health_path", "/", HEALTH_ROUTE, "medium", text_of),
    SourceRule("node/health-literal", "health_path", "/", HEALTH_LITERAL, "low", text_of),
    SourceRule(
        "node/http-server",
        "kind",
        "createServer(",
        re.compile(r"\bcreateServer\("),
        "medium",
        constant("web"),
    ),
)


def node_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what a Node service needs."""
    sources = tree.sources(*_SUFFIXES)
    package = read_package_file(tree)
    yield from chain(_versions(tree), scanned(tree, sources, _RULES))
    if package is not None:
        yield from _package_facts(tree, package)


def node_language(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is Node."""
    package = read_package_file(tree)
    if package is not None:
        # Many a Python or Ruby service has one for its assets: scripts tell a service of its own.
        start = package.evidence("scripts", "start")
        evidence = start or first_line(PACKAGE_FILE, package.text)
        confidence: Confidence = "high" if start else "medium"
        yield Fact("language", LANGUAGE, "node/package", confidence, evidence)
        return
    for path in (path for path in tree.sources(*_SUFFIXES) if "/" not in path):
        text = tree.text(path)
        if text and text.strip():
            yield Fact("language", LANGUAGE, "node/source", "low", first_line(path, text))
            return


def _versions(tree: SourceTree) -> Iterator[Fact]:
    for version, path, confidence, evidence in node_versions(tree):
        yield Fact("runtime_version", version, f"node/{path}", confidence, evidence)


def _package_facts(tree: SourceTree, package: PackageFile) -> Iterator[Fact]:
    dependencies = package.dependencies
    named = package.evidence_of("dependencies") or first_line(PACKAGE_FILE, package.text)
    yield Fact("dependencies", True, "node/dependencies", "high", named)
    for fact in framework_facts(dependencies, _FRAMEWORKS, "node/dependency"):
        yield fact
        port = _FRAMEWORK_PORTS.get(str(fact.value))
        if port:
            yield Fact("port", port, "node/framework-port", "low", fact.evidence)
    yield from store_facts(dependencies, _DATABASES, _CACHES, "node/driver")
    yield from _start(tree, package)
    if package.content.get("bin"):
        yield Fact("kind", "cli", "node/bin", "low", package.evidence_of("bin"))
    elif package.content.get("main") and not package.content.get("private"):
        yield Fact("kind", "library", "node/main", "low", package.evidence_of("main"))


def _start(tree: SourceTree, package: PackageFile) -> Iterator[Fact]:
    script = package.section("scripts").get("start")
    evidence = package.evidence("scripts", "start")
    if isinstance(script, str) and script.strip() and evidence:
        yield Fact("start_command", _argv(tree, script), "node/start", "medium", evidence)
    main = package.content.get("main")
    if isinstance(main, str) and main in tree:
        main_evidence = package.evidence_of("main")
        yield Fact("start_command", ["node", main], "node/main", "low", main_evidence)


def _argv(tree: SourceTree, script: str) -> list[JsonValue]:
    # Node itself gets the signals; a package runner in front of it would keep them.
    argv = argv_of(script)
    if argv[0] == "node":
        return argv
    if "pnpm-lock.yaml" in tree:
        return ["pnpm", "start"]
    return ["yarn", "start"] if "yarn.lock" in tree else ["npm", "start"]
