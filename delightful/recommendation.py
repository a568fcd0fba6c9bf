"""What the analyzer answers: values with the lines they were read from."""

from typing import Literal

from pydantic import JsonValue

from delightful.frozen import Frozen

Confidence = Literal["high", "medium", "low"]
MigrationRisk = Literal["expand", "contract", "irreversible", "unknown"]


class Evidence(Frozen):
    """One quoted line of the service's own repository; `line` counts from 1."""

    file: str
    line: int
    quote: str


class Answer(Frozen):
    """One field's value, the rule that found it and the lines that prove it.

    A value of None is the answer "unknown"; it carries no evidence.
    """

    field: str
    value: JsonValue
    rule: str
    confidence: Confidence
    evidence: tuple[Evidence, ...] = ()


class Migration(Frozen):
    """A changed migration, what it does to the release before it, and the line that says so."""

    path: str
    risk: MigrationRisk
    reason: str
    evidence: Evidence


class Recommendation(Frozen):
    """Everything the analyzer says of one service at one commit.

    `folder` is where the service lies in its repository, "" for the root; evidence names files
    relative to it.

    `variables` is the content of `terraform.tfvars.json`: only names that
    `infrastructure/service/variables.tf` declares. `migrations` are those that changed since the
    commit that it was compared with; None where it was compared with none.
    """

    schema_version: Literal[1] = 1
    service: str
    commit: str
    folder: str = ""
    answers: tuple[Answer, ...]
    variables: dict[str, JsonValue]
    migrations: tuple[Migration, ...] | None = None
    notes: tuple[str, ...] = ()

    def answer(self, field: str) -> Answer | None:
        """Return the answer for a field, or None where the analyzer has nothing to say."""
        return next((answer for answer in self.answers if answer.field == field), None)
