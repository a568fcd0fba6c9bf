"""Dockerfiles of the folders above a service that take its folder into their image."""

import posixpath
import re
from collections.abc import Iterator
from typing import Final

from analyzer.patterns import Pattern
from analyzer.tree import SourceTree

# What is copied for its pages or runs beside: the image's port is another folder's service's.
_FRONT: Final = Pattern(
    r"(?:^|[-_])(?:client|front-?end|ui|www|static|assets|spa|workers?|jobs?|cron|scheduler|cli)"
    r"(?:$|[-_])"
)


def dockerfiles_above(tree: SourceTree) -> Iterator[str]:
    """Yield the Dockerfiles above that copy the service's folder, the nearest first."""
    if not tree.folder or _FRONT.search(posixpath.basename(tree.folder).lower()):
        return
    for path in sorted(tree.outer, key=lambda path: path.count("../")):
        if path.rpartition("/")[2].lower() in ("dockerfile", "containerfile"):
            above = posixpath.dirname(tree.in_repository(path))
            inside = re.escape(posixpath.relpath(f"/{tree.folder}", f"/{above}"))
            copied = re.compile(rf"^[ \t]*(?:COPY|ADD)\b.*[\s/\"]{inside}[/\s\"]", re.MULTILINE)
            if copied.search(tree.text(path) or ""):
                yield path
