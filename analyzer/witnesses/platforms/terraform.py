"""Terraform for AWS: where a load balancer sends requests, and the stores beside the service."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.facts import Fact, is_port, quoted_match
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.folder_names import folder_names
from analyzer.witnesses.words.project_names import project_names
from delightful.reading.path import url_path_fault
from delightful.recommendation import Confidence

_GROUP: Final = Pattern(
    r'^resource[ \t]+"aws_a?lb_target_group"[ \t]+"([\w-]{1,60})"[ \t]*\{$(.{0,4000}?)^\}',
    re.MULTILINE | re.DOTALL,
)
_CHECK: Final = Pattern(r"^[ \t]+health_check[ \t]*(?:=[ \t]*)?\{$(.{0,1500}?)\}", re.M | re.S)
_PATH: Final = Pattern(r'(?<=[ \t])path[ \t]*=[ \t]*"([^"\n]{1,120})"')
_PORT: Final = Pattern(r'(?<=[ \t])port[ \t]*=[ \t]*"?(\d{2,5})\b')
_STORE: Final = Pattern(
    r'^resource[ \t]+"aws_(elasticache_(?:cluster|replication_group|serverless_cache)'
    r'|db_instance|rds_cluster)"[ \t]+"[\w-]{1,60}"[ \t]*\{$(.{0,4000}?)^\}',
    re.MULTILINE | re.DOTALL,
)
_CONTAINER_PORT: Final = Pattern(r"^[ \t]+container_port[ \t]*=[ \t]*(\d{2,5})\b", re.MULTILINE)
_ENGINE: Final = Pattern(r'^[ \t]+engine[ \t]*=[ \t]*"([a-z-]{1,40})"', re.MULTILINE)
_CACHES: Final = {"redis": "redis", "valkey": "redis", "memcached": "memcached"}
_DATABASES: Final = {
    "aurora": "mysql",
    "aurora-mysql": "mysql",
    "aurora-postgresql": "postgres",
    "mariadb": "mysql",
    "mysql": "mysql",
    "postgres": "postgres",
    "sqlserver-ee": "sqlserver",
    "sqlserver-ex": "sqlserver",
    "sqlserver-se": "sqlserver",
    "sqlserver-web": "sqlserver",
}
# Where a task's port is another on each machine, a group bears one that nobody listens on.
_OF_NOBODY: Final = frozenset({80, 443})
_MOST_FILES: Final = 200


@dataclass(frozen=True)
class _Group:
    """A target group: its name, and where it says the port and the path that is asked."""

    path: str
    text: str
    name: str
    port: re.Match[str] | None
    asked: re.Match[str] | None

    @property
    def said(self) -> tuple[str, ...]:
        """Return port and path, as two groups that are shifted between have them in common."""
        return tuple(one[1] if one else "" for one in (self.port, self.asked))


def terraform_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what load balancers and stores of AWS say of the service that lies with them."""
    yield from _stores(tree)
    yield from _container_ports(tree)
    yield from _balanced(tree)


def _balanced(tree: SourceTree) -> Iterator[Fact]:
    """Yield port and health path of the target groups that the service can be behind."""
    groups = list(_groups(tree))
    if len({group.said for group in groups}) > 1:
        names = {*folder_names(tree), *project_names(tree)}
        groups = [group for group in groups if group.name.lower().replace("_", "-") in names]
    if len({group.said for group in groups}) != 1:
        return
    group = groups[0]
    if group.asked and url_path_fault(group.asked[1]) is None:
        sure: Confidence = "low" if group.asked[1] == "/" else "medium"
        evidence = quoted_match(group.path, group.text, group.asked)
        yield Fact("health_path", group.asked[1], "terraform/health-check", sure, evidence)
    if group.port and is_port(group.port[1]) and int(group.port[1]) not in _OF_NOBODY:
        evidence = quoted_match(group.path, group.text, group.port)
        yield Fact("port", int(group.port[1]), "terraform/target-port", "medium", evidence)


def _stores(tree: SourceTree) -> Iterator[Fact]:
    """Yield the databases and caches that are made, each with the engine that it says."""
    for path, text in _modules(tree):
        for match in _STORE.finditer(text) if "engine" in text else ():
            engine = _ENGINE.search(text, *match.span(2))
            if engine is None:
                continue
            evidence = quoted_match(path, text, engine)
            if match[1].startswith("elasticache") and engine[1] in _CACHES:
                yield Fact("cache", _CACHES[engine[1]], "terraform/elasticache", "high", evidence)
            elif engine[1] in _DATABASES:
                yield Fact("database", _DATABASES[engine[1]], "terraform/rds", "high", evidence)


def _container_ports(tree: SourceTree) -> Iterator[Fact]:
    """Yield the port of the containers that requests are sent to, where there is one alone."""
    found = [
        (path, text, match)
        for path, text in _modules(tree)
        for match in _CONTAINER_PORT.finditer(text)
        if is_port(match[1])
    ]
    if len({match[1] for _, _, match in found}) == 1:
        path, text, match = found[0]
        evidence = quoted_match(path, text, match)
        yield Fact("port", int(match[1]), "terraform/container-port", "high", evidence)


def _modules(tree: SourceTree) -> Iterator[tuple[str, str]]:
    paths = [path for path in tree.ending(".tf") if not is_aside(path)]
    yield from ((path, tree.text(path) or "") for path in paths[:_MOST_FILES])


def _groups(tree: SourceTree) -> Iterator[_Group]:
    for path, text in _modules(tree):
        for match in _GROUP.finditer(text) if "lb_target_group" in text else ():
            check = _CHECK.search(text, *match.span(2))
            asked = _PATH.search(text, *check.span(1)) if check else None
            port = _PORT.search(text, match.start(2), check.start() if check else match.end(2))
            yield _Group(path, text, match[1], port, asked)
