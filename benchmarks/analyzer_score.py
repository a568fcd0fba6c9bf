"""The analyzer against labelled repositories: right answers, calibration, evidence and speed.

`python -m benchmarks.analyzer_score --labels LABELS.json --trees TREES`

TREES holds each repository's work tree as `<owner>+<name>`, at the commit that its label names.
"""

import argparse
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from analyzer import SourceTree, analyze, read_manifest_of
from analyzer.predictions import predictions_of
from delightful.recommendation import Answer, Recommendation

Label = Mapping[str, Any]

# Prediction: (label, answer of the recommendation)
FIELDS = {
    "kind": ("kind", "kind"),
    "language": ("language", "language"),
    "runtime_version": ("runtime_version", "runtime_version"),
    "framework": ("framework", "framework"),
    "port": ("port", "port"),
    "health_path": ("health_path", "health_path"),
    "database": ("database", "database"),
    "cache": ("cache", "cache"),
    "worker": ("worker", "worker"),
    "start_command": ("start_command_contains", "start_command"),
    "env_vars": ("env_vars_some", "environment_variables"),
}
MANAGED = frozenset({"postgres", "mysql", "sqlserver", "mongodb", "dynamodb"})
CACHES = frozenset({"redis", "memcached"})
# A major version says all of these; of the others the minor counts too.
MAJOR_SUFFICES = frozenset({"node", "java", "kotlin", "php", "dotnet"})
NOT_OF_LIBRARIES = frozenset(FIELDS) - {"kind", "language", "database", "cache"}


def main() -> None:
    """Analyze every labelled service that has a tree and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, nargs="+", required=True)
    parser.add_argument("--trees", type=Path, required=True)
    parser.add_argument("--blind", action="store_true", help="leave out what blind mode deletes")
    parser.add_argument("--misses", nargs="*", metavar="FIELD", help="show the misses of fields")
    parser.add_argument("--predictions", type=Path, help="write the predictions to this file")
    options = parser.parse_args()
    labels = [label for path in options.labels for label in json.loads(path.read_text())]
    measured = Measured(options.blind, options.misses)
    predictions = {}
    for label in labels:
        repository = options.trees / label["repo"].replace("/", "+")
        if (repository / label["subdir"]).is_dir():
            predictions[label["id"]] = measured.add(label, repository)
    if not predictions:
        raise SystemExit(f"no tree of any of {len(labels)} labels in {options.trees}")
    if options.predictions:
        options.predictions.write_text(json.dumps(predictions, indent=1))
    print("\n".join(measured.table()))


class Measured:
    """What was counted over all services."""

    def __init__(self, blind: bool, misses: Sequence[str] | None) -> None:
        self._blind = blind
        self._misses = misses
        self._scored: Counter[str] = Counter()
        self._right: Counter[str] = Counter()
        self._by_confidence: dict[str, list[float]] = defaultdict(list)
        self._provisioned: dict[str, Counter[str]] = {"database": Counter(), "cache": Counter()}
        self._files = self._quotes = self._false_quotes = 0
        self._seconds = 0.0

    def add(self, label: Label, repository: Path) -> dict[str, Any]:
        """Analyze one service, count it, and return its predictions."""
        folder = repository / label["subdir"]
        begun = time.perf_counter()
        tree = SourceTree.of_folder(folder, repository)
        said = analyze(tree, read_manifest_of(tree), service="measured", commit="0" * 40)
        self._seconds += time.perf_counter() - begun
        self._files += len(tree.paths)
        predicted = predictions_of(said)
        for field, right in scores(label, predicted, self._blind):
            self._count(label, field, right, said, predicted[field])
        self._count_stores(label, predicted)
        self._check_quotes(tree, said)
        return predicted

    def _count(
        self, label: Label, field: str, right: float, said: Recommendation, value: object
    ) -> None:
        answer = said.answer(FIELDS[field][1])
        self._scored[field] += 1
        self._right[field] += right  # type: ignore[assignment]
        if answer and answer.value is not None and field != "env_vars":
            self._by_confidence[answer.confidence].append(right)
        if right < 1 and self._misses is not None and field in (self._misses or FIELDS):
            wanted = label.get(FIELDS[field][0])
            print(f"  {label['id']}: {field} {value!r}, label {wanted!r}  ({_proof(answer)})")

    def _count_stores(self, label: Label, predicted: Mapping[str, Any]) -> None:
        for field, stores in (("database", MANAGED), ("cache", CACHES)):
            wanted = accepted(label, field)
            if label.get(field) is None or len({value in stores for value in wanted}) > 1:
                continue
            said, is_wanted = canonical(predicted[field]), bool(wanted & stores)
            found = self._provisioned[field]
            found["right"] += said in stores and said in wanted
            found["false"] += said in stores and said not in wanted
            found["missed"] += is_wanted and said not in wanted

    def _check_quotes(self, tree: SourceTree, said: Recommendation) -> None:
        for answer in said.answers:
            quotes = [quote for quote in answer.evidence if _stands(tree, quote.file, quote)]
            self._quotes += len(answer.evidence)
            self._false_quotes += len(answer.evidence) - len(quotes)
            self._false_quotes += answer.value is not None and not answer.evidence

    def table(self) -> Iterator[str]:
        """Yield the lines of the report."""
        for field in FIELDS:
            if self._scored[field]:
                right, scored = self._right[field], self._scored[field]
                yield f"{field:<18}{right:7.1f} of {scored:<4}{right / scored:7.1%}"
        for field, found in self._provisioned.items():
            precision = _share(found["right"], found["false"])
            recall = _share(found["right"], found["missed"])
            yield f"provisioned {field:<9} precision {precision:.1%}, recall {recall:.1%}"
        for confidence in ("high", "medium", "low"):
            rights = self._by_confidence[confidence]
            if rights:
                share = sum(rights) / len(rights)
                yield f"confidence {confidence:<7} right {share:.1%} of {len(rights)}"
        yield f"quotes {self._quotes}, not to be found {self._false_quotes}"
        speed = self._files / self._seconds
        yield f"{self._files} files in {self._seconds:.2f} s: {speed:,.0f} files/s"


def scores(label: Label, predicted: Mapping[str, Any], blind: bool) -> Iterator[tuple[str, float]]:
    """Yield each field that the label decides, and how right it is, from 0 to 1."""
    lost = label.get("evidence_lost_when_blind", ()) if blind else ()
    for field, (name, _) in FIELDS.items():
        if label.get(name) is None or name in lost:
            continue
        if label["kind"] in ("library", "cli") and field in NOT_OF_LIBRARIES:
            continue
        yield field, _right(label, field, predicted[field])


def _right(label: Label, field: str, value: Any) -> float:
    if field == "env_vars":
        wanted, named = label["env_vars_some"], {str(name).upper() for name in value or ()}
        return sum(name.upper() in named for name in wanted) / len(wanted)
    if value is None:
        return 0.0
    if field == "start_command":
        return float(label["start_command_contains"].lower() in str(value).lower())
    if field == "runtime_version":
        return float(_same_version(label, str(value)))
    return float(canonical(value) in accepted(label, field))


def _same_version(label: Label, said: str) -> bool:
    wanted, given = re.findall(r"\d+", str(label["runtime_version"])), re.findall(r"\d+", said)
    shared = min(len(wanted), len(given))
    is_full = len(given) >= len(wanted) or label["language"] in MAJOR_SUFFICES
    return shared > 0 and wanted[:shared] == given[:shared] and is_full


def accepted(label: Label, field: str) -> set[str]:
    """Return every value that counts as right for a field."""
    return {canonical(value) for value in (label.get(field), *label.get(f"{field}_accept", ()))}


def canonical(value: object) -> str:
    """Return a value as it is compared: text without a trailing slash."""
    text = str(value).lower()
    return text.rstrip("/") or text


def _stands(tree: SourceTree, file: str, quote: Any) -> bool:
    lines = (tree.text(file) or "").split("\n")
    return 1 <= quote.line <= len(lines) and quote.quote in lines[quote.line - 1]


def _proof(answer: Answer | None) -> str:
    if answer is None or not answer.evidence:
        return "nothing"
    shown = answer.evidence[0]
    return f"{answer.confidence}, {answer.rule}, {shown.file}:{shown.line}"


def _share(right: int, wrong: int) -> float:
    return right / (right + wrong) if right + wrong else 1.0


if __name__ == "__main__":
    main()
