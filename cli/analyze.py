"""`delightful analyze`: what a service needs, with the lines that prove it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import json_option
from cli.terminal import print_json

if TYPE_CHECKING:
    from delightful.recommendation import Answer, Recommendation

UNCOMMITTED = "0" * 40


@click.command(name="analyze")
@click.argument("path", type=click.Path(path_type=Path, exists=True), default=".")
@click.option("--service", help="Service; default: the manifest's, else the folder's name.")
@click.option("--explain", metavar="FIELD", help="Say why one field has its value.")
@json_option
def command(path: Path, service: str | None, explain: str | None, as_json: bool) -> int:
    """Say what the service in PATH needs to run, each answer with file and line.

    Reads files only: nothing of the service is run, and nothing leaves this machine.
    """
    from analyzer import SourceTree, analyze, read_manifest_of

    tree = SourceTree.of_folder(path)
    manifest = read_manifest_of(tree)
    name = service or (manifest.service if manifest else path.resolve().name)
    recommendation = analyze(tree, manifest, service=name, commit=UNCOMMITTED)
    if explain:
        click.echo("\n".join(_explained(recommendation, explain)))
    elif as_json:
        print_json(recommendation.model_dump(mode="json"))
    else:
        click.echo("\n".join(_lines(recommendation)))
    return 0


def _lines(recommendation: "Recommendation") -> list[str]:
    lines = [recommendation.service]
    for answer in recommendation.answers:
        where = answer.evidence[0] if answer.evidence else None
        source = f"{where.file}:{where.line}" if where else answer.rule
        value = "unknown" if answer.value is None else _shown(answer.value)
        lines.append(f"  {answer.field:<16} {value:<32} {answer.confidence:<7} {source}")
    return [*lines, *(f"  note: {note}" for note in recommendation.notes)]


def _explained(recommendation: "Recommendation", field: str) -> list[str]:
    answer = _answer_or_error(recommendation, field)
    value = "unknown" if answer.value is None else _shown(answer.value)
    lines = [f"{answer.field} = {value}  ({answer.confidence}, rule {answer.rule})"]
    lines += [f"  {one.file}:{one.line}: {one.quote.strip()}" for one in answer.evidence]
    return lines if answer.evidence else [*lines, "  no line of the service says so"]


def _answer_or_error(recommendation: "Recommendation", field: str) -> "Answer":
    from delightful.errors import ConfigError

    answer = recommendation.answer(field)
    if answer is None:
        known = ", ".join(answer.field for answer in recommendation.answers)
        raise ConfigError(
            "E_FIELD", f"the analyzer has no field {field}", hint=f"name one of: {known}"
        )
    return answer


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(str(part) for part in value)
    return str(value)
