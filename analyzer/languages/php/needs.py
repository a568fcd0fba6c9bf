"""PHP: what `composer.json`, a framework's settings and the source say."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, first_line, quoted_match
from analyzer.languages.cache_switches import SWITCHES
from analyzer.languages.dependencies import Dependencies
from analyzer.languages.node.project import PackageFile
from analyzer.languages.php.project import (
    entry_of,
    framework_folders,
    framework_of,
    php_versions,
    read_composer,
    required,
)
from analyzer.languages.php.servers import server_facts
from analyzer.languages.php.sources import is_own, php_health, php_rules
from analyzer.languages.php.stores import migration_facts, store_facts
from analyzer.patterns import Pattern
from analyzer.source_rules import scanned
from analyzer.tree import SourceTree
from analyzer.witnesses.platforms.procfile import argv_of
from delightful.recommendation import Confidence, Evidence

# Where each listens when nobody says otherwise: its own server, as its documentation starts it.
# Web servers stand in front of PHP, on a port of theirs; others bring servers of their own.
_WEB_PORT: Final = 80
_PORTS: Final = {"hyperf": 9501, "spiral": 8080}
_STARTS: Final = {
    "cakephp": "bin/cake server -H 0.0.0.0 -p 80",
    "codeigniter": "php spark serve --host 0.0.0.0 --port 80",
    "hyperf": "php bin/hyperf.php start",
    "laravel": "php artisan serve --host=0.0.0.0 --port=80",
    "lumen": "php -S 0.0.0.0:80 -t public",
    "phalcon": "php -S 0.0.0.0:80 -t public",
    "slim": "php -S 0.0.0.0:80 -t public",
    "symfony": "php -S 0.0.0.0:80 -t public",
    "yii": "php yii serve 0.0.0.0 --port=80",
}
# Servers of their own that a package brings.
_SERVERS: Final = (
    ("laravel/octane", "php artisan octane:start --host=0.0.0.0 --port=8000", 8000),
    ("runtime/frankenphp-symfony", "frankenphp run --config /etc/caddy/Caddyfile", 80),
    ("spiral/roadrunner", "rr serve", 8080),
)
_BUILT_IN: Final = Pattern(r"php -S [\w.\[\]:]{1,40}:(\d{2,5})\b")
_SCRIPTS: Final = ("start", "serve", "server")
_WORKER_SCRIPT: Final = Pattern(r"bin/(?:queue[-_])?workers?(?:[-_]\w+)*(?:\.php|\.sh)?")
_ROADRUNNER: Final = (".rr.yaml", ".rr.yml", ".rr.dev.yaml")
# What others put into theirs, whatever it is made with.
_PARTS: Final = frozenset(
    {"composer-plugin", "drupal-module", "symfony-bundle", "typo3-cms-extension"}
)
# What goes on until it is told to stop handles signals.
_LASTING: Final = "ext-pcntl"
_LIBRARY_TYPES: Final = frozenset({"library", "composer-plugin", "symfony-bundle", "metapackage"})


def facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what a PHP service needs."""
    composer = read_composer(tree)
    packages = required(tree, composer)
    framework = framework_of(tree, composer)
    brought = framework_folders(tree)
    sources = [
        path for path in tree.sources(".php") if is_own(path) and not path.startswith(brought)
    ]
    found = list(scanned(tree, sources, (*php_rules(framework), *SWITCHES)))
    yield from chain(
        php_versions(tree, composer),
        _framework_facts(framework, entry_of(tree)),
        _dependencies(composer),
        php_health(tree, found),
        store_facts(tree, packages, framework),
        migration_facts(tree, packages, framework),
        _starts(composer, packages, framework),
        server_facts(tree),
        _kind(tree, composer, framework),
        _worker_scripts(tree),
        _yaml_variables(tree, framework),
    )


def _framework_facts(framework: Fact | None, entry: Evidence | None) -> Iterator[Fact]:
    if framework is None:
        if entry:
            yield Fact("port", _WEB_PORT, "php/entry-port", "low", entry)
        return
    yield framework
    if framework.value in (*_PORTS, *_STARTS):
        port = _PORTS.get(str(framework.value), _WEB_PORT)
        yield Fact("port", port, "php/framework-port", "low", framework.evidence)
    start = _STARTS.get(str(framework.value))
    if start:
        words: list[JsonValue] = [*start.split()]
        yield Fact("start_command", words, "php/framework-start", "low", framework.evidence)


def _dependencies(composer: PackageFile | None) -> Iterator[Fact]:
    if composer is not None:
        evidence = composer.evidence_of("require")
        yield Fact("dependencies", True, "php/dependencies", "high", evidence)


def _starts(
    composer: PackageFile | None, packages: Dependencies, framework: Fact | None
) -> Iterator[Fact]:
    for name, command, port in _SERVERS:
        if name in packages:
            words: list[JsonValue] = [*command.split()]
            yield Fact("start_command", words, "php/server", "medium", packages[name])
            yield Fact("port", port, "php/server", "medium", packages[name])
    lines = composer.located("scripts") if composer else {}
    for name in _SCRIPTS:
        script = composer.section("scripts").get(name) if composer else None
        match = _BUILT_IN.search(script) if isinstance(script, str) else None
        if match and isinstance(script, str) and name in lines:
            # Inside a container the loopback interface serves nobody.
            outward = re.sub(r"-S (?:localhost|127\.0\.0\.1):", "-S 0.0.0.0:", script)
            yield Fact("port", int(match[1]), "php/start-script", "medium", lines[name])
            yield Fact("start_command", argv_of(outward), "php/start-script", "medium", lines[name])


def _kind(tree: SourceTree, composer: PackageFile | None, framework: Fact | None) -> Iterator[Fact]:
    entry = entry_of(tree)
    if entry:
        yield Fact("kind", "web", "php/entry", "high", entry)
    is_part = composer is not None and (
        composer.content.get("type") in _PARTS or _is_found_by_laravel(composer)
    )
    if composer and is_part and not entry and not composer.content.get("bin"):
        yield Fact("kind", "library", "php/library", "high", _declared(composer))
        return
    if composer is None or framework or entry:
        return
    if composer.content.get("bin"):
        # What calls itself a library may bring its command as an aside.
        is_both = composer.content.get("type") == "library"
        sure: Confidence = "medium" if is_both else "high"
        yield Fact("kind", "cli", "php/bin", sure, composer.evidence_of("bin"))
    elif (lasting := composer.located("require").get(_LASTING)) and _offers_nothing(composer):
        yield Fact("kind", "worker", "php/lasting", "medium", lasting)
    elif composer.content.get("type", "library") in _LIBRARY_TYPES and "name" in composer.content:
        yield Fact("kind", "library", "php/library", "high", _declared(composer))
    elif composer.content.get("type") == "project":
        yield Fact("kind", "web", "php/project", "medium", composer.evidence_of("type"))


def _is_found_by_laravel(composer: PackageFile) -> bool:
    """Say whether applications of Laravel load a package's providers once they require it."""
    extra = composer.content.get("extra")
    found = extra.get("laravel") if isinstance(extra, dict) else None
    return isinstance(found, dict) and bool(found.get("providers"))


def _offers_nothing(composer: PackageFile) -> bool:
    """Say whether there is nothing that others could load, and no word that they should."""
    return composer.content.keys().isdisjoint({"autoload", "type"})


def _worker_scripts(tree: SourceTree) -> Iterator[Fact]:
    """Yield the first command of the program's own that is called a worker.

    RoadRunner calls what serves requests so, too.
    """
    if any(tree.nearest(name) for name in _ROADRUNNER):
        return
    for path in tree.below("bin"):
        text = tree.text(path) if _WORKER_SCRIPT.fullmatch(path) else None
        if text and text.strip():
            yield Fact("worker", True, "php/worker-script", "medium", first_line(path, text))
            return


def _declared(composer: PackageFile) -> Evidence:
    return composer.evidence_of("type" if "type" in composer.content else "name")


_YAML_VARIABLE: Final = Pattern(r"%env\((?:[\w.%-]{1,40}:){0,4}([A-Z][A-Z0-9_]{1,60})\)%")
_ENVIRONMENT_NAME: Final = Pattern(r"^([A-Z][A-Z0-9_]{1,60})=", re.MULTILINE)


def _yaml_variables(tree: SourceTree, framework: Fact | None) -> Iterator[Fact]:
    """Yield the variables that Symfony's settings name, and those that its `.env` lists."""
    if framework is None or framework.value != "symfony":
        return
    for path in tree.paths:
        is_settings = path.startswith(("config/", "app/config/")) and path.endswith(
            (".yaml", ".yml")
        )
        pattern = _YAML_VARIABLE if is_settings else None
        if path in (".env", ".env.dist"):
            pattern = _ENVIRONMENT_NAME
        text = tree.text(path) if pattern else None
        for match in pattern.finditer(text) if pattern and text else ():
            evidence = quoted_match(path, text or "", match)
            yield Fact("environment_variables", match[1], "php/symfony-variables", "high", evidence)
