"""What is found in a compose file, as facts: less sure where the file is for developing."""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, quoted_line
from analyzer.witnesses.containers.compose_file import LESSER, ComposeFile
from analyzer.witnesses.containers.compose_own import Own
from delightful.recommendation import Confidence

LOWER: Final[dict[Confidence, Confidence]] = {"high": "medium", "medium": "low", "low": "low"}
# A build kept with installed packages is a tool's, such as Laravel Sail: it is for developing.
_INSTALLED: Final = ("vendor/", "node_modules/")


@dataclass(frozen=True)
class Finding:
    """A value and the line that says so; `quote` where only a part of the line may be shown."""

    field: str
    value: JsonValue
    rule: str
    confidence: Confidence
    line: int
    quote: str = ""


@dataclass(frozen=True)
class Spoken:
    """A compose file that runs the service, and as which of its services."""

    file: ComposeFile
    own: Own

    @property
    def is_lesser(self) -> bool:
        """Say whether this is how the service is developed or tested, not how it is run."""
        home = self.own.main.home or ""
        dockerfile = posixpath.basename(self.own.main.dockerfile or "").lower()
        is_spare = home.startswith(_INSTALLED) or LESSER.search(dockerfile) is not None
        return self.file.is_lesser or is_spare


def facts_of(file: ComposeFile, findings: Iterable[Finding], *, is_lesser: bool) -> Iterator[Fact]:
    """Yield findings as facts; of a variable that a named file sets the line names that file."""
    lines = file.text.split("\n")
    for found in findings:
        evidence = quoted_line(file.path, file.text, found.line)
        if found.quote and found.quote in lines[found.line - 1]:
            evidence = evidence.model_copy(update={"quote": found.quote})
        confidence = LOWER[found.confidence] if is_lesser else found.confidence
        yield Fact(found.field, found.value, found.rule, confidence, evidence)
