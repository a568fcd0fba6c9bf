"""Which of a Go module's programs is the service, and how it is started."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact
from analyzer.languages.service_ports import has_word
from analyzer.patterns import Pattern
from delightful.recommendation import Confidence, Evidence

_SERVER_WORDS: Final = Pattern(r"api|app|backend|http|serve|server|web")
_WORKER_WORDS: Final = Pattern(
    r"consumer|cron|jobs|processor|queue|scheduler|subscriber|worker|workers"
)
_AIDE_WORDS: Final = Pattern(
    r"demo|example|storybook|admin|bench|benchmark|cli|client|ctl|demo|doctor|gen|generate|"
    r"healthcheck|import|loadgen|migrate|migration|migrations|migrator|mock|"
    r"seed|seeder|setup|test|tool|util"
)
_COMMAND_LINES: Final = (
    *("github.com/spf13/cobra", "github.com/urfave/cli", "github.com/alecthomas/kong"),
    *(
        "gopkg.in/alecthomas/kingpin",
        "github.com/alecthomas/kingpin",
        "github.com/jessevdk/go-flags",
    ),
)
# Where programs lie by their names; one that lies right there is the only one.
_ALL_PROGRAMS: Final = "cmd"
_WORKER_COMMANDS: Final = Pattern(r"consumer|scheduler|workers?")
# Subcommands that serve, in the order in which they are preferred.
_SERVING_COMMANDS: Final = ("serve", "server", "web", "http", "api", "start")


@dataclass(frozen=True)
class Programs:
    """The programs of a module, by their folders, and the one that is the service."""

    folders: Mapping[str, Fact]
    service: str
    name: str

    @property
    def others(self) -> tuple[str, ...]:
        """Return where the other programs lie."""
        return tuple(f"{folder}/" for folder in self.folders if folder not in (self.service, ""))


def programs_of(found: Sequence[Fact], serving: Collection[str], name: str) -> Programs | None:
    """Return the programs that facts of `package main` tell of; None where there is none.

    `serving` has the folders in which something listens; `name` is what a program in the module's
    own folder is called.
    """
    folders = {_folder(fact): fact for fact in reversed(found)}
    if not folders:
        return None
    service = max(sorted(folders), key=lambda folder: _score(folder, name, serving))
    return Programs(folders, service, name)


def beside_a_tool(found: Mapping[str, Sequence[Fact]], name: str) -> tuple[str, ...]:
    """Return where programs lie that serve beside a tool of commands in the module's own folder.

    One that is called a server, or as the module is, is what the module is for.
    """
    folders = {_folder(fact) for fact in found.get("programs", ())}
    has_commands = any(
        _folder(block) == "" and any(known in str(block.value) for known in _COMMAND_LINES)
        for block in found.get("imports", ())
    )
    if "" not in folders or not has_commands:
        return ()
    serving = folders.intersection(map(_folder, found.get("serves", ()))) - {""}
    return tuple(f"{folder}/" for folder in sorted(serving) if not _is_server(folder, name))


def _is_server(folder: str, name: str) -> bool:
    program = folder.rpartition("/")[2]
    return has_word(program, _SERVER_WORDS) or program in (name, f"{name}d")


def program_facts(
    programs: Programs, commands: Sequence[Fact], built: tuple[str, Evidence] | None
) -> Iterator[Fact]:
    """Yield start command and worker; `commands` are the subcommands that programs offer.

    `built` is what the service's program is called where it is built, with the line.
    """
    folders, service = programs.folders, programs.service
    own = [
        command
        for command in commands
        if len(folders) == 1 or f"{_folder(command)}/".startswith(f"{service}/")
    ]
    folder = service.rpartition("/")[2]
    binary = programs.name if folder in ("", _ALL_PROGRAMS) else folder
    if built:
        program = replace(folders[service], rule="go/build-name", evidence=built[1])
        yield from _starts(built[0], program, own, is_sure=True)
    elif binary:
        program = replace(folders[service], rule="go/program")
        yield from _starts(binary, program, own, is_sure=len(folders) == 1)
    yield from _workers(folders, service, own)


def _starts(
    binary: str, program: Fact, commands: Sequence[Fact], *, is_sure: bool
) -> Iterator[Fact]:
    offered = {str(command.value): command for command in reversed(commands)}
    serving = next((name for name in _SERVING_COMMANDS if name in offered), None)
    argv: list[JsonValue] = [f"./{binary}"]
    confidence: Confidence = "medium" if is_sure else "low"
    if serving:
        evidence = offered[serving].evidence
        yield Fact("start_command", [*argv, serving], "go/serve-command", "medium", evidence)
    yield replace(
        program,
        field="start_command",
        value=argv,
        confidence="low" if serving else confidence,
    )


def _workers(folders: Mapping[str, Fact], chosen: str, commands: Sequence[Fact]) -> Iterator[Fact]:
    for folder, program in folders.items():
        if folder != chosen and _is_worker(folder.rpartition("/")[2]):
            yield Fact("worker", True, "go/worker-program", "medium", program.evidence)
    for command in commands:
        if has_word(str(command.value), _WORKER_COMMANDS):
            yield Fact("worker", True, "go/worker-command", "medium", command.evidence)


def _is_worker(name: str) -> bool:
    return has_word(name, _WORKER_WORDS)


def _score(folder: str, name: str, serving: Collection[str]) -> float:
    program = folder.rpartition("/")[2] or name
    score = 3.0 * (folder in serving) - 0.1 * folder.count("/")
    score += 2 * (folder == "" or program == name) + 3 * (name != "" and program == f"{name}d")
    score += 2 * has_word(program, _SERVER_WORDS)
    # Where nothing listens, what works is the service, and what gives it work is not.
    works = has_word(program, _WORKER_WORDS) * (-3 if serving else 1)
    return score + works - 4 * has_word(program, _AIDE_WORDS)


def _folder(fact: Fact) -> str:
    return fact.evidence.file.rpartition("/")[0] if fact.evidence else ""
