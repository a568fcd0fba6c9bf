"""Where people ask a service on their own machine: by README, OpenAPI document or saved request."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from analyzer.facts import Fact, quoted
from analyzer.languages.service_ports import own_port
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.words.readme_place import readme_of
from delightful.recommendation import Confidence

README_RULE: Final = "readme/address"
_SERVER_RULE: Final = "requests/openapi-server"
_REQUEST_RULE: Final = "requests/address"
ADDRESS_RULES: Final = frozenset({README_RULE, _SERVER_RULE, _REQUEST_RULE})
_LOCAL: Final = ("localhost:", "127.0.0.1:", "0.0.0.0:", "[::1]:", "[::]:")
_PORT: Final = Pattern(r"(\d{2,5})\b(?!:\d)")
# What a container is published at on the outside, and where it listens itself.
_PUBLISHED: Final = Pattern(
    r"(?:-p|--publish|^[ \t]*-)[ \t=]*[\"']?(?:[\d.]{7,15}:)?(\d{2,5}):(\d{2,5})\b(?!/udp)",
    re.MULTILINE,
)
_PUBLISHES: Final = ("-p", "--publish", "ports:")
_DOCUMENT: Final = Pattern(r"(?:openapi|swagger)[\w.-]{0,40}\.(?:ya?ml|json)", re.IGNORECASE)
# Elsewhere in a document stand examples of what is sent and answered.
_SERVER: Final = Pattern(r"\b(?:url|host)[\"']?:[ \t]*[\"']?(?:https?://)?$")
_LONGEST_LEAD: Final = 60
_REQUESTS: Final = (".bru", ".http", ".hurl", ".rest")
_COLLECTION: Final = Pattern(r"postman_(?:collection|environment)")
_MOST_FILES: Final = 8

# Where an address begins and ends, and the port of the service itself.
_Address = tuple[int, int, int]


def readme_address_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield the port of a README's first address; less sure where others name others.

    A port at which a container is published stands for the one within.
    """
    path = readme_of(tree)
    text = (tree.text(path) or "") if path else ""
    if not path or not text:
        return
    published: dict[str, str] = {}
    if any(word in text for word in _PUBLISHES):
        published = {match[1]: match[2] for match in _PUBLISHED.finditer(text)}
    yield from _first_port(path, text, README_RULE, _addresses(text, published))


def request_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield the port that OpenAPI documents and saved requests ask a service at."""
    # Generators leave what they write about the sources among the documents.
    documents = [
        path
        for path in tree.ending(".yaml", ".yml", ".json")
        if _is_document(path) and not is_aside(path.removeprefix("docs/"))
    ]
    for path in documents[:_MOST_FILES]:
        text = tree.text(path) or ""
        servers = [one for one in _addresses(text, {}) if _names_server(text, one[0])]
        yield from _first_port(path, text, _SERVER_RULE, servers)
    collections = [path for path in tree.ending(".json") if _COLLECTION.search(path)]
    requests = [path for path in tree.ending(*_REQUESTS) if not is_aside(path)]
    for path in (*requests[:_MOST_FILES], *collections[:_MOST_FILES]):
        text = tree.text(path) or ""
        yield from _first_port(path, text, _REQUEST_RULE, _addresses(text, {}))


def _is_document(path: str) -> bool:
    if "penapi" not in path and "wagger" not in path:
        return False
    return _DOCUMENT.fullmatch(path.rpartition("/")[2]) is not None


def _names_server(text: str, at: int) -> bool:
    return _SERVER.search(text, max(0, at - _LONGEST_LEAD), at) is not None


def _first_port(path: str, text: str, rule: str, addresses: Iterable[_Address]) -> Iterator[Fact]:
    found = sorted(addresses)
    if found:
        start, end, port = found[0]
        is_one = len({port for *_, port in found}) == 1
        sure: Confidence = "medium" if is_one else "low"
        yield Fact("port", port, rule, sure, quoted(path, text, start, end))


def _addresses(text: str, published: Mapping[str, str]) -> Iterator[_Address]:
    for word in _LOCAL:
        at = text.find(word)
        while at >= 0:
            end = at + len(word)
            match = _PORT.match(text, end)
            port = own_port(published.get(match[1], match[1])) if match else None
            if match and port:
                yield at, match.end(), port
            at = text.find(word, end)
