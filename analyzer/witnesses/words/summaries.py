"""The one sentence in which a project's own file says what it is."""

import re
from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, quoted
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.words.self_description import said_of

_TOML: Final = Pattern(r"^description[ \t]*=[ \t]*\"([^\"\n]{3,300})\"", re.MULTILINE)
# PHP's skeletons keep the sentence of the framework that they begin with, so theirs is left out.
_SENTENCES: Final = {
    "package.json": Pattern(r"^[ \t]*\"description\":[ \t]*\"([^\"\n]{3,300})\"", re.MULTILINE),
    "Cargo.toml": _TOML,
    "pyproject.toml": _TOML,
    "mix.exs": Pattern(r"\bdescription:[ \t]*\"([^\"\n]{3,300})\""),
    "pom.xml": Pattern(r"^(?:\t|[ ]{1,4})<description>([^<\n]{3,300})</description>", re.MULTILINE),
}
GEM_SENTENCE: Final = Pattern(
    r"\.(?:summary|description)[ \t]*=[ \t]*(?:%[qQ]?[{(\[|]|[\"'])([^\"'\n})\]|]{3,300})"
)


def summary_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield the kind that the first project file names which says what the project is."""
    for path, pattern in _patterns(tree):
        text = tree.text(path) or ""
        match = pattern.search(text)
        said = said_of(match[1]) if match else None
        if match and said:
            at = text.index(said.words, match.start(1))
            evidence = quoted(path, text, at, at + len(said.words))
            yield Fact("kind", said.kind, "readme/summary", said.confidence, evidence)
            return


def _patterns(tree: SourceTree) -> Iterator[tuple[str, Pattern[str]]]:
    yield from ((path, pattern) for path, pattern in _SENTENCES.items() if path in tree)
    yield from ((path, GEM_SENTENCE) for path in tree.top_level if path.endswith(".gemspec"))
