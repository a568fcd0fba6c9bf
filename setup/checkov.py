"""Have checkov look at the Terraform: 0 failed, and a reason beside everything that is skipped.

Its packages have a lock of their own, and an environment that is made when it is first asked for.
Run by `make checkov`, after the set-up.
"""

import json
import os
import subprocess
import sys
import venv
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import set_up

INFRASTRUCTURE = set_up.PROJECT / "infrastructure"
ENVIRONMENT = set_up.TOOLS / "checkov"
LOCK = "setup/checkov.lock"
STAMP = ENVIRONMENT / "delightful.stamp"
ROOTS = ("bootstrap", "registry", "platform", "service")

Report = dict[str, Any]


def install() -> None:
    """Install what the lock pins, once for each lock."""
    wanted = (set_up.PROJECT / LOCK).read_text() + sys.version
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return
    print("installing checkov into .tools (some seconds)", flush=True)
    venv.EnvBuilder(with_pip=False, clear=True, symlinks=True).create(ENVIRONMENT)
    set_up.install_into(ENVIRONMENT, LOCK)
    STAMP.write_text(wanted)


def scan() -> Report:
    """Scan all roots with the modules that they use, as infrastructure/.checkov.yaml says."""
    options = ("--config-file", ".checkov.yaml", "--directory", ".", "--output", "json")
    said = subprocess.run(
        [str(ENVIRONMENT / "bin" / "checkov"), *options],
        cwd=INFRASTRUCTURE,
        env={**os.environ, "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true", "LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    report: Report = json.loads(said.stdout)
    return report


def faults(report: Report) -> Iterator[str]:
    """Yield what keeps the Terraform from passing, a line each.

    A root of which nothing was looked at, a file that could not be read and a skip without a reason
    are faults too.
    """
    results: dict[str, list[Any]] = defaultdict(list, report.get("results", {}))
    for check in results["failed_checks"]:
        yield f"{_place(check)}: {check['check_id']} {check['check_name']}"
    for check in results["skipped_checks"]:
        if not check["check_result"].get("suppress_comment", "").strip():
            yield f"{_place(check)}: {check['check_id']} is skipped without a reason"
    yield from (f"{file}: could not be read" for file in results["parsing_errors"])
    seen = {check["file_path"].split("/")[1] for check in results["passed_checks"]}
    yield from (
        f"infrastructure/{root}: nothing was looked at" for root in ROOTS if root not in seen
    )


def _place(check: Report) -> str:
    return f"infrastructure{check['file_path']}:{check['file_line_range'][0]} {check['resource']}"


def main() -> int:
    """Install, scan and say what was found; return the exit code."""
    try:
        install()
        report = scan()
    except (subprocess.CalledProcessError, ValueError) as error:
        sys.stderr.write(f"E_CHECKOV checkov did not run ({error}) → read the lines above\n")
        return 6
    found = sorted(set(faults(report)))
    print("\n".join([*found, summary(report, found)]))
    return 1 if found else 0


def summary(report: Report, found: list[str]) -> str:
    """Return what was looked at, in one line."""
    counts = report.get("summary", report)
    told = (f"{counts[kind]} {kind}" for kind in ("passed", "failed", "skipped"))
    return f"checkov: {', '.join(told)}; {len(found)} to mend"


if __name__ == "__main__":
    sys.exit(main())
