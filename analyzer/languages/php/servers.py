"""Settings of the servers in front of PHP: where RoadRunner, nginx, Caddy and Apache listen."""

import re
from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, is_port, quoted, quoted_line
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.containers.compose_file import LESSER, compose_files
from analyzer.witnesses.containers.dockerfiles import dockerfiles_of
from delightful.recommendation import Confidence

_ROADRUNNER_FILES: Final = Pattern(r"(?:^|/)\.rr\.ya?ml$")
_ROADRUNNER: Final = Pattern(
    r"^http:[ \t]*\n(?:[ \t#][^\n]{0,200}\n|\n){0,20}?"
    r"[ \t]+address:[ \t]*[\"']?[\w.\[\]*-]{0,40}:(?:\$\{\w{1,30}:-)?(\d{2,5})",
    re.MULTILINE,
)
_CONFIGURATION: Final = (".conf", ".template", ".vhost", ".nginx")
_NGINX: Final = Pattern(
    r"^[ \t]*listen[ \t]+(?:[\w.\[\]:*]{0,40}:)?(\d{2,5})\b(?![^;\n]{0,60}\bssl\b)", re.MULTILINE
)
_CADDY: Final = Pattern(
    r"^(?:(?:http://)?[\w.*-]{0,60}:(\d{2,5})"
    r"|\{\$\w{1,30}:[\w./:-]{0,40}:(\d{2,5})\})[ \t]*\{",
    re.MULTILINE,
)
_APACHE: Final = Pattern(r"^[ \t]*<VirtualHost[ \t]+[^>\s]{0,60}:(\d{2,5})>", re.MULTILINE)
# What the settings of each say where they serve PHP, and not only what lies behind them.
_SERVES_PHP: Final = Pattern(r"\bfastcgi_pass\b")
_CADDY_SERVES_PHP: Final = Pattern(r"\b(?:php_server|php_fastcgi|frankenphp)\b")
_DOCUMENTS: Final = Pattern(r"^[ \t]*DocumentRoot\b", re.MULTILINE)
_OF_SAIL: Final = "vendor/laravel/sail/"
_SAIL_PORT: Final = 80
_DEEPEST: Final = 3
_MOST_FILES: Final = 20
_ENCRYPTED: Final = frozenset({"443", "8443"})


def server_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield the port of each server whose settings lie in the tree, the outermost file's."""
    paths = [path for path in tree.paths if path.count("/") <= _DEEPEST and _is_for_users(path)]
    roadrunner = [path for path in paths if _ROADRUNNER_FILES.search(path)]
    caddy = [path for path in paths if path.endswith("Caddyfile")]
    plain = [path for path in paths if path.endswith(_CONFIGURATION)]
    yield from _first(tree, roadrunner, "php/roadrunner", _ROADRUNNER, Pattern("http:"))
    yield from _first(tree, caddy, "php/caddy", _CADDY, _CADDY_SERVES_PHP)
    yield from _first(tree, plain, "php/nginx", _NGINX, _SERVES_PHP)
    yield from _first(tree, plain, "php/apache", _APACHE, _DOCUMENTS)
    yield from _sail(tree)


def _sail(tree: SourceTree) -> Iterator[Fact]:
    """Yield where the image of Laravel's Sail listens; for developing only beside another image."""
    for file in compose_files(tree):
        for service in file.services:
            build = service.node.get("build")
            context = (build.get("context") or build) if build else None
            if context and _OF_SAIL in f"{context.text}/":
                sure: Confidence = "low" if next(dockerfiles_of(tree), None) else "high"
                evidence = quoted_line(file.path, file.text, context.line)
                yield Fact("port", _SAIL_PORT, "php/sail", sure, evidence)
                return


def _is_for_users(path: str) -> bool:
    return path.endswith((*_CONFIGURATION, "ml", "Caddyfile")) and not (
        is_aside(path) or LESSER.search(path.lower())
    )


def _first(
    tree: SourceTree, paths: list[str], rule: str, port: Pattern[str], serves: Pattern[str]
) -> Iterator[Fact]:
    for path in sorted(paths, key=lambda path: (path.count("/"), path))[:_MOST_FILES]:
        text = tree.text(path) or ""
        for match in port.finditer(text) if serves.search(text) else ():
            group = next(index for index, found in enumerate(match.groups(), 1) if found)
            if is_port(match[group]) and match[group] not in _ENCRYPTED:
                start = text.rfind("\n", 0, match.start(group)) + 1
                evidence = quoted(path, text, start, match.end(group))
                yield Fact("port", int(match[group]), rule, "medium", evidence)
                return
