"""Command lines as arguments, and what a process's name and command say it does."""

import shlex
from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from analyzer.facts import is_port
from analyzer.patterns import Pattern

_SHELL: Final = frozenset("$&|;<>`(){}*?~")
_SHELL_RUNS: Final = ["/bin/sh", "-c"]
_MIGRATES: Final = Pattern(
    r"migrat|upgrade head|db:prepare|db:schema|ecto\.|prisma (?:db push|migrate)|liquibase|flyway"
)
_WORKS: Final = Pattern(
    r"\bcelery\b|queue:(?:work|listen)|artisan horizon|schedule:(?:work|run)|\bsidekiq\b|"
    r"\brq ?worker|\brqworker\b|run_huey|\bhuey|dramatiq|\bresque\b|jobs:work|good_job|solid_queue|"
    r"\bqcluster\b|process_tasks|messenger:consume|\barq\b|delayed_job|[\s/:_-]workers?\b"
)
_DEVELOPS: Final = Pattern(
    r"(?<!/)\b(?:dev|develop|runserver|watch|nodemon|air|start:dev|run-backend|"
    r"spring-boot:run|bootRun)\b|--reload\b|--debug\b|^(?:sleep|tail)\b"
)
PORT_FLAG: Final = Pattern(
    r"(?:--(?:http-)?port[= ]|--(?:bind|listen|addr|address|http|server\.port|urls)[= ]\S{0,40}?:|"
    r"-b \S{0,40}?:|-p |-Dserver\.port=| \[?(?:0\.0\.0\.0|::)\]?:)"
    r"(?:\$\{\w{1,20}:-)?(\d{2,5})\b(?![.:\d])"
)


def argv_of(command: str) -> list[JsonValue]:
    """Return a command line as arguments; what needs a shell is given to one."""
    if _SHELL.isdisjoint(command):
        try:
            words = shlex.split(command)
        except ValueError:
            words = []
        if words and "=" not in words[0]:
            return list[JsonValue](words)
    return [*_SHELL_RUNS, f"exec {command}" if _is_one_command(command) else command]


def handed_to_shell(words: Sequence[JsonValue]) -> str | None:
    """Return the command line that words hand to a shell, or None where they are no such thing."""
    return str(words[2]) if list(words[:2]) == _SHELL_RUNS and len(words) > 2 else None


def port_in(command: str) -> int | None:
    """Return the port that a command line says to listen on, or None."""
    match = PORT_FLAG.search(command)
    return int(match[1]) if match and is_port(match[1]) else None


def is_migration(command: str) -> bool:
    """Say whether a command brings the database's schema up to date."""
    return bool(_MIGRATES.search(command))


def is_for_developing(command: str) -> bool:
    """Say whether a command is how one works on a service rather than how it serves."""
    return bool(_DEVELOPS.search(command))


def is_worker_command(command: str) -> bool:
    """Say whether a command works through a queue rather than serves."""
    return bool(_WORKS.search(command)) and "--workers" not in command


def _is_one_command(command: str) -> bool:
    # With exec the process gets the signals; a chain of commands cannot be replaced by one.
    is_chain = any(mark in command for mark in ("&", "|", ";", "(", "`"))
    return not is_chain and "=" not in command.split()[0]
