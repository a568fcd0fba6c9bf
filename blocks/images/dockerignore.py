"""What a build context leaves out, by the rules of .dockerignore."""

import re
from collections.abc import Sequence

from delightful.frozen import Frozen


class IgnoreRule(Frozen):
    """One line: a pattern, and whether it takes files back in."""

    pattern: str
    keeps: bool

    def matches(self, path: str) -> bool:
        """Say whether the pattern names this path or a folder that it lies in."""
        parts = path.split("/")
        folders = ("/".join(parts[:count]) for count in range(1, len(parts) + 1))
        expression = re.compile(self.pattern)
        return any(expression.fullmatch(folder) for folder in folders)


def read_ignore_rules(text: str) -> tuple[IgnoreRule, ...]:
    """Return the rules of a .dockerignore file, in order."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(_rule(line) for line in lines if line and not line.startswith("#"))


def is_ignored(path: str, rules: Sequence[IgnoreRule]) -> bool:
    """Say whether a path (relative, with slashes) is left out: the last rule that names it wins."""
    last = next((rule for rule in reversed(rules) if rule.matches(path)), None)
    return last is not None and not last.keeps


def _rule(line: str) -> IgnoreRule:
    keeps = line.startswith("!")
    pattern = line.removeprefix("!").strip().strip("/").removeprefix("./")
    return IgnoreRule(pattern=_expression(pattern), keeps=keeps)


_TOKENS = re.compile(r"\*\*/|/\*\*|\*\*|\*|\?|\[[^\]]+\]|\\?.")


def _expression(pattern: str) -> str:
    return "".join(_translated(token) for token in _TOKENS.findall(pattern))


def _translated(token: str) -> str:
    wildcards = {"**/": "(?:.*/)?", "/**": "(?:/.*)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if token in wildcards:
        return wildcards[token]
    if token.startswith("["):
        inside = token[1:-1].replace("\\", "\\\\")
        return f"[{inside}]"
    return re.escape(token[-1])
