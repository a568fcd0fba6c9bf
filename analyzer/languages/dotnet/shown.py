""".NET: what shows that a service is written in it."""

from collections.abc import Iterator

from analyzer.facts import Fact, first_line
from analyzer.languages.dotnet.project import project_paths
from analyzer.languages.source_share import is_most
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

LANGUAGE = "dotnet"
_DEEP = 4
_SOLUTIONS = (".sln", ".slnx")


def shown_by(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is .NET: a project file."""
    paths = project_paths(tree)
    if paths:
        path = paths[0]
        # In a folder of its own it may be a part of what is written in another language.
        is_own = "/" not in path or any(name.endswith(_SOLUTIONS) for name in tree.top_level)
        # Clients for others are made in many a language, and lie deeper.
        is_deep = not is_own and path.count("/") >= _DEEP
        mostly = not is_deep and is_most(tree, ".cs")
        sure: Confidence = "low" if is_deep else "high" if is_own or mostly else "medium"
        evidence = first_line(path, tree.text(path) or "")
        yield Fact("language", LANGUAGE, "dotnet/project-file", sure, evidence)
        source = next(iter(tree.sources(".cs")), None) if mostly else None
        if source:
            line = first_line(source, tree.text(source) or "")
            yield Fact("language", LANGUAGE, "dotnet/mostly", "high", line)
