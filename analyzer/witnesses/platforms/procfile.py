"""The Procfile: one process type a line."""

from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, quoted_line
from analyzer.languages.node.project import read_package_file
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.command_lines import argv_of, is_for_developing, is_migration, port_in
from delightful.recommendation import Confidence, Evidence

__all__ = ["NAME", "argv_of", "procfile_facts"]

NAME: Final = "Procfile"

_PROCESS: Final = Pattern(r"([A-Za-z0-9_-]+):\s*(\S.*)")
_NODE: Final = Pattern(r"(?:[A-Z_]+=\S+ )*node (?:--?[\w=-]+ )*([\w./-]+)")
# Run once and end, or serve for developing only: no processes of the service's own.
_NOT_WORKERS: Final = Pattern(
    r"web|release|postdeploy|console|assets|css|js|vite|webpack|tailwind|client|frontend|db|"
    r"redis|postgres|migrate"
)
# Without a web process beside it, anything else may be a server under a name of its own.
_WORKS: Final = Pattern(
    r"[\w-]*(?:workers?|bot|beat|clock|cron|consumer|scheduler|sidekiq|jobs|queue|celery)[\w-]*"
)
# What answers, the first that is there.
_SERVED: Final = ("web", "api", "server", "app")
_NOTHING: Final = ("false", "true", ":")
_FOR_DEVELOPERS: Final = ("Procfile.dev", "Procfile.development")
_WORKERS: Final = Pattern(r"workers?|sidekiq|jobs|queue|celery|delayed_job|good_job|resque")


def procfile_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield the web process's command and whether a process type stands beside it."""
    text = tree.text(NAME)
    yield from () if text else _for_developers(tree)
    processes = _processes(text or "")
    served = next((name for name in _SERVED if name in processes), "")
    for name, (command, line) in processes.items():
        evidence = quoted_line(NAME, text or "", line)
        if name == served:
            yield from _web(command, evidence, is_sample=_runs_sample(tree, command))
        elif name == "release" and is_migration(command):
            yield Fact("migration_command", argv_of(command), "procfile/release", "high", evidence)
        elif is_for_developing(command):
            continue
        elif not _NOT_WORKERS.fullmatch(name) and (served or _WORKS.fullmatch(name)):
            yield Fact("worker", True, "procfile/worker", "high", evidence)
            if not served:
                yield Fact("kind", "worker", "procfile/worker", "high", evidence)


def _for_developers(tree: SourceTree) -> Iterator[Fact]:
    """Yield the workers that developers start beside the server: there are such processes."""
    for path in _FOR_DEVELOPERS:
        text = tree.text(path) or ""
        for name, (command, line) in _processes(text).items():
            if _WORKERS.fullmatch(name) and not is_for_developing(command):
                evidence = quoted_line(path, text, line)
                yield Fact("worker", True, "procfile/developers-worker", "medium", evidence)


def _runs_sample(tree: SourceTree, command: str) -> bool:
    """Say whether a command runs a sample, or what a published package leaves at home."""
    match = _NODE.match(command)
    if match is None:
        return False
    path = match[1].removeprefix("./")
    package = read_package_file(tree)
    packed = package.content.get("files") if package and not package.is_private else None
    kept = (
        [str(one).removeprefix("./").partition("/")[0] for one in packed]
        if isinstance(packed, list)
        else []
    )
    is_left = bool(kept) and path.partition("/")[0] not in kept
    return is_left or is_aside(path) or is_aside(f"{path}/index.js")


def _web(command: str, evidence: Evidence, *, is_sample: bool) -> Iterator[Fact]:
    sure: Confidence = "low" if is_sample else "high"
    yield Fact("kind", "web", "procfile/web", sure, evidence)
    yield Fact("start_command", argv_of(command), "procfile/web", "high", evidence)
    port = port_in(command)
    if port is not None:
        yield Fact("port", port, "procfile/web-port", "medium", evidence)


def _processes(text: str) -> dict[str, tuple[str, int]]:
    processes: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        match = _PROCESS.fullmatch(line.strip())
        # What only says something keeps a place for what is set elsewhere; what fails, for nothing.
        if match and not match[2].startswith("echo ") and match[2].strip() not in _NOTHING:
            processes.setdefault(match[1], (match[2].strip(), number))
    return processes
