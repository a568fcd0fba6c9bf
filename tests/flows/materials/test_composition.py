"""What is not known of an image, or known against it, and what that keeps from happening."""

import json
import threading
from pathlib import Path

import pytest

from delightful.composition.model import (
    Attestations,
    Finding,
    Outcome,
    ScanReport,
    Severity,
    StoredDocument,
)
from delightful.errors import ExitCode, Refused
from delightful.release import Image, Release, ReleaseState
from flows.deploy import deploy
from flows.materials.composition import beside
from flows.rollback import rollback
from tests.delightful.samples import commit
from tests.flows.fake_evidence import BUILDER
from tests.flows.fakes.cloud import FakeCloud

pytestmark = pytest.mark.usefixtures("told_plainly")

BLIND = ScanReport(scanner="pip-audit", subject="requirements.txt", unseen="connection refused")
FINDING = Finding(
    advisory="CVE-2026-1", package="jinja2", version="2.10", severity=Severity.CRITICAL
)
FOUND = ScanReport(
    scanner="pip-audit", subject="requirements.txt", components=3, findings=(FINDING,)
)


def deployed(source: str, number: int, *, dry_run: bool = False) -> Release:
    """Deploy the commit of a number, with its whole history."""
    return deploy(
        service="api",
        environment="sandbox",
        commit=commit(number),
        source=source,
        history=[commit(earlier) for earlier in range(number, 0, -1)],
        dry_run=dry_run,
    )


def newest(cloud: FakeCloud) -> Release:
    """Return the last attempt."""
    return cloud.ledger("api").history("api", "sandbox")[0]


def key(number: int, name: str) -> str:
    """Return where a document of an image lies."""
    return f"attestations/api/sha256:{commit(number):0>64}/{name}"


@pytest.fixture
def production(cloud: FakeCloud) -> FakeCloud:
    """Return a cloud that asks for a scan."""
    cloud.asks_for_scan = True
    return cloud


@pytest.mark.parametrize(("report", "code"), [(BLIND, "E_NOT_SCANNED"), (FOUND, "E_VULNERABLE")])
def test_production_refuses_before_anything_is_applied(
    production: FakeCloud, source: str, report: ScanReport, code: str
) -> None:
    """Exit code 4, nothing applied, and the record says what was not seen or was found."""
    production.reports.append(report)
    with pytest.raises(Refused) as refused:
        deployed(source, 1)
    assert (refused.value.code, refused.value.exit_code) == (code, ExitCode.REFUSED)
    assert production.effects == ["build", "push"]
    record = newest(production)
    assert record.state is ReleaseState.FAILED
    assert record.composition is not None
    assert record.composition.label in str(refused.value)


@pytest.mark.parametrize(
    ("report", "outcome"), [(BLIND, Outcome.NOT_SCANNED), (FOUND, Outcome.FOUND)]
)
def test_other_environments_go_on_and_show_the_label(
    cloud: FakeCloud, source: str, report: ScanReport, outcome: Outcome
) -> None:
    """The release is GOOD, and its record bears what was not seen or was found."""
    cloud.reports.append(report)
    release = deployed(source, 1)
    assert release.state is ReleaseState.GOOD
    assert release.composition is not None
    assert release.composition.outcome is outcome


def test_production_takes_what_was_looked_at_whole(production: FakeCloud, source: str) -> None:
    """A service that needs nothing, in an image with nothing in it, passes with its reasons."""
    release = deployed(source, 1)
    assert (release.state, release.composition and release.composition.outcome) == (
        ReleaseState.GOOD,
        Outcome.PASSED,
    )


def test_the_registry_that_could_not_look_counts_too(production: FakeCloud, source: str) -> None:
    """ECR's own scan is one of the scanners."""
    production.registry_report = ScanReport(scanner="ECR", subject="api", unseen="FAILED")
    with pytest.raises(Refused, match="E_NOT_SCANNED"):
        deployed(source, 1)


def test_an_allowance_in_the_manifest_lets_it_through(production: FakeCloud, source: str) -> None:
    """What the service bears, with reason and day, does not count until that day is over."""
    production.reports.append(FOUND)
    manifest = Path(source) / ".delightful.yaml"
    allowed = "{advisory: CVE-2026-1, reason: never reached here, until: '9999-12-31'}"
    manifest.write_text(manifest.read_text() + f"composition: {{allow: [{allowed}]}}\n")
    assert deployed(source, 1).state is ReleaseState.GOOD


def test_what_was_built_is_written_down_before_it_is_pushed(cloud: FakeCloud, source: str) -> None:
    """Bill of materials, provenance and scan lie by digest; the record holds them."""
    release = deployed(source, 1)
    assert release.image is not None
    written = release.image.attestations
    assert written is not None
    assert written.sbom.key == key(1, "sbom.cdx.json")
    assert set(cloud.written._bucket.versions) == {
        key(1, name) for name in ("sbom.cdx.json", "provenance.intoto.json", "scan.json")
    }
    statement = json.loads(cloud.written.read(written.provenance))
    assert statement["predicate"]["runDetails"]["builder"]["id"] == BUILDER
    assert release.attestation is not None
    assert release.attestation.ok


def test_a_dry_run_scans_and_writes_nothing_down(cloud: FakeCloud, source: str) -> None:
    """It says what a deploy would say, and leaves no trace."""
    cloud.reports.append(BLIND)
    release = deployed(source, 1, dry_run=True)
    assert release.composition is not None
    assert release.composition.outcome is Outcome.NOT_SCANNED
    assert not cloud.written._bucket.versions


def test_an_image_by_another_builder_gets_no_traffic(cloud: FakeCloud, source: str) -> None:
    """Whoever pushed it, only one role may build; the inputs go back, the earlier one serves."""
    cloud.serve(1)
    cloud.written._builder = BUILDER.replace("api-build", "web-build")
    with pytest.raises(Refused, match=r"E_ATTESTATION .*only api-build"):
        deployed(source, 2)
    assert "create rollout" not in cloud.effects
    assert cloud.serving_commit() == commit(1)
    assert cloud.applied["image_tag"] == commit(1)


def test_documents_of_another_image_give_no_traffic(
    cloud: FakeCloud, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What vouches for one image does not vouch for what the task definition really runs."""
    other = f"sha256:{'f' * 64}"
    monkeypatch.setattr(
        "tests.flows.fakes.live.FakeEcs.image_digest", lambda self, arn, container: other
    )
    with pytest.raises(Refused, match=f"E_ATTESTATION .*the task definition runs {other}"):
        deployed(source, 1)


def test_a_document_that_was_changed_gives_no_traffic(cloud: FakeCloud, source: str) -> None:
    """The record holds version and hash: a version that has other bytes now is refused."""
    first = deployed(source, 1)
    deployed(source, 2)
    cloud.written._bucket.versions[key(1, "provenance.intoto.json")][0] += b" "
    with pytest.raises(Refused, match=r"E_ATTESTATION .*sha256 differs"):
        rollback(service="api", environment="sandbox", release=first.release_id)
    assert cloud.serving_commit() == commit(2)


def test_a_rollback_verifies_and_one_to_before_attestations_says_so(
    cloud: FakeCloud, source: str
) -> None:
    """A release of before they were written can be taken back, unverified and told as such."""
    cloud.asks_for_scan = True
    early = cloud.serve(1)
    middle = deployed(source, 2)
    deployed(source, 3)
    verified = rollback(service="api", environment="sandbox", release=middle.release_id)
    assert verified.attestation is not None
    assert verified.attestation.ok
    told = rollback(service="api", environment="sandbox", release=early.release_id)
    assert (told.state, told.attestation and told.attestation.ok) == (ReleaseState.GOOD, None)


def test_production_deploys_no_image_of_which_nothing_is_written_down(
    production: FakeCloud, source: str
) -> None:
    """A worker that adopts what CI pushed takes it with its documents or not at all."""
    production.packaging = "adopt"
    production.images[commit(1)] = pushed_by_hand()
    with pytest.raises(Refused, match="E_NOT_SCANNED"):
        deployed(source, 1)


def test_a_worker_takes_the_scan_that_the_builder_wrote_down(
    production: FakeCloud, source: str
) -> None:
    """Where nothing is built, what CI saw counts, and its documents are verified."""
    first = deployed(source, 1)
    production.packaging = "adopt"
    production.reports.append(BLIND)
    production.primary = None
    release = deployed(source, 1)
    assert release.image is not None
    assert first.image is not None
    assert release.image.attestations == first.image.attestations


def test_a_document_that_is_gone_is_told() -> None:
    """A version that is no longer there vouches for nothing."""
    cloud = FakeCloud()
    gone = StoredDocument(bucket="artifacts", key="x", version_id="1", sha256="0" * 64)
    with pytest.raises(Refused, match=r"E_ATTESTATION .*is gone"):
        cloud.written.read(Attestations(sbom=gone, provenance=gone, scan=gone).sbom)


def test_the_scan_runs_while_the_image_is_built() -> None:
    """Neither waits for the other, and what the scan raises is raised where it is asked for."""
    both = threading.Barrier(2, timeout=20)
    with beside(both.wait) as scanning:
        both.wait()
    assert scanning.result() in (0, 1)


def pushed_by_hand() -> Image:
    """Return an image of which nobody wrote anything down."""
    return Image(
        repository_url="registry/api",
        tag=commit(1),
        digest=f"sha256:{commit(1):0>64}",
        packaging="container",
    )
