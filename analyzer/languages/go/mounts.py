"""Health routes under the groups of other files: a function registers them on what it is given."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analyzer.facts import Fact
from analyzer.languages.go.routing import filled
from analyzer.languages.health_routes import joined, meaning_of

_DEEPEST = 3


@dataclass(frozen=True)
class _Place:
    """A function, and whether what stands in it is put on a router that it is given."""

    folder: str
    file: str
    receiver: str
    name: str
    is_given: bool


@dataclass(frozen=True)
class _Mount:
    """A path under which functions put their routes, and where that is said."""

    path: str
    place: _Place
    is_returned: bool
    calls: tuple[str, ...]


def mounted_routes(
    found: Sequence[Fact], mounts: Sequence[Fact], names: Sequence[Fact]
) -> Iterator[Fact]:
    """Yield health routes, each under the groups that its function is given.

    `names` say which paths the names in them stand for.
    """
    known = [_mount(fact) for fact in mounts] if found else []
    for fact in found:
        if not isinstance(fact.value, list):
            yield fact
            continue
        place = _place(fact)
        path = joined(_prefix(place, known, _DEEPEST), str(fact.value[0]))
        whole = filled(path, _paths(names, place.folder))
        if meaning_of(whole):
            yield replace(fact, value=whole)


def _paths(names: Sequence[Fact], folder: str) -> Mapping[str, str]:
    """Return what names stand for in a folder's package; one that stands for several has none."""
    paths: dict[str, set[str]] = {}
    for fact in names:
        name, path = map(str, fact.value) if isinstance(fact.value, list) else ("", "")
        file = fact.evidence.file if fact.evidence else ""
        if name[:1].isupper() or file.rpartition("/")[0] == folder:
            paths.setdefault(name, set()).add(path)
    return {name: found.pop() for name, found in paths.items() if len(found) == 1}


def _mount(fact: Fact) -> _Mount:
    path, _, _, _, way, *calls = fact.value if isinstance(fact.value, list) else [""] * 5
    return _Mount(str(path), _place(fact), way == "returned", tuple(map(str, calls)))


def _place(fact: Fact) -> _Place:
    _, receiver, name, is_given, *_ = fact.value if isinstance(fact.value, list) else [""] * 4
    file = fact.evidence.file if fact.evidence else ""
    folder = file.rpartition("/")[0]
    return _Place(folder, file, str(receiver), str(name), is_given is True)


def _prefix(place: _Place, mounts: Sequence[_Mount], deepest: int) -> str:
    """Return what comes before a function's routes; "" where it is put in several places."""
    if not place.name or not deepest:
        return ""
    holding = [mount for mount in mounts if _is_put(place, mount)]
    paths = {joined(_prefix(mount.place, mounts, deepest - 1), mount.path) for mount in holding}
    return paths.pop() if len(paths) == 1 else ""


def _is_put(place: _Place, mount: _Mount) -> bool:
    # What is mounted has a router of its own; what is given one puts its routes on that.
    if mount.is_returned == place.is_given:
        return False
    return any(_is_called(place, mount.place, call) for call in mount.calls)


def _is_called(place: _Place, caller: _Place, call: str) -> bool:
    """Say whether a call is of a function: of the same package, or by its package or its type."""
    owner, _, name = call.rpartition(".")
    if name != place.name:
        return False
    owner = owner.rpartition(".")[2].lower()
    if place.receiver:
        is_of_type = len(owner) > 2 and owner in place.receiver.lower()
        is_own = caller.folder == place.folder and len(owner) <= 2
        return is_of_type or is_own
    package = place.folder.rpartition("/")[2].lower()
    return owner == package if owner else caller.folder == place.folder
