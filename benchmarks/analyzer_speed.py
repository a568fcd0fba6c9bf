"""How long the analyzer takes, beside a yardstick.

`python -m benchmarks.analyzer_speed [--labels LABELS.json --trees TREES]`

Every figure is of a process of its own, best of three: the command over 20,000 files, the Lambda's
zip from nothing to its first answer over 200 files, and all services of a labelled set, one after
the other. Of the set a first pass loads what each language needs; a second has it all. CPU time
and its ratio to the yardstick's tell most on a machine that others use too.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


LABELLED = """
import json, pathlib, sys, time
from analyzer import SourceTree, analyze, read_manifest_of
services = json.loads(sys.argv[1])
for _ in range(2):
    wall, cpu, files = time.perf_counter(), time.process_time(), 0
    for repository, folder in services:
        root = pathlib.Path(repository)
        tree = SourceTree.of_folder(root / folder, root)
        analyze(tree, read_manifest_of(tree), service="measured", commit="0" * 40)
        files += len(tree.paths)
    print(files, time.process_time() - cpu, time.perf_counter() - wall)
"""


@dataclass(frozen=True, order=True)
class Ran:
    """What a process, or a part of one, took."""

    cpu_seconds: float
    wall_seconds: float
    mebibytes: float = 0.0

    def beside(self, yardstick: "Ran") -> str:
        """Return the seconds in words, with what they are of the yardstick's."""
        share = self.cpu_seconds / yardstick.cpu_seconds
        return f"{self.cpu_seconds:.2f} s CPU ({share:.3f}), {self.wall_seconds:.2f} s wall"


def main() -> None:
    """Measure and print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, help="labelled services, as analyzer_score has them")
    parser.add_argument("--trees", type=Path, help="the work trees of their repositories")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        yardstick = min(_run([sys.executable, "-c", YARDSTICK]) for _ in range(TRIES))
        print(f"yardstick (30 million additions): {yardstick.beside(yardstick)}")
        many = repository(place / "many", FILES)
        command = [sys.executable, "-m", "cli.main", "analyze", str(many), "--json"]
        ran = min(_run(command, _compiled(place)) for _ in range(TRIES))
        print(
            f"command, {FILES} files, with its start: {ran.beside(yardstick)}, "
            f"{ran.mebibytes:.0f} MiB"
        )
        if options.labels and options.trees:
            services = _services(options.labels, options.trees)
            _print_labelled(services, _compiled(place), yardstick)
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


def _services(labels: Path, trees: Path) -> list[tuple[str, str]]:
    """Return the repository and folder of each labelled service that has a tree."""
    found = [
        (str(trees / label["repo"].replace("/", "+")), label["subdir"])
        for label in json.loads(labels.read_text())
    ]
    there = [(root, folder) for root, folder in found if (Path(root) / folder).is_dir()]
    if not there:
        raise SystemExit(f"no tree of any of {len(found)} labels in {trees}")
    return there


def _print_labelled(
    services: Sequence[tuple[str, str]], environment: Mapping[str, str], yardstick: Ran
) -> None:
    command = [sys.executable, "-c", LABELLED, json.dumps(services)]
    answers = [
        subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
        for _ in range(TRIES)
    ]
    told = [answer.stdout.split("\n") for answer in answers]
    for number, name in enumerate(("first pass", "second pass")):
        ran, files = min(_passed(lines[number]) for lines in told)
        print(
            f"{len(services)} labelled services, {files} files, {name}: {ran.beside(yardstick)}, "
            f"{files / ran.cpu_seconds:,.0f} files/s CPU, {files / ran.wall_seconds:,.0f} wall"
        )


def _passed(line: str) -> tuple[Ran, int]:
    files, cpu_seconds, wall_seconds = line.split()
    return Ran(float(cpu_seconds), float(wall_seconds)), int(files)


def _compiled(place: Path) -> Mapping[str, str]:
    """Return an environment in which bytecode is kept, as an installed command has it."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(place / "bytecode")}


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Ran:
    """Run a process to its end and return what it took, with the most memory that it had."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[1:4]} ended with {os.waitstatus_to_exitcode(status)}")
    seconds = time.perf_counter() - begun
    return Ran(used.ru_utime + used.ru_stime, seconds, _mebibytes(used))


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
