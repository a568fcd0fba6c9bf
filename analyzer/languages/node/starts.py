"""How a Node service is started: its scripts followed to the process that serves."""

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact
from analyzer.languages.node.project import PackageFile, package_manager
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.platforms.procfile import argv_of
from delightful.recommendation import Confidence, Evidence

# What people call the script for the real thing, first the most outspoken.
_PRODUCTION: Final = ("start:prod", "start:production", "prod", "production", "start-prod")
_PLAIN: Final = ("start", "serve", "server", "start:server")
_RUNNERS: Final = frozenset({"node", "bun", "deno", "tsx", "ts-node", "pm2-runtime", "strapi"})
_CALLED: Final = Pattern(r"(?:npm|yarn|pnpm|bun)(?: run)? (?:--silent |-s )?([\w:.-]+)")
_SHELL_NAME: Final = Pattern(r"[A-Z_][A-Z0-9_]*=\S*")
# Put in front of the command to set variables; the container has its own.
_WRAPPERS: Final = Pattern(
    r"^(?:(?:cross-env|env|dotenv(?: -e \S+)*(?: --)?|npm run with:env --|"
    r"NODE_ENV=\S+)\s+)+"
)
_FOR_DEVELOPMENT: Final = Pattern(
    r"\bnodemon\b|\bts-node-dev\b|\bnest start\b|\bnx serve\b|\bvite\b|\bwatch\b|--watch|\bdev\b"
    r"|\breact-scripts\b|\bng serve\b|\bwebpack\b|\bconcurrently\b|\bgulp\b|\bencore\b"
)
_DAEMON: Final = Pattern(r"^(?:\S*/)?(?:pm2|forever) start (\S+\.[cm]?js)\b.*$")
_WATCHING: Final = Pattern(r"^node --watch ")
_PORT_OPTION: Final = Pattern(r"(?:^|\s)(?:PORT=(?:\$\{\w{1,40}:-)?|--port[ =]|-p[ =]?)(\d{2,5})\b")
_WORKER_SCRIPT: Final = Pattern(
    r"(?:(?:start|serve|run|queue|prod)[:_-])?(?:workers?|queue|jobs|consumers?|handlers?|scheduler)"
    r"(?:[:_-](?:start|prod|production|run|work|default|nix|linux))?"
)
# How each is started once it is built, where no script says it.
_BUILT: Final[Mapping[str, tuple[str, ...]]] = {
    "adonisjs": ("node", "build/bin/server.js"),
    "astro": ("node", "dist/server/entry.mjs"),
    "medusa": ("npx", "medusa", "start"),
    "meteor": ("node", "main.js"),
    "nestjs": ("node", "dist/main"),
    "nextjs": ("npx", "next", "start"),
    "nitro": ("node", ".output/server/index.mjs"),
    "nuxt": ("node", ".output/server/index.mjs"),
    "react-router": ("npx", "react-router-serve", "build/server/index.js"),
    "remix": ("npx", "remix-serve", "build/server/index.js"),
    "strapi": ("npx", "strapi", "start"),
    "sveltekit": ("node", "build"),
}
# https://github.com/charlesguse/run-script-os, the nearest first.
_SYSTEMS: Final = ("linux", "nix", "default")
MAIN_FILES: Final = ("server.js", "app.js", "index.js", "main.js", "bin/www", "src/index.js")


def start_facts(tree: SourceTree, package: PackageFile, framework: Fact | None) -> Iterator[Fact]:
    """Yield the start command, the port that it names, and process types beside it."""
    name = _script(package)
    if name:
        command, evidence = _followed(package, name), package.script_lines[name]
        yield Fact("start_command", _argv(tree, name, command), *_trust(name, command), evidence)
        yield from _port(package.scripts[name], evidence)
    yield from _worker_scripts(package)
    yield from _built(framework)
    yield from _main(tree, package)


def _trust(name: str, command: str) -> tuple[str, Confidence]:
    is_followed = command.partition(" ")[0] in _RUNNERS
    if name in _PRODUCTION:
        return "node/production-script", "high" if is_followed else "medium"
    if _FOR_DEVELOPMENT.search(command):
        return "node/start", "low"
    return "node/start", "medium"


def is_started(package: PackageFile) -> bool:
    """Say whether a script of the package starts it as what serves."""
    return bool(package.script_lines.keys() & {*_PRODUCTION, *_PLAIN})


def _script(package: PackageFile) -> str | None:
    """Return the script that starts the service as it runs for real."""
    known = [name for name in (*_PRODUCTION, *_PLAIN) if name in package.script_lines]
    ready = [name for name in known if not _FOR_DEVELOPMENT.search(_followed(package, name))]
    return next(iter([*ready, *known]), None)


def _followed(package: PackageFile, name: str) -> str:
    """Return the last command of a script's chain, followed through scripts that it calls."""
    seen: set[str] = set()
    while True:
        command = _bare(package.scripts[name])
        seen.add(name)
        called = _CALLED.fullmatch(command)
        following = called[1] if called else _of_system(package, name, command)
        if following in seen or following not in package.scripts:
            return command
        name = following


def _of_system(package: PackageFile, name: str, command: str) -> str:
    """Return the script that `run-script-os` calls in a container in the place of a script."""
    named = (f"{name}:{system}" for system in _SYSTEMS if command.endswith("run-script-os"))
    return next((script for script in named if script in package.scripts), "")


def _bare(script: str) -> str:
    last = script.split("&&")[-1].strip()
    bare = _WRAPPERS.sub("", last) or last
    # In a container the process itself stays in front, and nobody changes its files.
    return _DAEMON.sub(r"node \1", _WATCHING.sub("node ", bare))


def _argv(tree: SourceTree, name: str, command: str) -> list[JsonValue]:
    words = command.split()
    while words and _SHELL_NAME.fullmatch(words[0]):
        words = words[1:]
    manager = package_manager(tree)
    first = words[0] if words else ""
    if first in ("npm", "pnpm", "yarn", "concurrently", "npm-run-all", "run-p", "turbo", "nx", ""):
        return [manager, "run", name] if name != "start" else [manager, "start"]
    if first in ("node", "bun", "deno") or "/" in first:
        # Node itself gets the signals; a package runner in front of it would keep them.
        return argv_of(command)
    return (
        argv_of(f"{_runner(manager)} {command}")
        if words[0] == command.split()[0]
        else argv_of(command)
    )


def _runner(manager: str) -> str:
    """Return what runs a package's own command."""
    return {"pnpm": "pnpm exec", "yarn": "yarn", "bun": "bunx"}.get(manager, "npx")


def _port(script: str, evidence: Evidence) -> Iterator[Fact]:
    match = _PORT_OPTION.search(script)
    if match:
        yield Fact("port", int(match[1]), "node/start-port", "high", evidence)


def _worker_scripts(package: PackageFile) -> Iterator[Fact]:
    for name, evidence in package.script_lines.items():
        command = package.scripts.get(name, "")
        if _WORKER_SCRIPT.fullmatch(name) and not _FOR_DEVELOPMENT.search(command):
            yield Fact("worker", True, "node/worker-script", "medium", evidence)


def _built(framework: Fact | None) -> Iterator[Fact]:
    command = _BUILT.get(str(framework.value)) if framework else None
    if framework and command:
        words: list[JsonValue] = [*command]
        yield Fact("start_command", words, "node/framework-start", "low", framework.evidence)


def _main(tree: SourceTree, package: PackageFile) -> Iterator[Fact]:
    main = package.content.get("main")
    if isinstance(main, str) and _is_own(tree, main):
        evidence = package.evidence_of("main")
        yield Fact("start_command", ["node", main], "node/main", "low", evidence)
        return
    if package.script_lines.keys() & {*_PRODUCTION, *_PLAIN}:
        return
    for name in MAIN_FILES:
        if name in tree:
            evidence = package.evidence_of("name")
            yield Fact("start_command", ["node", name], "node/main-file", "low", evidence)
            return


def _is_own(tree: SourceTree, main: str) -> bool:
    plain = main.removeprefix("./")
    return any(name in tree for name in (plain, f"{plain}.js", f"{plain}/index.js"))
