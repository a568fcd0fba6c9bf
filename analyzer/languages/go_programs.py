"""Which of a Go module's programs is the service, and how it is started."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact
from analyzer.languages.go_project import GoModule
from analyzer.languages.service_ports import has_word
from delightful.recommendation import Confidence

_SERVER_WORDS: Final = re.compile(r"api|app|backend|http|serve|server|web")
_WORKER_WORDS: Final = re.compile(
    r"consumer|cron|jobs|processor|queue|scheduler|subscriber|worker|workers"
)
_AIDE_WORDS: Final = re.compile(
    r"admin|bench|benchmark|cli|client|ctl|demo|doctor|gen|generate|"
    r"healthcheck|import|loadgen|migrate|migration|migrations|migrator|mock|"
    r"seed|seeder|setup|test|tool|util"
)
# Subcommands that serve, in the order in which they are preferred.
_SERVING_COMMANDS: Final = ("serve", "server", "web", "http", "api", "start", "run")


def program_facts(
    programs: Sequence[Fact],
    serving: Collection[str],
    commands: Sequence[Fact],
    module: GoModule | None,
) -> Iterator[Fact]:
    """Yield start command and worker.

    `programs` are the facts of `package main`, by their folder; `serving` the folders in which
    something listens; `commands` the subcommands that the programs offer.
    """
    folders = {_folder(fact): fact for fact in reversed(programs)}
    if not folders:
        return
    name = module.program if module else ""
    chosen = max(sorted(folders), key=lambda folder: _score(folder, name, serving, folders))
    binary = chosen.rpartition("/")[2] or name
    if binary:
        yield from _starts(binary, folders[chosen], commands, is_only=len(folders) == 1)
    yield from _workers(folders, chosen, commands)


def _starts(
    binary: str, program: Fact, commands: Sequence[Fact], *, is_only: bool
) -> Iterator[Fact]:
    offered = {str(command.value): command for command in reversed(commands)}
    serving = next((name for name in _SERVING_COMMANDS if name in offered), None)
    argv: list[JsonValue] = [f"./{binary}"]
    confidence: Confidence = "medium" if is_only else "low"
    if serving:
        evidence = offered[serving].evidence
        yield Fact("start_command", [*argv, serving], "go/serve-command", "medium", evidence)
    yield Fact(
        "start_command", argv, "go/program", "low" if serving else confidence, program.evidence
    )


def _workers(folders: dict[str, Fact], chosen: str, commands: Sequence[Fact]) -> Iterator[Fact]:
    for folder, program in folders.items():
        if folder != chosen and _is_worker(folder.rpartition("/")[2]):
            yield Fact("worker", True, "go/worker-program", "medium", program.evidence)
    for command in commands:
        if _is_worker(str(command.value)):
            yield Fact("worker", True, "go/worker-command", "medium", command.evidence)


def _is_worker(name: str) -> bool:
    return has_word(name, _WORKER_WORDS)


def _score(folder: str, name: str, serving: Collection[str], folders: Collection[str]) -> float:
    program = folder.rpartition("/")[2] or name
    score = 3.0 * (folder in serving) - 0.1 * folder.count("/")
    score += 2 * (folder == "" or program == name) + 2 * has_word(program, _SERVER_WORDS)
    return score - 3 * has_word(program, _WORKER_WORDS) - 4 * has_word(program, _AIDE_WORDS)


def _folder(fact: Fact) -> str:
    return fact.evidence.file.rpartition("/")[0] if fact.evidence else ""
