"""How long the analyzer takes, beside a yardstick: `python -m benchmarks.analyzer_speed`.

Every figure is of a process of its own, best of three: the command over 20,000 files, and the
Lambda's zip from nothing to its first answer over 200 files, with the memory that each needed.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

from analyzer.packaging import write_zip

FILES = 20_000
FEW_FILES = 200
TRIES = 3
# Additions in a loop: what a second is worth on this machine, now.
YARDSTICK = "x = 0\nfor n in range(30_000_000): x += n"
MODULE = """import {{ Router }} from "express";
import {{ query }} from "../database/connection";

export const router{number} = Router();

router{number}.get("/items/{number}", async (request, response) => {{
  const rows = await query("SELECT * FROM items WHERE id = $1", [process.env.ITEM_{group}]);
  response.json(rows.map((row) => ({{ id: row.id, name: row.name, price: row.price }})));
}});
"""
ENTRY = """const app = require("express")();
app.get("/healthz", (request, response) => response.end());
app.listen(process.env.PORT || 4000);
"""
PACKAGE = """{
  "name": "shop",
  "scripts": {"start": "node src/index.js"},
  "dependencies": {"express": "4", "pg": "8"}
}
"""
COLD = """
import sys, time
begun = time.process_time()
sys.path.insert(0, sys.argv[1])
from analyzer import lambda_functions as entry
loaded = time.process_time()
import pathlib
tree = entry.SourceTree.of_folder(pathlib.Path(sys.argv[2]))
subject = entry.AnalyzedCommit(service="shop", environment="staging", commit="0" * 40)
entry.analyzed(tree, subject)
print(loaded - begun, time.process_time() - loaded)
"""


def main() -> None:
    """Measure and print one line a figure."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        yardstick = min(_run([sys.executable, "-c", YARDSTICK])[0] for _ in range(TRIES))
        print(f"yardstick (30 million additions): {yardstick:.2f} s")
        many = repository(place / "many", FILES)
        command = [sys.executable, "-m", "cli.main", "analyze", str(many), "--json"]
        seconds, mebibytes = min(_run(command) for _ in range(TRIES))
        print(f"command, {FILES} files: {seconds:.2f} s with its start, {mebibytes:.0f} MiB")
        few = repository(place / "few", FEW_FILES)
        loading, answering = min(_cold(place, few) for _ in range(TRIES))
        print(f"zip, {FEW_FILES} files: {loading:.2f} s to load, {answering:.2f} s to answer (CPU)")


def repository(folder: Path, files: int) -> Path:
    """Write a service of so many files and return its folder."""
    (folder / "src").mkdir(parents=True)
    (folder / "package.json").write_text(PACKAGE)
    (folder / "src" / "index.js").write_text(ENTRY)
    for number in range(files - 2):
        inside = folder / "src" / f"part{number // 200}"
        inside.mkdir(exist_ok=True)
        text = MODULE.format(number=number, group=number // 200)
        (inside / f"route{number}.ts").write_text(text)
    return folder


def _run(command: Sequence[str]) -> tuple[float, float]:
    """Return a process's wall seconds and the most memory that it had, in MiB."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[1:4]} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - begun, _mebibytes(used)


def _mebibytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)


def _cold(place: Path, repository: Path) -> tuple[float, float]:
    unpacked = place / "zip"
    if not unpacked.exists():
        write_zip(place / "analyzer.zip")
        with zipfile.ZipFile(place / "analyzer.zip") as archive:
            archive.extractall(unpacked)
    told = subprocess.run(
        [sys.executable, "-S", "-I", "-c", COLD, str(unpacked), str(repository)],
        capture_output=True,
        text=True,
        check=True,
    )
    loading, answering = map(float, told.stdout.split())
    return loading, answering


if __name__ == "__main__":
    main()
