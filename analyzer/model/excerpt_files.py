"""Which files say most of how a service is run, by their names."""

from pathlib import PurePosixPath
from typing import Final

from analyzer.patterns import Pattern

PROSE: Final = 4

SOURCE_SUFFIXES: Final = (
    ".cs", ".ex", ".exs", ".fs", ".go", ".java", ".js", ".kt", ".mjs", ".php", ".properties", ".py",
    ".rb", ".rs", ".ts", ".yaml", ".yml",
)  # fmt: skip

_PROJECT: Final = Pattern(
    r"pyproject\.toml|setup\.(?:py|cfg)|pipfile|requirements[\w.-]*\.txt|package\.json|go\.mod"
    r"|pom\.xml|build\.gradle(?:\.kts)?|gemfile|composer\.json|cargo\.toml|mix\.exs|global\.json"
    r"|[\w.-]+\.(?:cs|fs|vb)proj|\.(?:python|node|ruby|java|php)-version|\.nvmrc|\.tool-versions"
    r"|runtime\.txt|\.sdkmanrc|rust-toolchain(?:\.toml)?|build\.sbt"
)
_WITNESS: Final = Pattern(
    r"dockerfile(?:\.[\w-]+)?|containerfile|(?:docker-)?compose[\w.-]*\.ya?ml|procfile[\w.]*"
    r"|app\.json|fly\.toml|render\.yaml|nixpacks\.toml|railway\.json|app\.ya?ml|makefile|justfile"
    r"|entrypoint[\w.-]*\.sh|docker-entrypoint\.sh|start\.sh|values\.ya?ml"
)
_ENTRY: Final = Pattern(
    r"(?:main|app|server|index|program|startup|application|manage|wsgi|asgi|run|api)"
    r"\.(?:py|js|cjs|mjs|ts|go|rb|php|rs|cs|fs|java|kt|exs?)"
    r"|config\.ru|[a-z0-9]+application\.(?:java|kt)"
)
_SETTINGS: Final = Pattern(
    r"application(?:-prod\w*)?\.(?:ya?ml|properties|conf)|appsettings(?:\.production)?\.json"
    r"|settings\.py|config\.(?:py|js|ts|go|rb|php|ya?ml|toml|exs)|(?:runtime|prod)\.exs|puma\.rb"
    r"|database\.(?:yml|php)|routes\.rb|gunicorn[\w.]*\.py|\.env\.(?:example|sample|template|dist)"
    r"|launchsettings\.json|rocket\.toml"
)
_READ_FIRST: Final = Pattern(r"readme(?:\.md|\.rst|\.txt)?")
_RANKED: Final = (_PROJECT, _WITNESS, _ENTRY, _SETTINGS, _READ_FIRST)


def rank_of(path: str) -> int | None:
    """Return a file's rank among those shown from their beginning, 0 first; None for the rest."""
    name = PurePosixPath(path).name.lower()
    return next((rank for rank, names in enumerate(_RANKED) if names.fullmatch(name)), None)
