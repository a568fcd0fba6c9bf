"""Go: what shows that a service is written in it."""

from collections.abc import Iterator

from analyzer.facts import Fact, first_line
from analyzer.languages.go.project import (
    GO_MOD,
    read_module,
)
from analyzer.languages.source_share import is_most
from analyzer.paths import is_in_serving_folder
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

LANGUAGE = "go"


def shown_by(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is written in Go."""
    sources = tree.sources(".go")
    module = read_module(tree) if sources else None
    if module and module.evidence:
        is_own = module.path == GO_MOD or module.path.startswith("../")
        below: Confidence = "medium" if is_in_serving_folder(module.path) else "low"
        sure = "high" if is_own else below
        yield Fact("language", LANGUAGE, "go/module", sure, module.evidence)
        sums = tree.nearest("go.sum") if is_own else None
        if sums and (text := tree.text(sums)):
            yield Fact("language", LANGUAGE, "go/sums", "medium", first_line(sums, text))
        if is_own and is_most(tree, ".go"):
            yield Fact("language", LANGUAGE, "go/most-files", "medium", module.evidence)
        return
    for path in (path for path in sources if "/" not in path):
        text = tree.text(path)
        if text and text.strip():
            yield Fact("language", LANGUAGE, "go/source", "medium", first_line(path, text))
            return
