"""`host.json` and `function.json`: what calls the functions that Azure runs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from analyzer.facts import Fact, quoted_match
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree

_HOST: Final = "host.json"
_FUNCTION: Final = "function.json"
_TRIGGER: Final = Pattern(r"\"type\"\s{0,8}:\s{0,8}\"(\w{1,40})Trigger\"")
_BY_REQUEST: Final = "http"


def azure_functions_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield a server where a request calls one of the functions, else what waits for work."""
    if _HOST not in tree:
        return
    triggers = []
    for path in tree.named(_FUNCTION):
        text = tree.text(path) or ""
        match = _TRIGGER.search(text) if not is_aside(path) else None
        if match:
            triggers.append((match[1], quoted_match(path, text, match)))
    served = next((evidence for name, evidence in triggers if name == _BY_REQUEST), None)
    if served:
        yield Fact("kind", "web", "azure-functions/trigger", "high", served)
    elif triggers:
        worker = Fact("kind", "worker", "azure-functions/trigger", "high", triggers[0][1])
        yield worker
        yield replace(worker, field="watched", value=True)
