"""What the analyzer answers: values with the lines they were read from, size and cost."""

from collections.abc import Iterable
from typing import Literal

from pydantic import JsonValue

from delightful.frozen import Frozen
from delightful.settings import Settings

Confidence = Literal["high", "medium", "low"]
MigrationRisk = Literal["expand", "contract", "irreversible", "unknown"]
WORST_RISKS_FIRST: tuple[MigrationRisk, ...] = ("irreversible", "contract", "unknown", "expand")


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


def worst_risk(migrations: Iterable[Migration]) -> MigrationRisk | None:
    """Return the worst risk of some migrations, or None where there is none."""
    risks = {migration.risk for migration in migrations}
    return next((risk for risk in WORST_RISKS_FIRST if risk in risks), None)


class Reason(Frozen):
    """Why one of the settings has its value, in words, and where somebody sets another.

    `evidence` is empty where only assumptions speak.
    """

    field: str
    text: str
    overrule: str
    evidence: tuple[Evidence, ...] = ()


class Sizing(Frozen):
    """The settings that are recommended, what they were worked out from, and why.

    `requests_per_second` is the declared peak, `requests_per_second_per_task` what one task is
    trusted with; `memory_needed_mib` is the estimate before it is rounded to a size on sale.
    """

    settings: Settings
    requests_per_second: int | None
    requests_per_second_per_task: float
    memory_needed_mib: int
    database_connections: int | None = None
    reasons: tuple[Reason, ...]

    def reason(self, field: str) -> Reason | None:
        """Return why a setting has its value, or None where there is nothing to say."""
        return next((reason for reason in self.reasons if reason.field == field), None)


class CostLine(Frozen):
    """What one thing costs in a month: so many units at so much each."""

    what: str
    quantity: float
    unit: str
    unit_usd: float
    monthly_usd: float


class Cost(Frozen):
    """What settings cost in a month at list price, with all that the figure rests on.

    `monthly_usd` is with the fewest tasks, `at_most_usd` with the most of them all month.
    `unpriced` names what would belong to it and has no price: with it no sum is whole.
    `prices_as_of` is the day that the table was read, `prices_source` from where.
    """

    region: str
    monthly_usd: float
    at_most_usd: float
    lines: tuple[CostLine, ...]
    assumptions: tuple[str, ...]
    not_counted: tuple[str, ...]
    unpriced: tuple[str, ...] = ()
    prices_as_of: str
    prices_source: str


class ServiceFolder(Frozen):
    """A folder of the repository that holds a service, "" for its root, and the line that shows it.

    `rule` is `services/compose-build`, `services/dockerfile` or `services/project`.
    """

    folder: str
    rule: str
    evidence: Evidence


class WrittenVariables(Frozen):
    """One version of a `terraform.tfvars.json` in S3, and the hash of what it holds.

    `version_id` is None in a bucket without versions.
    """

    bucket: str
    key: str
    version_id: str | None
    sha256: str

    @property
    def place(self) -> str:
        """Return where it lies, as people name it."""
        return f"s3://{self.bucket}/{self.key}"


class Recommendation(Frozen):
    """Everything the analyzer says of one service at one commit.

    `folder` is where the service lies in its repository, "" for the root; evidence names files
    relative to it.

    `variables` is the content of `terraform.tfvars.json`: only names that
    `infrastructure/service/variables.tf` declares. `services` are those of the repository, where
    the whole of it was looked at. `migrations` are those that changed since the commit that it was
    compared with; None where it was compared with none. `migration_heads` are the newest of each
    folder of migrations, changed or not. `sizing` and `cost` are None where there is nothing to
    run.
    """

    schema_version: Literal[1] = 1
    service: str
    commit: str
    folder: str = ""
    answers: tuple[Answer, ...]
    variables: dict[str, JsonValue]
    services: tuple[ServiceFolder, ...] = ()
    migrations: tuple[Migration, ...] | None = None
    migration_heads: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sizing: Sizing | None = None
    cost: Cost | None = None

    def answer(self, field: str) -> Answer | None:
        """Return the answer for a field, or None where the analyzer has nothing to say."""
        return next((answer for answer in self.answers if answer.field == field), None)
