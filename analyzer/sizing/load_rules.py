"""Where processes, threads and heap are said, and how: patterns by kind of file."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.reading.manifest import MANIFEST_NAME, OTHER_NAME
from delightful.recommendation import Confidence

MANIFESTS: Final = (MANIFEST_NAME, OTHER_NAME)
# Every program that a flag may be for.
PROGRAMS: Final = (
    "celery",
    "dramatiq",
    "fastapi",
    "granian",
    "gunicorn",
    "hypercorn",
    "pm2",
    "puma",
    "taskiq",
    "uvicorn",
    "uwsgi",
    "waitress",
)

_LAUNCH_NAMES: Final = frozenset(
    {
        *MANIFESTS,
        "Procfile",
        "app.json",
        "compose.yaml",
        "compose.yml",
        "docker-compose.yaml",
        "docker-compose.yml",
        "fly.toml",
        "heroku.yml",
        "nixpacks.toml",
        "package.json",
        "railway.json",
        "railway.toml",
        "render.yaml",
        "values.yaml",
    }
)
_CONFIG_NAMES: Final = frozenset(
    {
        "ecosystem.config.cjs",
        "ecosystem.config.js",
        "gunicorn.conf.py",
        "gunicorn.py",
        "gunicorn_conf.py",
        "gunicorn_config.py",
        "puma.rb",
        "unicorn.rb",
        "uwsgi.ini",
    }
)
_SERVERS: Final = ("gunicorn", "uvicorn", "hypercorn", "granian", "fastapi", "puma", "uwsgi")
_CONSUMERS: Final = ("celery", "dramatiq", "taskiq")
_BETWEEN: Final = r"[\"',\s=]+(?:-\s+)?[\"']?"

Reading = Callable[[re.Match[str]], int]


def _number(match: re.Match[str]) -> int:
    return int(match[1])


def _mebibytes(match: re.Match[str]) -> int:
    return int(match[1]) * (1024 if match[2] in "gG" else 1)


@dataclass(frozen=True)
class LoadRule:
    """A pattern; `programs` names the programs whose flag it is, none where it is anybody's.

    One of its `words`, if there are any, must stand in the text before the pattern is tried at
    all. Patterns are linear: no nested repeats.
    """

    field: str
    name: str
    pattern: Pattern[str]
    confidence: Confidence
    read: Reading = _number
    programs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def may_match(self, text: str) -> bool:
        """Say whether the pattern is worth trying in a text."""
        return not self.words or any(word in text for word in self.words)


def _rule(
    field: str,
    name: str,
    pattern: str,
    confidence: Confidence,
    *,
    read: Reading = _number,
    programs: tuple[str, ...] = (),
    words: tuple[str, ...] = (),
) -> LoadRule:
    compiled = Pattern(pattern, re.MULTILINE)
    return LoadRule(field, name, compiled, confidence, read, programs, words or programs)


_FLAG: Final = r"(?<![\w-])"
_LAUNCH_RULES: Final = (
    _rule(
        "processes",
        "workers-flag",
        rf"{_FLAG}(?:--workers|--processes|-w){_BETWEEN}(\d{{1,2}})\b",
        "high",
        programs=_SERVERS,
    ),
    _rule(
        "threads",
        "threads-flag",
        rf"{_FLAG}--threads{_BETWEEN}(\d{{1,3}})\b",
        "high",
        programs=("gunicorn", "uwsgi", "waitress", "granian"),
    ),
    _rule(
        "threads",
        "threads-flag",
        rf"{_FLAG}(?:-t|--threads){_BETWEEN}\d{{1,3}}:(\d{{1,3}})\b",
        "high",
        programs=("puma",),
    ),
    _rule("processes", "pm2-flag", rf"{_FLAG}-i{_BETWEEN}(\d{{1,2}})\b", "high", programs=("pm2",)),
    _rule(
        "consumers",
        "concurrency-flag",
        rf"{_FLAG}(?:--concurrency|-c|--processes){_BETWEEN}(\d{{1,2}})\b",
        "high",
        programs=_CONSUMERS,
    ),
    _rule(
        "processes",
        "web-concurrency",
        r"\bWEB_CONCURRENCY[\"']?\s*(?:[:=]\s*|\s+)(?:\{\s*)?(?:[\"']?value[\"']?\s*:\s*)?[\"']?"
        r"(\d{1,2})\b",
        "medium",
        words=("WEB_CONCURRENCY",),
    ),
    _rule(
        "threads",
        "rails-max-threads",
        r"\bRAILS_MAX_THREADS[\"']?[\s:=\"']+(\d{1,3})\b",
        "medium",
        words=("RAILS_MAX_THREADS",),
    ),
    _rule("heap_mib", "xmx", r"-Xmx(\d{1,5})([mMgG])\b", "high", read=_mebibytes, words=("-Xmx",)),
)
_CONFIG_RULES: Final = (
    _rule("processes", "configured", r"^\s*workers[ \t]*=?[ \t]*(\d{1,2})\s*(?:#.*)?$", "high"),
    _rule("processes", "configured", r"^\s*(?:worker_)?processes[ \t]*=?[ \t]*(\d{1,2})\b", "high"),
    _rule("processes", "configured", r"^\s*[\"']?instances[\"']?\s*:\s*[\"']?(\d{1,2})\b", "high"),
    _rule("threads", "configured", r"^\s*threads[ \t]*=[ \t]*(\d{1,3})\b", "high"),
    _rule("threads", "configured", r"^\s*threads[ \t(]+\d{1,3}[ \t]*,[ \t]*(\d{1,3})\b", "high"),
    _rule(
        "processes",
        "default",
        r"WEB_CONCURRENCY[\"']\s*(?:\)\s*(?:\{|\|\||or)|,)\s*[\"']?(\d{1,2})\b",
        "low",
    ),
    _rule(
        "threads",
        "default",
        r"RAILS_MAX_THREADS[\"']\s*(?:\)\s*(?:\{|\|\||or)|,)\s*[\"']?(\d{1,3})\b",
        "low",
    ),
)
_POOL_RULES: Final = (
    _rule("processes", "php-fpm", r"^\s*pm\.max_children[ \t]*=[ \t]*(\d{1,3})\b", "high"),
)


def launch_files(tree: SourceTree) -> list[str]:
    """Return the files in which patterns may hold, in the tree's order."""
    marked = (path for path in tree.paths if "entrypoint" in path or "Dockerfile" in path)
    named = tree.named(*_CONFIG_NAMES, *_LAUNCH_NAMES, "Containerfile")
    return sorted({*named, *marked, *tree.ending(".conf", ".sh")})


def rules_for(path: str) -> tuple[LoadRule, ...]:
    """Return the patterns that hold in a file, none for most."""
    name = path.rpartition("/")[2]
    if name in _CONFIG_NAMES:
        return _CONFIG_RULES
    if name.endswith(".conf"):
        return _POOL_RULES
    is_script = name.endswith(".sh") or "entrypoint" in name
    is_launch = is_script or name in _LAUNCH_NAMES or is_dockerfile(path)
    return _LAUNCH_RULES if is_launch else ()


def is_dockerfile(path: str) -> bool:
    """Say whether a path is a Dockerfile by its name."""
    name = path.rpartition("/")[2]
    return name in ("Dockerfile", "Containerfile") or name.startswith("Dockerfile.")
