"""Who made an image of what: an in-toto statement with SLSA's provenance, made and judged.

Formats: in-toto/attestation `spec/v1/statement.md`, slsa.dev/provenance/v1.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from delightful.errors import ConfigError
from delightful.frozen import Frozen
from delightful.reading.json import read_json
from delightful.text import escaped

BUILD_TYPE = "delightful://build/v1"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://slsa.dev/provenance/v1"
_ROLE_SESSION = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):sts::(?P<account>[0-9]{12}):assumed-role/(?P<role>[^/]+)/.+"
)


class Material(Frozen):
    """What went into an image: an address and, where it has one, its digest by algorithm."""

    uri: str
    digest: dict[str, str] = Field(default_factory=dict)


class Making(Frozen):
    """How an image came to be; `builder` is the ARN that STS calls the maker by.

    `run` is what GitHub Actions says of its run: repository, workflow, run id, ref.
    """

    service: str
    commit: str
    digest: str
    packaging: Literal["container", "files"]
    builder: str
    materials: tuple[Material, ...]
    run: dict[str, str] = Field(default_factory=dict)


class BuilderRule(Frozen):
    """Who may build: one role of an account, or where roles are not used anybody in it."""

    account: str
    role: str | None = None

    def admits(self, builder: str) -> bool:
        """Say whether an identity, as STS names it, may build."""
        if self.role is None:
            return (
                re.fullmatch(rf"arn:aws[a-z-]*:(iam|sts)::{self.account}:.+", builder) is not None
            )
        matched = _ROLE_SESSION.fullmatch(builder)
        return (
            matched is not None
            and matched["account"] == self.account
            and matched["role"] == self.role
        )


def provenance_of(making: Making) -> bytes:
    """Return the statement of how an image came to be; the same bytes for the same making."""
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": making.service, "digest": {"sha256": making.digest.removeprefix("sha256:")}}
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "service": making.service,
                    "commit": making.commit,
                    "packaging": making.packaging,
                },
                "internalParameters": making.run,
                "resolvedDependencies": [
                    one.model_dump(mode="json", exclude_defaults=True) for one in making.materials
                ],
            },
            "runDetails": {"builder": {"id": making.builder}},
        },
    }
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()


def github_run(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what GitHub Actions says of the run that builds, nothing elsewhere."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return {}
    return {
        name.removeprefix("GITHUB_").lower(): environment[name]
        for name in _GITHUB
        if environment.get(name)
    }


_GITHUB = (
    "GITHUB_REPOSITORY",
    "GITHUB_REPOSITORY_ID",
    "GITHUB_WORKFLOW_REF",
    "GITHUB_RUN_ID",
    "GITHUB_RUN_ATTEMPT",
    "GITHUB_REF",
    "GITHUB_SHA",
    "GITHUB_SERVER_URL",
)


def provenance_fault(data: bytes, *, digest: str, commit: str, rule: BuilderRule) -> str | None:
    """Return why a statement does not vouch for an image of a commit, or None where it does."""
    try:
        read_json(data, "provenance")
        statement = _Statement.model_validate_json(data)
    except (ConfigError, ValidationError) as error:
        return f"the provenance cannot be read: {escaped(str(error), limit=200)}"
    subjects = {f"sha256:{subject.digest['sha256']}" for subject in statement.subject}
    if subjects != {digest}:
        seen = ", ".join(sorted(subjects))
        return f"the provenance is of {escaped(seen, limit=200)}, the task definition runs {digest}"
    built_commit = statement.predicate.buildDefinition.externalParameters.get("commit")
    if built_commit != commit:
        return f"the provenance is of commit {escaped(str(built_commit))}, not of {commit}"
    builder = statement.predicate.runDetails.builder.id
    if not rule.admits(builder):
        may = rule.role or "an identity"
        return f"built by {escaped(builder, limit=200)}; only {may} of {rule.account} may build"
    return None


def sbom_fault(data: bytes, *, digest: str) -> str | None:
    """Return why a bill of materials is not that of an image, or None where it is."""
    try:
        document = read_json(data, "SBOM", max_bytes=32 * 1024 * 1024)
    except ConfigError as error:
        return f"the SBOM cannot be read: {escaped(str(error), limit=200)}"
    seen = _at(document, "metadata", "component", "version")
    if _at(document, "bomFormat") != "CycloneDX" or seen != digest:
        return f"the SBOM is of {escaped(str(seen), limit=200)}, the task definition runs {digest}"
    return None


def _at(document: Any, *path: str) -> Any:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


class _Subject(Frozen):
    name: str
    digest: dict[Literal["sha256"], Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = Field(
        min_length=1
    )


class _Builder(Frozen):
    id: Annotated[str, Field(max_length=2048)]


class _RunDetails(Frozen):
    builder: _Builder


class _BuildDefinition(Frozen):
    buildType: Literal["delightful://build/v1"]  # noqa: N815 - SLSA's name
    externalParameters: dict[str, Any]  # noqa: N815 - SLSA's name
    internalParameters: dict[str, Any]  # noqa: N815 - SLSA's name
    resolvedDependencies: tuple[Material, ...]  # noqa: N815 - SLSA's name


class _Predicate(Frozen):
    buildDefinition: _BuildDefinition  # noqa: N815 - SLSA's name
    runDetails: _RunDetails  # noqa: N815 - SLSA's name


class _Statement(Frozen):
    type: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    subject: tuple[_Subject, ...] = Field(min_length=1, max_length=1)
    predicateType: Literal["https://slsa.dev/provenance/v1"]  # noqa: N815 - in-toto's name
    predicate: _Predicate
