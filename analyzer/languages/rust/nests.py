"""Health routes under the scopes of other files: where the function that makes them is put."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from analyzer.facts import Fact
from analyzer.languages.health_routes import joined, meaning_of
from analyzer.patterns import Pattern

_DEEPEST: Final = 3
# Names that many files give to what makes their routes.
_COMMON: Final = Pattern(
    r"(?:(?:api|app|build|create|get|make|new|init|setup|register|service)_?)?"
    r"(?:routes?|router|routers|config|configure|init|register|service|app|new|build|api)"
)
_SAME: Final = frozenset({"self", "Self"})


@dataclass(frozen=True)
class _Nest:
    """A path at which a function's routes are put, and the file and function that say so."""

    path: str
    file: str
    function: str
    called: str


def nested_routes(found: Sequence[Fact], nests: Sequence[Fact]) -> Iterator[Fact]:
    """Yield health routes, each under the scopes that its function or its handler is put in."""
    known = [_nest(fact) for fact in nests] if found else []
    for fact in found:
        path, handler, function = fact.value if isinstance(fact.value, list) else ("", "", "")
        file = fact.evidence.file if fact.evidence else ""
        before = _prefix(file, str(handler or function), known, _DEEPEST)
        whole = joined(before, str(path))
        if meaning_of(whole):
            yield replace(fact, value=whole)


def _nest(fact: Fact) -> _Nest:
    path, function, called = fact.value if isinstance(fact.value, list) else ("", "", "")
    return _Nest(str(path), fact.evidence.file if fact.evidence else "", str(function), str(called))


def _prefix(file: str, name: str, nests: Sequence[_Nest], deepest: int) -> str:
    """Return what comes before a function's routes; "" where it is put in several places."""
    if not name or not deepest:
        return ""
    holding = [nest for nest in nests if _is_called(file, name, nest)]
    paths = {
        joined(_prefix(nest.file, nest.function, nests, deepest - 1), nest.path) for nest in holding
    }
    return paths.pop() if len(paths) == 1 else ""


def _is_called(file: str, name: str, nest: _Nest) -> bool:
    owner, _, called = nest.called.rpartition("::")
    if called != name or (nest.file == file and nest.function == name):
        return False
    module = owner.rpartition("::")[2]
    if not module or module in _SAME:
        return nest.file == file or (not module and _COMMON.fullmatch(name) is None)
    return module in file.removesuffix(".rs").split("/")
