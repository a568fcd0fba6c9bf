"""Shell scripts that an image starts: what they run in the end, and on which port."""

import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.env_text import filled

_EXEC: Final = Pattern(r"^[ \t]*(?:[A-Z_]+=\S*[ \t]+)?exec[ \t]+(\S.*)$", re.DOTALL)
_ASSIGNED: Final = Pattern(
    r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(\"[^\"]*\"|'[^']*'|\S*)[ \t]*$"
)
_COLON: Final = Pattern(r"^[ \t]*:[ \t]+\"?\$\{(\w+):?=([^}]*)\}\"?")
_SERVER: Final = Pattern(
    r"^[ \t]*(?:\S*/)?(gunicorn|uvicorn|hypercorn|daphne|uwsgi|granian|fastapi|flask|python3?|node|"
    r"npm|yarn|pnpm|bun|deno|java|bundle|rails|puma|unicorn|php|php-fpm|apache2-foreground|"
    r"frankenphp|dotnet|mix|supervisord|pm2-runtime|caddy|nginx)\b(?!\)).*$"
)
# Words that prepare rather than serve.
_PREPARES: Final = Pattern(
    r"migrat|collectstatic|createsuperuser|db:|seed|install|\bcheck\b|wait|compilemessages|"
    r"key:generate|cache|storage:link|assets|loaddata|generate|prisma (?:db|migrate)|ecto\.|"
    r"bin/console|--?version\b|createcachetable|\badd\b|\bset\b|\bget\b|optimize|shell|init|&\s*$"
)
# What an entry script runs when it is told to do something else than serve.
_OTHER_USE: Final = Pattern(
    r"celery|(?<!--)worker(?!s)|sidekiq|runserver|--reload|nodemon|debug|\bdev\b|\bshell\b|\bbash\b|migrat|"
    r"test|schedul|\bcron\b|\bhelp\b|queue:|horizon|supervisorctl"
)
# What is done first in the line that starts a server.
_BEFORE: Final = Pattern(
    r"^[ \t]*(?:(?:cd|umask|export|set|source|\.)[ \t][^&|;\n]{0,120}&&[ \t]*)+"
)
_WRAPPERS: Final = frozenset(
    {"tini", "dumb-init", "/sbin/tini", "/usr/bin/tini", "/usr/bin/dumb-init", "gosu", "su-exec"}
)
_ARGUMENTS: Final = frozenset({"$@", "$*", "${@}"})
_CHANGES_USER: Final = frozenset(
    {"gosu", "su-exec", "setpriv", "sudo", "runuser", "chroot", "tini", "dumb-init", "env"}
)
_SHELLS: Final = frozenset({"sh", "bash", "/bin/sh", "/bin/bash", "ash", "/usr/bin/env"})
_PROGRAM: Final = Pattern(r"^[ \t]*(?:[A-Z_]+=\S*[ \t]+)?[./]\S*[ \t]")
_RUNS: Final = Pattern(r"[ \t](?:start|serve|server|run|foreground|daemon off)\b")
_OPERATORS: Final = frozenset({"||", "&&", "|", "&", ";", "{", ";;", ">", ">>", "2>&1"})
_LONGEST: Final = 64 * 1024


@dataclass(frozen=True)
class ScriptEnd:
    """The line of a script that starts what goes on running; variables filled where known."""

    path: str
    line: int
    quote: str
    words: tuple[str, ...]

    @property
    def is_passed_on(self) -> bool:
        """Say whether the script runs what it was given, as it is or as another user."""
        first, *rest = self.words or ("",)
        name = posixpath.basename(first)
        is_between = name in _CHANGES_USER or "entrypoint" in name
        return first in _ARGUMENTS or (is_between and not _ARGUMENTS.isdisjoint(rest[:4]))

    @property
    def is_server(self) -> bool:
        """Say whether it starts a server that is known as one."""
        return bool(_SERVER.match(" ".join(self.words)))


def script_of(tree: SourceTree, words: Sequence[str], copies: Sequence[str]) -> str | None:
    """Return the tree's path of the shell script that a command runs, or None.

    `copies` are the arguments of the image's COPY instructions: they tell where a file came from.
    """
    for word in words[:4]:
        if word in _WRAPPERS or word in _SHELLS or word.startswith("-") or word == "bash":
            continue
        return _found(tree, word, copies)
    return None


def end_of(tree: SourceTree, path: str, given: Mapping[str, str] | None = None) -> ScriptEnd | None:
    """Return how a script ends: its last `exec`, else its last line that starts a server.

    `given` are the variables that it is started with.
    """
    text = tree.text(path)
    if text is None or len(text) > _LONGEST:
        return None
    values = dict(given or {})
    execs: list[ScriptEnd] = []
    servers: list[ScriptEnd] = []
    for number, whole in _joined(text):
        line = _BEFORE.sub("", whole)
        assigned = _ASSIGNED.match(line) or _COLON.match(line)
        if assigned:
            values[assigned[1]] = filled(assigned[2].strip("\"'"), values)
        started = _EXEC.match(line)
        if started:
            execs.append(_end(path, number, started[1], values))
        elif _is_server(line):
            servers.append(_end(path, number, line.strip(), values))
    own = [end for end in execs if not end.is_passed_on]
    serving = [end for end in (*servers, *own) if not _OTHER_USE.search(" ".join(end.words))]
    serving.sort(key=lambda end: (end.is_server, end.line))
    return next(iter([*serving[-1:], *execs[-1:], *own[-1:]]), None)


def _is_server(line: str) -> bool:
    if _SERVER.match(line):
        return not _PREPARES.search(line)
    return bool(_PROGRAM.match(line) and _RUNS.search(line))


def _end(path: str, line: int, command: str, values: dict[str, str]) -> ScriptEnd:
    first = command.split("\n", 1)[0].strip()
    text = filled(" ".join(command.split()), values)
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        words = text.split()
    ends = [index for index, word in enumerate(words) if word in _OPERATORS]
    return ScriptEnd(path, line, first, tuple(words[: ends[0]] if ends else words))


def _joined(text: str) -> list[tuple[int, str]]:
    """Return the lines with those that are continued joined by a line break, with their numbers."""
    found: list[tuple[int, str]] = []
    open_line: tuple[int, str] | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        start, content = open_line or (number, "")
        content = f"{content}\n{line}" if open_line else line
        if line.endswith("\\"):
            open_line = (start, content[:-1])
            continue
        found.append((start, content))
        open_line = None
    return found


def named_files(tree: SourceTree, words: Sequence[str], copies: Sequence[str]) -> list[str]:
    """Return the tree's files that some words of a command name, wherever they are copied from."""
    found: list[str] = []
    for word in words:
        name = posixpath.basename(word)
        if "." in name and len(name) > 3:
            direct = posixpath.normpath(word.lstrip("/"))
            candidates = [direct, *_sources(name, copies)]
            candidates += tree.named(name)
            found += [path for path in candidates if path in tree][:1]
    return found


def _found(tree: SourceTree, word: str, copies: Sequence[str]) -> str | None:
    name = posixpath.basename(word)
    direct = posixpath.normpath(word.lstrip("/"))
    candidates = [direct, *_sources(name, copies)]
    for path in candidates:
        if path in tree and _is_script(tree, path):
            return path
    above = [path for path in tree.outer if path.rpartition("/")[2] == name]
    found = [*sorted(tree.named(name), key=len), *sorted(above, key=len)]
    return next((path for path in found[:5] if _is_script(tree, path)), None)


def _sources(name: str, copies: Sequence[str]) -> list[str]:
    """Return the paths that a COPY brings under a name: `COPY build/start.sh /start`."""
    found = []
    for copy in copies:
        words = [word for word in re.split(r"[\s\",\[\]]+", copy) if word and word[:2] != "--"]
        *sources, target = words if len(words) > 1 else ["", ""]
        for source in sources:
            if name in (posixpath.basename(source), posixpath.basename(target)):
                found.append(posixpath.normpath(source.lstrip("/")))
    return found


def _is_script(tree: SourceTree, path: str) -> bool:
    if path.endswith((".js", ".mjs", ".cjs", ".ts", ".py", ".rb", ".php", ".jar", ".dll", ".exe")):
        return False
    text = tree.text(path) or ""
    return path.endswith((".sh", ".bash")) or (text.startswith("#!") and "sh" in text[:40])
