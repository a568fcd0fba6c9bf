"""Writes the golden recommendations of the examples anew, as `test_recommendation` wants them.

Read the difference before you commit it: each changed line is a changed answer.
"""

from pathlib import Path

from analyzer import SourceTree, analyze, read_manifest_of

EXAMPLES = Path(__file__).parents[2] / "examples"


def main() -> None:
    """Analyze each example as the test does."""
    for manifest in sorted(EXAMPLES.glob("*/.delightful.yaml")):
        tree = SourceTree.of_folder(manifest.parent)
        said = analyze(tree, read_manifest_of(tree), service=manifest.parent.name, commit="0" * 40)
        golden = manifest.parent / "recommendation.golden.json"
        golden.write_text(f"{said.model_dump_json(indent=2)}\n")


if __name__ == "__main__":
    main()
