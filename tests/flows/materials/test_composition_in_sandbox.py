"""The sandbox's own registry, bucket and scanner: staging goes on, production refuses."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect_aws import AwsCredentials

from blocks.aws import aws_client
from blocks.delivery_environment import DeliveryEnvironment
from delightful.composition.model import Composition, Outcome
from delightful.errors import Refused
from delightful.manifest import Manifest
from delightful.release import Image
from flows.build import build
from flows.materials.composition import judge, refuse_where_asked
from sandbox import lifecycle
from sandbox.description import SandboxDescription
from sandbox.settings import SandboxSettings

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("told_plainly")]

PROJECT = Path(__file__).resolve().parents[3]
COMMIT = "c" * 40


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxDescription]:
    """Return a sandbox without Prefect."""
    settings = SandboxSettings(tasks="process", prefect=False)
    with lifecycle.running(tmp_path_factory.mktemp("composition"), settings) as description:
        yield description


def environment(sandbox: SandboxDescription, name: str) -> DeliveryEnvironment:
    """Return the sandbox as an environment of that name."""
    credentials = AwsCredentials(
        aws_access_key_id=sandbox.access_key_id,
        aws_secret_access_key=sandbox.secret_access_key,
        region_name=sandbox.region,
        aws_client_parameters={"endpoint_url": sandbox.aws_endpoint_url},
    )
    return DeliveryEnvironment(
        environment=name,
        credentials=credentials,
        state_bucket=sandbox.state_bucket,
        lock_table=sandbox.lock_table,
        ledger_table=sandbox.ledger_table,
        artifact_bucket=sandbox.artifact_bucket,
        infrastructure_directory=PROJECT / "infrastructure",
        packaging="files",
        poll_seconds=0.1,
    )


def test_production_refuses_what_staging_takes(
    sandbox: SandboxDescription, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One image for both: its documents lie by version, and nothing scans an image here."""
    monkeypatch.setattr(DeliveryEnvironment, "load", lambda name: environment(sandbox, name))
    staging = environment(sandbox, "staging")
    aws_client(staging.credentials, "ecr").create_repository(repositoryName="api")

    first, composition = _judged(source, "staging")
    refuse_where_asked("staging", composition)
    assert composition.outcome is Outcome.NOT_SCANNED
    assert "The sandbox has no image scanner" in composition.label

    again, composition = _judged(source, "production")
    with pytest.raises(Refused, match=r"E_NOT_SCANNED .*has no image scanner"):
        refuse_where_asked("production", composition)
    assert (again.digest, again.adopted) == (first.digest, True)
    assert first.attestations is not None
    assert again.attestations == first.attestations

    store = staging.attestations("api")
    sbom = json.loads(store.read(first.attestations.sbom))
    assert sbom["metadata"]["component"]["version"] == first.digest
    lost = first.attestations.sbom.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(Refused, match=r"E_ATTESTATION .*sha256 differs"):
        store.read(lost)
    gone = first.attestations.sbom.model_copy(update={"version_id": "nothing-like-it"})
    with pytest.raises(Refused, match=r"E_ATTESTATION .*is gone"):
        store.read(gone)
    assert store.latest(f"sha256:{'0' * 64}") is None
    assert store.builder_rule(None).admits(store.caller())
    assert not store.builder_rule("api-build").admits(store.caller())


def _judged(source: str, name: str) -> tuple[Image, Composition]:
    image = build(service="api", environment=name, commit=COMMIT, source=source)
    return image, judge("api", name, image, Manifest(service="api"))
