"""Redaction: a file's text with every secret replaced, line for line, before it goes anywhere.

It errs to one side: a harmless line that is replaced costs an answer, a secret that leaves costs
more. Lines keep their numbers, so that evidence still says where.
"""

import re
from pathlib import PurePosixPath
from typing import Final

from analyzer.model.secret_lines import MARK, redacted_lines
from analyzer.patterns import Pattern

_KEY_BLOCK: Final = Pattern(r"-----BEGIN [^-\n]*-----.*?(?:-----END [^-\n]*-----|\Z)", re.DOTALL)
_ENTRY: Final = Pattern(r"\s*(?:export\s+|-\s+)?[\"']?[\w./-]+[\"']?\s*[:=]\s*")
_PARENT: Final = Pattern(r"\s*[\w.-]+:\s*")
_SECRET_KIND: Final = Pattern(r"^\s*[\"']?kind[\"']?\s*:\s*[\"']?(?:Sealed)?Secret\b", re.MULTILINE)
_ENVIRONMENT_FILE: Final = Pattern(r"\.env(?:rc)?(?:[._-].*)?|.*\.env|env\.(?:local|prod.*)")
_SECRET_SUFFIXES: Final = frozenset(
    {".asc", ".cer", ".crt", ".der", ".gpg", ".jks", ".kdbx", ".key", ".keystore", ".kubeconfig"}
    | {".p12", ".p8", ".pem", ".pfx", ".pgpass", ".ppk", ".tfstate", ".tfvars"}
)
_SECRET_FILE: Final = Pattern(
    r"id_(?:rsa|dsa|ecdsa|ed25519).*|\.netrc|_netrc|\.pgpass|\.my\.cnf|\.htpasswd|\.npmrc|\.pypirc"
    r"|\.dockercfg|\.git-credentials|kubeconfig|.*(?:secret|credential|passw).*"
    r"|service[-_]?account.*\.json|auth\.json|\.dockerconfigjson",
    re.IGNORECASE,
)


def is_secret_file(path: str) -> bool:
    """Say whether a file is kept back whole, by its name."""
    name = PurePosixPath(path)
    return name.suffix.lower() in _SECRET_SUFFIXES or _SECRET_FILE.fullmatch(name.name) is not None


def redacted(path: str, text: str) -> list[str]:
    """Return the lines of a file with every secret replaced; there are as many as before."""
    lines = _KEY_BLOCK.sub(_marked, text).split("\n")
    if _ENVIRONMENT_FILE.fullmatch(PurePosixPath(path).name) or _SECRET_KIND.search(text):
        return [_without_value(line) for line in lines]
    return redacted_lines(lines)


def _marked(block: re.Match[str]) -> str:
    return "\n".join([MARK] * (block.group().count("\n") + 1))


def _without_value(line: str) -> str:
    # Values may go on over lines, and a comment may hold an old one.
    if not line.strip() or _PARENT.fullmatch(line):
        return line
    entry = _ENTRY.match(line)
    return f"{entry.group()}{MARK}" if entry else MARK
