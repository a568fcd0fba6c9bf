"""Rust: what shows that a service is written in it."""

from collections.abc import Iterator

from analyzer.facts import Fact
from analyzer.languages.rust.cargo import (
    CARGO,
    Crate,
)
from analyzer.languages.source_share import is_most
from analyzer.paths import is_in_serving_folder
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

LANGUAGE = "rust"


def shown_by(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is written in Rust."""
    path = tree.nearest(CARGO) if tree.sources(".rs") else None
    crate = Crate(path, tree.text(path) or "") if path else None
    if crate and crate.evidence:
        # Beside another language's service it may be no more than a native extension.
        is_main = is_most(tree, ".rs") or "src/main.rs" in tree
        confidence: Confidence = "high" if is_main else "medium"
        yield Fact("language", LANGUAGE, "rust/cargo", confidence, crate.evidence)
        if is_main:
            yield Fact("language", LANGUAGE, "rust/most-files", "medium", crate.evidence)
        return
    below = [one for one in tree.named(CARGO) if one.count("/") == 1]
    if path is None and len(below) == 1:
        crate = Crate(below[0], tree.text(below[0]) or "")
        if crate.evidence:
            sure: Confidence = "medium" if is_in_serving_folder(crate.path) else "low"
            yield Fact("language", LANGUAGE, "rust/cargo", sure, crate.evidence)
