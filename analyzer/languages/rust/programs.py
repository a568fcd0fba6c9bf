"""The programs of a Rust repository: which is started, by which subcommand, which are workers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact
from analyzer.languages.rust.cargo import Crate
from analyzer.languages.service_ports import has_word
from analyzer.patterns import Pattern

_WORKER_WORDS: Final = Pattern(
    r"consumer|cron|indexer|jobs|processor|queue|scheduler|watcher|worker|"
    r"workers"
)
_SERVING_COMMANDS: Final = ("serve", "server", "web", "start", "run")
# What a program that makes something of the files in a folder offers, whatever it also serves.
_MAKES: Final = frozenset({"build", "init"})
_BEGINS: Final = frozenset({"build", "new"})
# What the rules gathered, by field.
Found = dict[str, list[Fact]]


def maker_of(service: Crate, crates: Sequence[Crate], found: Found) -> Fact | None:
    """Return where a program's subcommands are listed, if it makes things of a folder's files."""
    offered = _offered(service, crates, found)
    return offered["build"] if offered.keys() >= _MAKES or offered.keys() >= _BEGINS else None


def program_facts(service: Crate, crates: Sequence[Crate], found: Found) -> Iterator[Fact]:
    """Yield how the service's program is started, and that workers are."""
    evidence = service.evidence
    if evidence is None:
        return
    programs = sorted(service.programs, key=lambda name: (name != service.name, name))
    served = [name for name in programs if not is_worker(name)] or programs
    argv: list[JsonValue] = [f"./{served[0]}"]
    offered = _offered(service, crates, found)
    serving = next((name for name in _SERVING_COMMANDS if name in offered), None)
    if serving:
        command: list[JsonValue] = [*argv, serving]
        yield replace(
            offered[serving], field="start_command", value=command, rule="rust/serve-command"
        )
    yield Fact("start_command", argv, "rust/program", "low" if serving else "medium", evidence)
    for crate in crates:
        for name in crate.programs:
            if name != served[0] and is_worker(name) and crate.evidence:
                yield Fact("worker", True, "rust/worker-program", "medium", crate.evidence)
    for name, fact in offered.items():
        # Longer ones tell what is done to a worker.
        if is_worker(name) and name.count("-") < 2:
            yield replace(fact, field="worker", value=True, rule="rust/worker-command")


def _offered(service: Crate, crates: Sequence[Crate], found: Found) -> dict[str, Fact]:
    """Return the subcommands of the service's program, each with where it is listed."""
    others = tuple(
        f"{crate.folder}/" for crate in crates if crate.programs and crate.folder != service.folder
    )
    return {
        str(name): fact
        for fact in reversed(found.get("commands", []))
        if fact.evidence and not (others and fact.evidence.file.startswith(others))
        for name in (fact.value if isinstance(fact.value, list) else ())
    }


def is_worker(name: str) -> bool:
    """Say whether a program's or a subcommand's name tells of a worker."""
    return has_word(name, _WORKER_WORDS)
