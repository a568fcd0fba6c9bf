"""The Dockerfile: what the image says of itself."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, is_port, quoted_line, quoted_match
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.clusters.probes import SCRIPT_URL, asks, path_asked, port_asked
from analyzer.witnesses.command_lines import handed_to_shell, is_for_developing, port_in
from analyzer.witnesses.containers.compose_facts import LOWER
from analyzer.witnesses.containers.dockerfile_instructions import (
    Instruction,
    Stage,
    environment_of,
    lineage,
    read_stages,
    stages_until,
    values_in,
    words_of,
)
from analyzer.witnesses.containers.dockerfile_language import Runtime, runtimes
from analyzer.witnesses.containers.dockerfiles import dockerfile_of, is_doubtful
from analyzer.witnesses.containers.images import image_of
from analyzer.witnesses.containers.managers import managed_by
from analyzer.witnesses.containers.scripts import ScriptEnd, end_of, named_files, script_of
from analyzer.witnesses.env_text import filled
from delightful.reading.path import url_path_fault
from delightful.recommendation import Confidence, Evidence

_PORT_NAME: Final = Pattern(
    r"(?:(?:SERVER|HTTP|APP|WEB|LISTEN|SERVICE|NITRO|ROCKET|UVICORN|GUNICORN|FLASK_RUN|API|NODE)_PORT"
    r"|ASPNETCORE_(?:HTTP_PORTS|URLS))"
)
_LAST_PORT: Final = Pattern(r"(\d{2,5})/?\"?$")
# A debugger's, TLS's, Caddy's own for its administration, and those of mail and of STUN.
_SIDE_PORTS: Final = frozenset(
    {"22", "25", "110", "143", "443", "465", "587", "993", "995", "1025", "1110", "2019", "2345"}
    | {"3478", "5005", "5349", "5678", "8443", "9229", "9464"}
)
# What images of others expose themselves, as their own Dockerfiles say.
_BASE_PORTS: Final = (
    (Pattern(r"(?:^|/)php:[\w.-]*apache|(?:^|/)(?:httpd|nginx|caddy|frankenphp)(?::|$)"), 80),
    (Pattern(r"/aspnet:[1-7](?:\.|$|-)"), 80),
    (Pattern(r"nginx-unprivileged|serversideup/php|/(?:aspnet|tomcat|jetty)(?::|$)"), 8080),
    (Pattern(r"^(?:tomcat|jetty)(?::|$)"), 8080),
    (Pattern(r"tiangolo/(?:uvicorn|meinheld|uwsgi)"), 80),
)
# https://github.com/basecamp/thruster: listens on HTTP_PORT, 80 if nothing is set.
_THRUSTER: Final = Pattern(r"(?:^|[/ ])thrust(?:$| )")
_BARE_SHELLS: Final = frozenset({"sh", "bash", "/bin/sh", "/bin/bash"})
_OF_DISTROLESS: Final = (("distroless/nodejs", "node"), ("distroless/python", "python3"))
_STARTERS: Final = ("CMD", "ENTRYPOINT")


@dataclass(frozen=True)
class _Finding:
    """A value, the instruction that gives it and the word in it that says so ("" for all)."""

    field: str
    value: JsonValue
    rule: str
    confidence: Confidence
    step: Instruction
    word: str = ""


@dataclass(frozen=True)
class _Dockerfile:
    """A Dockerfile's final stages, and what the tree tells of the commands in them."""

    tree: SourceTree
    stages: tuple[Stage, ...]
    final: tuple[Stage, ...]

    @cached_property
    def steps(self) -> list[Instruction]:
        return [step for stage in self.final for step in stage.instructions]

    @cached_property
    def values(self) -> Mapping[str, str]:
        return values_in(self.final)

    @cached_property
    def commands(self) -> dict[str, Instruction]:
        # The last CMD and ENTRYPOINT of a stage hold; a later stage overrides its base.
        found: dict[str, Instruction] = {}
        for stage in self.final:
            found = {**{s.name: s for s in stage.instructions if s.name in _STARTERS}, **found}
        return found

    @cached_property
    def words(self) -> dict[str, list[str]]:
        return {name: words_of(step.argument) or [] for name, step in self.commands.items()}

    @cached_property
    def script(self) -> ScriptEnd | None:
        """Return what the image starts in the end, where a script or a manager starts it."""
        copies = [s.argument for stage in self.stages for s in stage.instructions]
        for name in ("ENTRYPOINT", "CMD"):
            words = self.words.get(name, [])
            line = handed_to_shell(words)
            words = words if line is None else line.split()
            path = script_of(self.tree, words, copies) if words else None
            end = end_of(self.tree, path, self.values) if path else None
            if end is not None and end.is_passed_on:
                continue
            managed = managed_by(self.tree, end.words if end else words)
            if managed or end:
                return managed or end
        return None


def dockerfile_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what the service's Dockerfile says; the last stage and what it is built on."""
    path, target = dockerfile_of(tree) or ("", None)
    stages = stages_until(read_stages(tree.text(path) or ""), target)
    file = _Dockerfile(tree, stages, lineage(stages))
    said = _said(path, file) if stages else ()
    for fact in said:
        yield replace(fact, confidence=LOWER[fact.confidence]) if is_doubtful(path) else fact


def _said(path: str, file: _Dockerfile) -> Iterator[Fact]:
    text = file.tree.text(path) or ""
    for found in chain(_runtime(file.tree, file), _ports(file), _health(file), _start(file)):
        evidence = _evidence(path, text, found)
        yield Fact(found.field, found.value, found.rule, found.confidence, evidence)
    yield from _script_facts(file)
    yield from _probe_script(file)


def _runtime(tree: SourceTree, file: _Dockerfile) -> Iterator[_Finding]:
    for found in runtimes(tree, file.stages, file.final):
        yield from _of_runtime(found)


def _of_runtime(found: Runtime) -> Iterator[_Finding]:
    step, sure = found.step, found.confidence
    if found.is_final:
        yield _Finding("language", found.language, "dockerfile/base-image", sure, step)
        if found.version:
            yield _Finding("runtime_version", found.version, "dockerfile/base-image", sure, step)
        return
    yield _Finding("language", found.language, "dockerfile/build-stage", sure, step)
    if found.version:
        yield _Finding("runtime_version", found.version, "dockerfile/build-stage", sure, step)


def _ports(file: _Dockerfile) -> Iterator[_Finding]:
    for step in file.steps:
        if step.name == "ENV":
            yield from _port_variables(file, step)
    yield from _base_port(file)
    for name, step in file.commands.items():
        port = port_in(filled(" ".join(file.words[name]), file.values))
        if port is not None:
            word = str(port) if str(port) in step.argument else ""
            yield _Finding("port", port, "dockerfile/command-port", "high", step, word)
    yield from _proxy_port(file)
    is_fast_cgi = bool(file.final) and "-fpm" in file.final[-1].base
    exposed = [(port, step) for step in file.steps for port in _exposed(file, step)]
    # What php-fpm listens on speaks FastCGI to a web server beside it.
    exposed = [one for one in exposed if not (is_fast_cgi and one[0] == "9000")]
    # What is open for datagrams too speaks no HTTP.
    side = _SIDE_PORTS.union(port for step in file.steps for port in _exposed(file, step, "udp"))
    own: dict[str, Instruction] = {}
    for number, step in [one for one in exposed if one[0] not in side] or exposed:
        own.setdefault(number, step)
    sure: Confidence = "high" if len(own) == 1 else "medium"
    for place, (number, step) in enumerate(own.items()):
        yield _Finding("port", int(number), "dockerfile/expose", "low" if place else sure, step)


def _proxy_port(file: _Dockerfile) -> Iterator[_Finding]:
    """Yield the port of the proxy that Rails puts in front of its server within the image."""
    given = file.values.get("HTTP_PORT", "")
    port = int(given) if is_port(given) else 80
    for name, step in file.commands.items():
        if _THRUSTER.search(" ".join(file.words[name])):
            yield _Finding("port", port, "dockerfile/thruster", "high", step)


def _base_port(file: _Dockerfile) -> Iterator[_Finding]:
    base = image_of(file.final[-1].base) if file.final else image_of("")
    for pattern, port in _BASE_PORTS:
        if pattern.search(f"{base.repository}:{base.tag}"):
            yield _Finding("port", port, "dockerfile/base-port", "low", file.final[-1].start)
            return


def _port_variables(file: _Dockerfile, step: Instruction) -> Iterator[_Finding]:
    for name, value in environment_of(step.argument).items():
        given = filled(value, file.values)
        if name == "PORT" and is_port(given):
            yield _Finding("port", int(given), "dockerfile/env-port", "high", step, name)
        match = _LAST_PORT.search(given) if _PORT_NAME.fullmatch(name) else None
        if match and is_port(match[1]):
            # What .NET itself reads is no name of the authors' own.
            sure: Confidence = "high" if name.startswith("ASPNETCORE_") else "medium"
            yield _Finding("port", int(match[1]), "dockerfile/env-named-port", sure, step, name)


def _exposed(file: _Dockerfile, step: Instruction, protocol: str = "tcp") -> Iterator[str]:
    for word in step.argument.split() if step.name == "EXPOSE" else ():
        port, _, spoken = filled(word, file.values).partition("/")
        if is_port(port) and (spoken or "tcp") == protocol:
            yield port


def _health(file: _Dockerfile) -> Iterator[_Finding]:
    for step in file.steps:
        command = step.argument.partition("CMD")[2] if step.name == "HEALTHCHECK" else ""
        if not command:
            continue
        asked = filled(command, file.values)
        is_side = port_asked(asked) in _SIDE_PORTS
        path = path_asked(asked) if asks(asked) and not is_side else None
        if path is not None:
            sure: Confidence = "high" if path != "/" else "medium"
            yield _Finding("health_path", path, "dockerfile/healthcheck", sure, step, path)
        port = port_asked(asked) if path is not None else None
        if port and is_port(port):
            yield _Finding("port", int(port), "dockerfile/healthcheck-port", "medium", step)


def _start(file: _Dockerfile) -> Iterator[_Finding]:
    entrypoint = file.words.get("ENTRYPOINT") or _entrypoint_of_base(file)
    # An ENTRYPOINT in shell form never sees the CMD.
    arguments = [] if handed_to_shell(entrypoint) is not None else file.words.get("CMD", [])
    command: list[JsonValue] = [*entrypoint, *arguments]
    if not command or (command[0] in _BARE_SHELLS and command[1:] in ([], ["-c"])):
        return
    # Told as one chain: the script, then what it ends in.
    command += file.script.words if file.script else ()
    step = file.commands["CMD" if arguments else "ENTRYPOINT"]
    sure: Confidence = "medium" if is_for_developing(" ".join(map(str, command))) else "high"
    yield _Finding("start_command", command, "dockerfile/command", sure, step)


def _entrypoint_of_base(file: _Dockerfile) -> list[str]:
    """Return what a base image starts a command with that names no program, as documented."""
    base, command = file.final[-1].base.lower(), file.words.get("CMD") or [""]
    name = image_of(base).name
    if name == "node" and command[0].startswith("-"):
        return ["node"]
    return [program for mark, program in _OF_DISTROLESS if mark in base and command[0]]


def _script_facts(file: _Dockerfile) -> Iterator[Fact]:
    if file.script is None:
        return
    evidence = Evidence(file=file.script.path, line=file.script.line, quote=file.script.quote[:200])
    port = port_in(filled(" ".join(file.script.words), file.values))
    if port is not None:
        yield Fact("port", port, "dockerfile/script-port", "high", evidence)


def _probe_script(file: _Dockerfile) -> Iterator[Fact]:
    """Yield the path that a script asks which the image's health check runs."""
    for step in file.steps:
        command = step.argument.partition("CMD")[2] if step.name == "HEALTHCHECK" else ""
        words = re.split(r"[\s\",\[\]]+", command)
        for path in named_files(file.tree, words, [step.argument for step in file.steps]):
            text = file.tree.text(path) or ""
            match = next((m for m in SCRIPT_URL.finditer(text) if m[1]), None)
            if match and url_path_fault(match[1]) is None:
                evidence = quoted_match(path, text, match)
                yield Fact("health_path", match[1], "dockerfile/probe-script", "high", evidence)


def _evidence(name: str, text: str, finding: _Finding) -> Evidence:
    lines = text.split("\n")
    for line in range(finding.step.line, len(lines) + 1) if finding.word else ():
        if finding.word in lines[line - 1]:
            return Evidence(file=name, line=line, quote=finding.word)
    return quoted_line(name, text, finding.step.line)
