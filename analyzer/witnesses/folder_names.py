"""What a service is called by the folder that it lies in."""

from typing import Final

from analyzer.tree import SourceTree

# A folder of sources within the service's own.
_INNER: Final = frozenset({"app", "src", "source", "server", "backend", "cmd", "api", "service"})


def folder_names(tree: SourceTree) -> tuple[str, ...]:
    """Return the names by which other files may call the service, in lower case; none in the root.

    `src/cart/src` is called `src` and `cart`.
    """
    parts = tree.folder.lower().split("/") if tree.folder else []
    names = [parts[-1]] if parts else []
    if len(parts) > 1 and parts[-1] in _INNER:
        names.append(parts[-2])
    return tuple(names)
