"""Asks pip-audit and npm audit what is known against the packages of lock files."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl

from blocks.child_process import ChildCommand, inherited_environment, required_tool, run_child
from blocks.scanning.advisory_severity import rated
from blocks.scanning.scan_cache import ScanCache, home_cache
from blocks.scanning.scanner_output import (
    MAX_OUTPUT_BYTES,
    NoAnswer,
    npm_audit_findings,
    pip_audit_findings,
)
from delightful.composition.lock_files import LockFile
from delightful.composition.model import Component, Finding, Scanner, ScanReport
from delightful.composition.survey import Survey, coverage_report
from delightful.errors import DelightfulError
from delightful.text import escaped

Looked = tuple[int, tuple[Finding, ...]]

_SCANNERS: dict[str, Scanner] = {"pypi": "pip-audit", "npm": "npm audit"}
_STOP_SECONDS = 5.0
_NPM_HINT = "install Node.js with npm where images are built"


class DependencyScanner(Block):
    """
    Scans the packages that lock files list; nothing of the service is run or installed.

    Example:
        Scan what a folder's lock files list:
        ```python
        from blocks.images.dependency_files import surveyed
        from blocks.scanning.dependency_scanner import DependencyScanner

        scanner = DependencyScanner.load("BLOCK_NAME")
        print(scanner.scan(folder, surveyed(folder)))
        ```
    """

    _block_type_name = "Dependency Scanner"
    _block_type_slug = "dependency-scanner"
    _documentation_url = HttpUrl("https://github.com/pypa/pip-audit")

    osv_url: HttpUrl = Field(
        default=HttpUrl("https://api.osv.dev/v1/query"),
        description="Address at which pip-audit asks for advisories, of OSV's form.",
    )
    npm_registry_url: HttpUrl = Field(
        default=HttpUrl("https://registry.npmjs.org/"),
        description="Registry that npm audit asks for advisories.",
    )
    deadline_seconds: int = Field(
        default=120, ge=1, le=1800, description="How long one scanner may take."
    )
    cache_minutes: int = Field(
        default=60, ge=0, le=1440, description="How long a report counts for the same lock file."
    )

    def scan(self, context: Path, survey: Survey) -> tuple[ScanReport, ...]:
        """Return a report of each lock file, and one of what no lock file covers.

        A scanner that could not look says why in its report; nothing is raised for it.
        """
        return (coverage_report(survey), *(self._of_lock(context, lock) for lock in survey.locks))

    def _of_lock(self, context: Path, lock: LockFile) -> ScanReport:
        if lock.fault is not None and not lock.components:
            return _report(lock, (0, ()), lock.fault)
        cache = ScanCache(directory=home_cache(), seconds=self.cache_minutes * 60)
        key = (lock.path, lock.sha256, str(self.osv_url), str(self.npm_registry_url))
        report = cache.find(*key)
        if report is None:
            report = self._asked(context, lock)
            cache.keep(report, *key)
        return report

    def _asked(self, context: Path, lock: LockFile) -> ScanReport:
        if not lock.components:
            return _report(lock, (0, ()), None)
        ask = self._pip_audit if lock.ecosystem == "pypi" else self._npm_audit
        with tempfile.TemporaryDirectory(prefix="delightful-scan-") as folder:
            try:
                looked = ask(Path(folder), context, lock)
                return _report(lock, looked, lock.fault or _shortage(lock, looked))
            except NoAnswer as reason:
                return _report(lock, (0, ()), str(reason))
            except DelightfulError as error:
                return _report(lock, (0, ()), error.message)

    def _pip_audit(self, scratch: Path, context: Path, lock: LockFile) -> Looked:
        looked = [self._pins_audited(scratch, pins) for pins in _pin_files(scratch, lock)]
        findings = tuple(finding for _, found in looked for finding in found)
        return sum(count for count, _ in looked), rated(findings, str(self.osv_url))

    def _pins_audited(self, scratch: Path, pins: Path) -> Looked:
        output = pins.with_suffix(".json")
        argv = (
            *(sys.executable, "-I", "-m", "pip_audit", "--strict", "--no-deps", "--disable-pip"),
            *("--vulnerability-service", "osv", "--osv-url", str(self.osv_url)),
            *("--format", "json", "--desc", "off", "--progress-spinner", "off"),
            *("--cache-dir", str(scratch / "cache"), "--output", str(output)),
            *("--requirement", str(pins)),
        )
        lines: list[str] = []
        self._run(scratch, argv, lines.append, mixes_errors=True)
        if not output.is_file():
            raise NoAnswer(_last(lines))
        left_out = [line for line in lines if "pip_audit._service" in line]
        if left_out:
            raise NoAnswer(_last(left_out))
        return pip_audit_findings(_bounded(output))

    def _npm_audit(self, scratch: Path, context: Path, lock: LockFile) -> Looked:
        beside = (context / lock.path).parent
        project = scratch / "project"
        project.mkdir()
        # Not the whole folder: an .npmrc of the service's would choose another registry.
        shutil.copyfile(context / lock.path, project / Path(lock.path).name)
        if (beside / "package.json").is_file():
            shutil.copyfile(beside / "package.json", project / "package.json")
        argv = (
            *(required_tool("npm", (), _NPM_HINT), "audit", "--json", "--package-lock-only"),
            *("--ignore-scripts", "--registry", str(self.npm_registry_url)),
            *("--fetch-retries=1", "--fetch-retry-mintimeout=500", "--loglevel=error"),
            *("--include=dev", "--include=optional", "--include=peer", "--workspaces=false"),
        )
        lines: list[str] = []
        self._run(project, argv, lines.append, mixes_errors=False)
        return npm_audit_findings("\n".join(lines).encode())

    def _run(
        self,
        directory: Path,
        argv: tuple[str, ...],
        keep: Callable[[str], None],
        *,
        mixes_errors: bool,
    ) -> None:
        size = 0

        def on_line(line: str) -> None:
            nonlocal size
            size += len(line) + 1
            if size > MAX_OUTPUT_BYTES:
                raise NoAnswer(f"more than {MAX_OUTPUT_BYTES} bytes of output")
            keep(line)

        command = ChildCommand(
            argv=argv,
            directory=directory,
            environment=_environment(directory),
            deadline_seconds=self.deadline_seconds,
            stop_seconds=_STOP_SECONDS,
            mixes_errors=mixes_errors,
        )
        # Both tools end with 1 for what they found and for what they could not do alike.
        run_child(command, on_line)


def _environment(scratch: Path) -> dict[str, str]:
    """Return an environment without credentials: no home with an .npmrc or a .netrc in it."""
    # Files that are not there; npm refuses one file for both.
    return {
        **inherited_environment(os.environ),
        "HOME": str(scratch),
        "PIP_CONFIG_FILE": os.devnull,
        "npm_config_userconfig": str(scratch / "no-user-config"),
        "npm_config_globalconfig": str(scratch / "no-global-config"),
        "npm_config_cache": str(scratch / "npm-cache"),
        "npm_config_logs_max": "0",
        "npm_config_update_notifier": "false",
        "npm_config_audit": "true",
    }


def _pin_files(scratch: Path, lock: LockFile) -> Iterator[Path]:
    """Write the pins; a lock may hold several versions of one package, a file only one."""
    rounds: list[dict[str, Component]] = []
    for component in lock.components:
        free = next((pins for pins in rounds if component.name not in pins), None)
        if free is None:
            free = {}
            rounds.append(free)
        free[component.name] = component
    for number, pins in enumerate(rounds):
        file = scratch / f"pins-{number}.txt"
        file.write_text("".join(f"{one.name}=={one.version}\n" for one in pins.values()))
        yield file


def _shortage(lock: LockFile, looked: Looked) -> str | None:
    if looked[0] >= len(lock.components):
        return None
    return f"looked at {looked[0]} of {len(lock.components)} packages"


def _report(lock: LockFile, looked: Looked, unseen: str | None) -> ScanReport:
    return ScanReport(
        scanner=_SCANNERS[lock.ecosystem],
        subject=lock.path,
        components=looked[0],
        unseen=escaped(unseen, limit=300) if unseen is not None else None,
        findings=looked[1],
    )


def _last(lines: list[str]) -> str:
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else "it ended without an answer"


def _bounded(file: Path) -> bytes:
    if file.stat().st_size > MAX_OUTPUT_BYTES:
        raise NoAnswer(f"more than {MAX_OUTPUT_BYTES} bytes of output")
    return file.read_bytes()
