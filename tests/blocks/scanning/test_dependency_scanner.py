"""pip-audit and npm audit really run, against advisories on this machine."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import HttpUrl

from blocks.images.dependency_files import surveyed
from blocks.scanning.dependency_scanner import DependencyScanner
from delightful.composition.model import ScanReport, Severity
from tests.stand_ins.advisories import (
    JINJA,
    LODASH,
    Advisories,
    advisory_server,
    jinja_advisory,
    lodash_advisory,
)
from tests.stand_ins.local_server import Answer, LocalServer

pytestmark = pytest.mark.sandbox

HASH = "--hash=sha256:" + "0" * 64
needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")


@pytest.fixture
def advisories() -> Advisories:
    """Return advisories against an old Jinja and an old lodash."""
    return Advisories(
        python={"jinja2": [jinja_advisory()]},
        node={"lodash": [lodash_advisory()]},
        severities={JINJA: "HIGH"},
    )


@pytest.fixture
def server(advisories: Advisories) -> Iterator[LocalServer]:
    """Serve them."""
    with advisory_server(advisories) as running:
        yield running


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


def scanner(url: str, **settings: int) -> DependencyScanner:
    """Return a scanner that asks one server for everything."""
    return DependencyScanner(
        osv_url=HttpUrl(f"{url}/v1/query"), npm_registry_url=HttpUrl(f"{url}/"), **settings
    )


def scanned(folder: Path, url: str, **settings: int) -> dict[str, ScanReport]:
    """Scan a folder; reports by scanner."""
    reports = scanner(url, **settings).scan(folder, surveyed(folder))
    return {report.scanner: report for report in reports}


def python_service(folder: Path, version: str = "2.10.0") -> Path:
    """Write a lock file of two packages."""
    (folder / "requirements.txt").write_text(f"jinja2=={version} {HASH}\nmarkupsafe==2.0 {HASH}\n")
    return folder


def node_service(folder: Path) -> Path:
    """Write a package that wants an old lodash, with its lock file."""
    wanted = {"lodash": "4.17.0"}
    (folder / "package.json").write_text(json.dumps({"name": "x", "dependencies": wanted}))
    packages = {
        "": {"name": "x", "dependencies": wanted},
        "node_modules/lodash": {
            "version": "4.17.0",
            "resolved": "https://registry.npmjs.org/lodash/-/lodash-4.17.0.tgz",
            "integrity": "sha512-aaaa",
        },
    }
    (folder / "package-lock.json").write_text(
        json.dumps({"name": "x", "lockfileVersion": 3, "requires": True, "packages": packages})
    )
    return folder


def test_finds_what_is_known_against_a_python_package(tmp_path: Path, server: LocalServer) -> None:
    """pip-audit looks at every pin; the severity is GitHub's, read from the same database."""
    report = scanned(python_service(tmp_path), server.url)["pip-audit"]
    assert (report.unseen, report.components) == (None, 2)
    (finding,) = report.findings
    assert finding.names == {"PYSEC-2019-217", JINJA, "CVE-2019-10906"}
    assert (finding.package, finding.version) == ("jinja2", "2.10.0")
    assert finding.severity is Severity.HIGH


def test_an_advisory_that_nobody_rated_is_unknown(
    tmp_path: Path, server: LocalServer, advisories: Advisories
) -> None:
    """Without a severity in the database it stays unknown, which counts as the worst."""
    advisories.severities.clear()
    report = scanned(python_service(tmp_path), server.url)["pip-audit"]
    assert [one.severity for one in report.findings] == [Severity.UNKNOWN]


def test_asks_once_for_the_same_lock_file(tmp_path: Path, server: LocalServer) -> None:
    """A report counts for an hour for the same bytes; other bytes are looked at anew."""
    first = scanned(python_service(tmp_path), server.url)
    asked = len(server.asked)
    assert scanned(tmp_path, server.url) == first
    assert len(server.asked) == asked > 0
    scanned(python_service(tmp_path, "3.1.6"), server.url)
    assert len(server.asked) > asked


@pytest.mark.parametrize("answer", [Answer(500), Answer(drop=True), Answer(body=b"<html>")])
def test_what_does_not_answer_as_it_should_is_not_scanned(
    tmp_path: Path, server: LocalServer, advisories: Advisories, answer: Answer
) -> None:
    """A database that fails, hangs up or answers something else is never "nothing found"."""
    advisories.answer = answer
    report = scanned(python_service(tmp_path), server.url)["pip-audit"]
    assert report.unseen
    assert not report.findings


def test_an_advisory_without_what_it_affects_is_not_passed_over(
    tmp_path: Path, server: LocalServer, advisories: Advisories
) -> None:
    """pip-audit itself leaves such an advisory out with a warning: that is no look."""
    advisories.python["markupsafe"] = [{"id": "PYSEC-2030-1"}]
    report = scanned(python_service(tmp_path), server.url)["pip-audit"]
    assert "PYSEC-2030-1" in str(report.unseen)


def test_nobody_there_is_not_scanned_and_is_not_remembered(
    tmp_path: Path, server: LocalServer
) -> None:
    """Where nobody listens the report says so, and the next scan asks again."""
    python_service(tmp_path)
    assert "refused" in str(scanned(tmp_path, "http://127.0.0.1:9")["pip-audit"].unseen)
    assert scanned(tmp_path, server.url)["pip-audit"].unseen is None


def test_a_scanner_that_takes_too_long_is_not_scanned(tmp_path: Path, server: LocalServer) -> None:
    """A deadline that passes is a reason, not a pass."""
    report = scanned(python_service(tmp_path), server.url, deadline_seconds=1)["pip-audit"]
    # A second is enough on a fast machine: then it looked.
    assert report.unseen is None or "did not end" in report.unseen


def test_scans_several_versions_of_one_package(tmp_path: Path, server: LocalServer) -> None:
    """A lock for several platforms may hold a package twice; both versions are looked at."""
    lock = "version = 1\n" + "".join(
        f'[[package]]\nname = "jinja2"\nversion = "{version}"\n'
        'source = { registry = "https://pypi.org/simple" }\n'
        for version in ("2.10.0", "3.1.6")
    )
    (tmp_path / "uv.lock").write_text(lock)
    assert scanned(tmp_path, server.url)["pip-audit"].components == 2


def test_takes_no_credential_and_runs_nothing_of_the_service(
    tmp_path: Path, server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build backend that would leave a trace leaves none, and no header bears our token."""
    monkeypatch.setenv("PIP_INDEX_URL", "http://user:canary@127.0.0.1:9/simple")
    trace = tmp_path / "trace"
    (tmp_path / "setup.py").write_text(f"open({str(trace)!r}, 'w')")
    scanned(python_service(tmp_path), server.url)
    assert not trace.exists()
    assert all("canary" not in json.dumps(one.headers) for one in server.asked)


@needs_npm
def test_finds_what_is_known_against_a_node_package(tmp_path: Path, server: LocalServer) -> None:
    """npm audit asks the registry that the block names, and its advisory comes with a severity."""
    report = scanned(node_service(tmp_path), server.url)["npm audit"]
    assert (report.unseen, report.components) == (None, 1)
    assert [(one.advisory, one.severity) for one in report.findings] == [
        (LODASH, Severity.CRITICAL)
    ]


@needs_npm
def test_the_services_own_npmrc_chooses_nothing(tmp_path: Path, server: LocalServer) -> None:
    """A registry, or a way to turn the audit off, in the service's folder is not read."""
    (tmp_path / ".npmrc").write_text("registry=http://127.0.0.1:9/\naudit=false\nomit=prod\n")
    assert scanned(node_service(tmp_path), server.url)["npm audit"].findings


@needs_npm
@pytest.mark.parametrize("answer", [Answer(500), Answer(403), Answer(body=b"<html>")])
def test_a_registry_that_refuses_is_not_scanned(
    tmp_path: Path, server: LocalServer, advisories: Advisories, answer: Answer
) -> None:
    """A registry without advisories is never "nothing found"."""
    advisories.answer = answer
    assert scanned(node_service(tmp_path), server.url)["npm audit"].unseen


def test_without_npm_a_node_service_is_not_scanned(
    tmp_path: Path, server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing tool is a reason, not a pass."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "npm is not installed" in str(
        scanned(node_service(tmp_path), server.url)["npm audit"].unseen
    )


def test_a_service_without_dependencies_provably_has_none(
    tmp_path: Path, server: LocalServer
) -> None:
    """No file declares anything: one report says so, and nobody is asked."""
    (tmp_path / "server.py").write_text("print('hello')")
    assert scanned(tmp_path, server.url)["lock files"].unseen is None
    assert not server.asked
