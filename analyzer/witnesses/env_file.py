"""Samples of environment files: the variables a service takes, and what some of them say."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.facts import Fact, is_port
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.containers.compose_file import RUN_FOLDERS
from analyzer.witnesses.env_text import Assignment, read_assignments
from analyzer.witnesses.stores import store_named
from delightful.recommendation import Confidence, Evidence

_NAME: Final = Pattern(
    r"(?:\.?env[\w-]*|\.?[\w-]+\.env|\.env[.\w-]*)"
    r"[._-](?:example|sample|dist|template|tmpl|default|defaults)(?:\.txt)?|"
    r"(?:sample|example|default|template)\.env|\.env\.(?:production|prod)|docker-compose\.env|"
    r"(?:sample|example)[.-]env|\.env"
)
_FOLDERS: Final = frozenset({"", "config", "env", "envs", ".env", ".envs", "conf"})
_PORT_NAME: Final = Pattern(r"(?:APP|SERVER|HTTP|WEB|LISTEN|API|NODE)_PORT")
# Where stores listen: a variable beside one's own is the store's.
_STORE_PORTS: Final = frozenset({1433, 1521, 3306, 5432, 6379, 9042, 11211, 27017})
# How many variables share a beginning where it is the service's own name.
_FEWEST_OF_PREFIX: Final = 4
_FOR_COMPOSE: Final = Pattern(r"^(?:COMPOSE|DOCKER|BUILDKIT|FORWARD|SAIL)_")


def env_file_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield the names that sample files set, and the stores and the port that their values tell.

    A value is never quoted.
    """
    for path in _paths(tree):
        assignments = list(read_assignments(tree.text(path) or ""))
        own = _own_prefix([assignment.name for assignment in assignments])
        for assignment in assignments:
            evidence = Evidence(file=path, line=assignment.line, quote=assignment.name)
            for field, value, rule, confidence in _said(assignment, path, own):
                yield Fact(field, value, rule, confidence, evidence)


def _paths(tree: SourceTree) -> list[str]:
    found = [
        path
        for path in tree.paths
        if "env" in path
        and path.count("/") < 3
        and not path.startswith(".devcontainer/")
        and _is_sample(*path.rpartition("/")[::2])
    ]
    if not found:
        found = [path for path in tree.outer if _is_above(path)][:1]
    return found[:8]


def _is_sample(folder: str, name: str) -> bool:
    is_place = folder in _FOLDERS or RUN_FOLDERS.issuperset(folder.split("/"))
    return is_place and "env" in name and bool(_NAME.fullmatch(name))


def _is_above(path: str) -> bool:
    # A `.env` beside a compose file fills that file's own references.
    return path.endswith((".example", ".sample", ".dist", ".template")) and _is_sample(
        "", path.removeprefix("../").removeprefix("../")
    )


def _own_prefix(names: Sequence[str]) -> str:
    """Return what most names of a file begin with: the service's own; "" where there is none."""
    beginnings = Counter(name.partition("_")[0] for name in names)
    prefix, count = beginnings.most_common(1)[0] if beginnings else ("", 0)
    return prefix if count >= _FEWEST_OF_PREFIX and count * 2 > len(names) else ""


def _said(
    assignment: Assignment, path: str, own: str
) -> Iterator[tuple[str, str | int, str, Confidence]]:
    name, value = assignment.name, assignment.value
    if _FOR_COMPOSE.match(name) or (assignment.is_comment and not name.isupper()):
        return
    is_shared = path.startswith("../")
    sure: Confidence = "low" if assignment.is_comment or is_shared else "medium"
    yield "environment_variables", name, "env-file/name", sure
    if assignment.is_comment or is_shared:
        return
    if name == "PORT" and is_port(value) and int(value) not in _STORE_PORTS:
        yield "port", int(value), "env-file/port", "medium"
    is_named = _PORT_NAME.fullmatch(name) or (own and name == f"{own}_PORT")
    if is_named and is_port(value) and int(value) not in _STORE_PORTS:
        yield "port", int(value), "env-file/named-port", "low"
    store = store_named(name, value)
    if store:
        is_url = "://" in value
        yield store[0], store[1], "env-file/store", "medium" if is_url else "low"
