"""`delightful analyze`: what a service needs, with the lines that prove it."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.analyzed_source import commit_of, tree_of
from cli.answer import one_answer
from cli.asked import Commit, Watching
from cli.options import environment_option, json_option, pull_request_option, submit_option
from cli.sample_modules import write_samples
from cli.terminal import print_json, print_text
from delightful.collecting import uncollected

if TYPE_CHECKING:
    from analyzer.model.result import Model
    from delightful.recommendation import Recommendation

MANIFEST_NAME = ".delightful.yaml"


@click.command(name="analyze")
@click.argument("source", default=".")
@click.option("--folder", default="", help="Where the service lies within SOURCE.")
@click.option("--service", help="Service; default: the manifest's, else the folder's name.")
@click.option("--since", metavar="COMMIT", help="Judge the migrations that changed since then.")
@click.option("--explain", metavar="FIELD", help="Say why one field has its value.")
@click.option("--model", metavar="NAME", help="Ask this model for what the rules leave open.")
@click.option("--no-model", is_flag=True, help="Ask none, even where ANTHROPIC_API_KEY is set.")
@click.option("--write", is_flag=True, help="Write a draft of .delightful.yaml into the folder.")
@click.option(
    "--modules",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write Terraform for what .delightful.yaml cannot declare into DIR, for review.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "predictions"]),
    default="text",
    help="predictions: one bare object, by which analyzers are compared.",
)
@click.option("--commit", default="HEAD", show_default=True, help="Commit; with --submit.")
@environment_option
@submit_option
@pull_request_option
@json_option
def command(
    source: str,
    folder: str,
    service: str | None,
    since: str | None,
    explain: str | None,
    model: str | None,
    no_model: bool,
    write: bool,
    modules: Path | None,
    form: str,
    commit: str,
    environment: str,
    is_submitted: bool,
    timeout_seconds: float,
    pull_request: int | None,
    as_json: bool,
) -> int:
    """Say what a service needs to run, each answer with file and line.

    SOURCE is a folder, an archive (tar, tar.gz, zip) or github:OWNER/REPOSITORY@COMMIT. Files are
    read only: nothing of the service is run. Where ANTHROPIC_API_KEY is set, redacted excerpts are
    sent to a model for what the rules leave open.

    With --submit a run in the environment reads a commit of the git repository SOURCE, as a deploy
    does, and tells the pull request of it.
    """
    if is_submitted:
        place = Path(source) / folder
        with one_answer(as_json=as_json):
            wanted = _commit_in(place, service, commit, environment)
            return _submit(wanted, since, pull_request, Watching(timeout_seconds, as_json))
    if pull_request is not None:
        raise click.UsageError("--pull-request goes with --submit")
    # Loading the analyzer makes many objects too, and no cycles.
    with uncollected():
        recommendation = _recommended(
            source, folder, service, since, model=_model(model, is_wanted=not no_model)
        )
    if write:
        print_text(f"wrote {_written(recommendation, Path(source) / folder)}")
    elif modules:
        for line in write_samples(recommendation, modules):
            print_text(line)
    elif explain:
        from delightful.render.analysis_text import explained_text

        print_text(explained_text(recommendation, explain))
    elif form == "predictions":
        from analyzer.predictions import predictions_of

        print_json(predictions_of(recommendation))
    elif as_json or form == "json":
        print_json(recommendation.model_dump(mode="json"))
    else:
        from delightful.render.analysis_text import analysis_text

        print_text(analysis_text(recommendation))
    return 0


def _commit_in(folder: Path, service: str | None, commit: str, environment: str) -> Commit:
    from cli.service import resolve_commit, service_name

    name = service_name(service, folder)
    return Commit(name, environment, resolve_commit(folder, commit), folder.resolve())


def _submit(wanted: Commit, since: str | None, pull_request: int | None, watching: Watching) -> int:
    from cli.service import resolve_commit
    from cli.submission.server import prefect_server

    full_since = resolve_commit(wanted.folder, since) if since else None
    with prefect_server(wanted.environment):
        from cli.submission.submitted import submit_analyze

        return submit_analyze(wanted, full_since, pull_request, watching)


def _recommended(
    source: str, folder: str, service: str | None, since: str | None, *, model: "Model | None"
) -> "Recommendation":
    from analyzer import analyze, read_manifest_of

    tree = tree_of(source, folder)
    manifest = read_manifest_of(tree)
    return analyze(
        tree,
        manifest,
        service=service or (manifest.service if manifest else name_of(source, folder)),
        commit=commit_of(source),
        changed=_changed(source, folder, since) if since else None,
        model=model,
    )


def _changed(source: str, folder: str, since: str) -> Sequence[str]:
    from flows.materials.source import changed_paths

    return changed_paths(str(Path(source) / folder), since)


def _model(name: str | None, *, is_wanted: bool) -> "Model | None":
    from analyzer.model.result import no_model

    key = os.environ.get("ANTHROPIC_API_KEY")
    if not is_wanted:
        return no_model("turned off")
    if not key:
        return None
    from analyzer.model.key import keyed_model

    return keyed_model(key, os.environ, name)


def name_of(source: str, folder: str) -> str:
    """Return a name that a service may bear, made of what the source is called."""
    whole = Path(source).resolve().name if Path(source).exists() else source
    last = (folder.strip("/") or whole.partition("@")[0]).rpartition("/")[2]
    words = re.sub(r"[^a-z0-9]+", "-", last.partition(".")[0].lower()).strip("-")
    return words[:31].strip("-") if words[:1].isalpha() and len(words) > 1 else "service"


def _written(recommendation: "Recommendation", folder: Path) -> Path:
    from delightful.errors import ConfigError, Refused
    from delightful.render.manifest_draft import manifest_draft

    path = folder / MANIFEST_NAME
    if not folder.is_dir():
        raise ConfigError(
            "E_SOURCE", "--write needs a folder to write into", hint="unpack the archive first"
        )
    try:
        with path.open("x") as file:
            file.write(manifest_draft(recommendation))
    except FileExistsError as error:
        raise Refused(
            "E_EXISTS",
            f"{path} is there already",
            hint="edit it by hand, or move it away and write again",
        ) from error
    return path
