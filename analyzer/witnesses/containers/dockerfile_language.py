"""The language of an image: by what its last stage is built on, installs, or takes over."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.command_lines import handed_to_shell
from analyzer.witnesses.containers.dockerfile_instructions import (
    Instruction,
    Stage,
    copied_stages,
    words_of,
)
from analyzer.witnesses.containers.images import image_of, language_of, version_of
from delightful.recommendation import Confidence

# A stage of these builds the front of something else, as long as there is something else.
_ASSET_LANGUAGES: Final = frozenset({"node"})
_PACKAGE_MANAGERS: Final = Pattern(r"\b(?:apk|apt-get|apt|dnf|yum|microdnf)\b")
_PACKAGES: Final = Pattern(
    r"nodejs(?P<node>\d*)(?:-current)?|(?:openjdk|java)-?(?P<java>\d{1,2})(?:[.-].*)?|"
    r"php(?P<php>\d{2}|\d\.\d)?(?:-fpm|-cli)?|python(?:3(?:(?P<python>\.\d+)(?:-(?:dev|venv|minimal))?)?|(?P<python2>2)(?:-dev|\.7)?)?|ruby(?P<ruby>)"
)
_WORD: Final[dict[str, tuple[str, ...]]] = {
    "node": ("node",),
    "java": ("openjdk", "java"),
    "php": ("php",),
    "python": ("python",),
    "ruby": ("ruby",),
}
_COMPILERS: Final = (
    ("go", Pattern(r"\bgo (?:build|install)\b")),
    ("rust", Pattern(r"\bcargo (?:build|install|chef)\b")),
    ("dotnet", Pattern(r"\bdotnet (?:publish|build)\b")),
    ("java", Pattern(r"\bmvnw?\b|\bgradlew?\b")),
    ("elixir", Pattern(r"\bmix release\b")),
)
_COMMANDS: Final = {
    "node": Pattern(r"(?:^|/)(?:node|npm|npx|yarn|pnpm|bun|next|pm2-runtime)$"),
    "python": Pattern(r"(?:^|/)(?:python[\d.]*|gunicorn|uvicorn|hypercorn|uwsgi|celery|flask)$"),
    "java": Pattern(r"(?:^|/)java$"),
    "ruby": Pattern(r"(?:^|/)(?:ruby|bundle|rails|puma)$"),
    "php": Pattern(r"(?:^|/)(?:php|php-fpm[\d.]*|apache2-foreground|frankenphp)$"),
    "dotnet": Pattern(r"(?:^|/)dotnet$"),
}


@dataclass(frozen=True)
class Runtime:
    """A language and its version as a step of a Dockerfile tells it.

    `is_final` where the image that runs is made for it, not only one that it is built in.
    """

    language: str
    version: str | None
    step: Instruction
    is_final: bool
    confidence: Confidence


def runtimes(
    tree: SourceTree, stages: Sequence[Stage], final: Sequence[Stage]
) -> Iterator[Runtime]:
    """Yield the language that a Dockerfile shows: the final image's, else the build's."""
    based = final[-1:] and _based(final[-1])
    if based:
        yield _of_jvm(tree, _final(based))
        return
    copied = copied_stages(stages, final)
    built = [
        found for stage in copied if (found := _based(_root(stages, stage)) or _built_by(stage))
    ]
    compiled = [found for found in built if found.language not in _ASSET_LANGUAGES]
    installed = _installed(final)
    if compiled and (installed is None or installed.language in _ASSET_LANGUAGES):
        yield _of_jvm(tree, compiled[0])
    elif installed is not None:
        yield _of_jvm(tree, installed)
        yield from (one for one in built if one.language == installed.language)
    elif built:
        # Pages may be all that it builds, for a server that nothing here tells of.
        yield replace(built[0], confidence="low")


def _final(found: Runtime) -> Runtime:
    return Runtime(found.language, found.version, found.step, True, "high")


def _root(stages: Sequence[Stage], stage: Stage) -> Stage:
    """Return the stage that a stage is built on in the end: the one with an image of others."""
    index = stages.index(stage)
    by_alias = {one.alias.lower(): one for one in stages[:index] if one.alias}
    below = by_alias.get(stage.base.lower())
    return _root(stages, below) if below else stage


def _based(stage: Stage) -> Runtime | None:
    image = image_of(stage.base)
    language = language_of(image)
    if language is None:
        return _built_by(stage)
    return Runtime(language, version_of(image, language), stage.start, False, "medium")


def _built_by(stage: Stage) -> Runtime | None:
    """Return the language whose compiler a stage calls, whatever image it is built on."""
    for step in stage.instructions:
        for language, pattern in _COMPILERS if step.name == "RUN" else ():
            if pattern.search(step.argument):
                return Runtime(language, None, step, False, "medium")
    return None


def _installed(final: Sequence[Stage]) -> Runtime | None:
    """Return the language whose interpreter a plain image installs, as its command tells."""
    steps = [step for stage in final for step in stage.instructions]
    started = _started(steps)
    packages = list(_packages(steps))
    for found in packages:
        if found.language in started:
            return replace(found, confidence="high" if found.version else "medium")
    if started:
        return next(Runtime(one, None, step, True, "medium") for one, step in started.items())
    # A script or a server in front may start it: one language alone, of a certain version, is it.
    versions = {found.version: found for found in packages if found.version}
    is_one = len({found.language for found in packages}) == 1
    return next(iter(versions.values())) if is_one and len(versions) == 1 else None


def _packages(steps: Sequence[Instruction]) -> Iterator[Runtime]:
    """Yield each interpreter that a package manager installs."""
    for step in steps:
        if step.name == "RUN" and _PACKAGE_MANAGERS.search(step.argument):
            for match in filter(None, map(_PACKAGES.fullmatch, step.argument.split())):
                language = next(one for one, word in _WORD.items() if match[0].startswith(word))
                yield Runtime(language, _version(language, match), step, True, "medium")


def _started(steps: Sequence[Instruction]) -> dict[str, Instruction]:
    found: dict[str, Instruction] = {}
    for step in steps:
        if step.name not in ("CMD", "ENTRYPOINT"):
            continue
        words = words_of(step.argument) or []
        line = handed_to_shell(words)
        for word in (words if line is None else line.split())[:4]:
            for language, pattern in _COMMANDS.items():
                if pattern.search(word):
                    found.setdefault(language, step)
    return found


def _version(language: str, match: re.Match[str]) -> str | None:
    digits = match[language] or ""
    if language == "python" and match["python2"]:
        return "2.7"
    if language == "python":
        return f"3{digits}" if digits else None
    if language == "php" and len(digits) == 2:
        return f"{digits[0]}.{digits[1]}"
    return digits if language in ("php", "java", "node") and digits else None


def _of_jvm(tree: SourceTree, found: Runtime) -> Runtime:
    """Return Kotlin for a JVM image where the sources are Kotlin's."""
    if found.language != "java" or len(tree.sources(".kt")) <= len(tree.sources(".java")):
        return found
    return Runtime("kotlin", found.version, found.step, found.is_final, found.confidence)
