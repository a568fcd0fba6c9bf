"""Which language most of a service's own files are in."""

from typing import Final

from analyzer.tree import SourceTree

_OTHERS: Final = (
    (".py",),
    (".js", ".jsx", ".mjs", ".ts", ".tsx"),
    (".go",),
    (".rs",),
    (".ex", ".exs"),
    (".java", ".kt"),
    (".rb",),
    (".php",),
    (".cs", ".fs"),
)


def is_most(tree: SourceTree, suffix: str) -> bool:
    """Say whether no other language has as many own sources as that of the suffix."""
    counts = {suffixes: len(tree.sources(*suffixes)) for suffixes in _OTHERS}
    own = max(count for suffixes, count in counts.items() if suffix in suffixes)
    return own > max(count for suffixes, count in counts.items() if suffix not in suffixes)
