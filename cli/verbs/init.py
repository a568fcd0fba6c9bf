"""`delightful init`: a service's manifest, and the workflows that call Delightful's."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.github_repository import delightful_workflows, place_in_repository
from cli.terminal import print_text
from delightful.errors import ConfigError, Refused

if TYPE_CHECKING:
    from analyzer import SourceTree
    from delightful.manifest import Manifest

MANIFEST_NAME = ".delightful.yaml"
# What stands between quotes in a workflow, and in a pattern of paths.
_FOLDER = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
_BRANCH = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


@click.command(name="init")
@click.argument(
    "source", type=click.Path(path_type=Path, exists=True, file_okay=False), default="."
)
@click.option("--service", help="Service; default: the manifest's, else the folder's name.")
@click.option(
    "--environment",
    "environments",
    multiple=True,
    default=("staging", "production"),
    show_default=True,
    help="Environment to deploy to; given again, the next one after it.",
)
@click.option("--branch", default="main", show_default=True, help="Branch that is deployed.")
@click.option(
    "--workflows",
    metavar="OWNER/NAME@COMMIT",
    help="Where Delightful's workflows lie; default: where this Delightful was cloned from.",
)
def command(
    source: Path,
    service: str | None,
    environments: tuple[str, ...],
    branch: str,
    workflows: str | None,
) -> int:
    """Write .delightful.yaml and the workflows of the service in the folder SOURCE.

    The manifest is a draft with the reasons as comments; one that is there stays as it is. Asked
    again, nothing changes; a workflow that is there and differs is never written over.
    """
    from analyzer import read_manifest_of
    from cli.analyzed_source import tree_of
    from delightful.names import environment_name
    from delightful.render.caller_workflows import Callers, caller_workflows

    tree = tree_of(str(source), "")
    manifest = read_manifest_of(tree)
    name = _service(service, manifest, source)
    top, folder = place_in_repository(source)
    callers = Callers(
        service=name,
        folder=_plain("folder", folder, _FOLDER),
        environments=tuple(environment_name(one) for one in environments),
        branch=_plain("--branch", branch, _BRANCH),
        workflows=delightful_workflows(workflows, top),
    )
    files = {top / path: text for path, text in caller_workflows(callers).items()}
    if manifest is None:
        files[source / MANIFEST_NAME] = _draft(tree, name)
    else:
        print_text(f"kept  {source / MANIFEST_NAME}: it says what {name} needs")
    for line in written(files):
        print_text(line)
    print_text("\n".join(_next_steps(callers.service, callers.environments)))
    return 0


def written(files: Mapping[Path, str]) -> Iterator[str]:
    """Write what is not there; yields what to say of each file.

    Raises:
        Refused: E_EXISTS, a file is there with another content. Nothing is written then.
    """
    there = {path: path.read_text() for path in files if path.exists()}
    differing = [str(path) for path, text in there.items() if text != files[path]]
    if differing:
        raise Refused(
            "E_EXISTS",
            f"{', '.join(differing)}: there already, and not what would be written",
            hint="keep it, or move it away, run the same again and compare",
        )
    for path, text in files.items():
        if path not in there:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        yield f"{'kept ' if path in there else 'wrote'} {os.path.relpath(path)}"


def _service(given: str | None, manifest: "Manifest | None", source: Path) -> str:
    from cli.verbs.analyze import name_of
    from delightful.names import service_name

    said = manifest.service if manifest is not None else None
    if given is not None and said is not None and given != said:
        raise ConfigError(
            "E_SERVICE",
            f"{MANIFEST_NAME}: service is {said}, asked for {given}",
            hint="name the same service in both",
        )
    return service_name(given or said or name_of(str(source), ""))


def _draft(tree: "SourceTree", service: str) -> str:
    """Return the draft by the rules alone, so that asking twice is asking once."""
    from analyzer import analyze
    from cli.analyzed_source import UNCOMMITTED
    from delightful.render.manifest_draft import manifest_draft

    return manifest_draft(analyze(tree, None, service=service, commit=UNCOMMITTED))


def _plain(what: str, text: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(text):
        raise ConfigError(
            "E_PATH",
            f"{what}: {text!r} cannot stand in a workflow as it is",
            hint="use letters, digits, dots, dashes, underscores and slashes between them",
        )
    return text


def _next_steps(service: str, environments: tuple[str, ...]) -> Iterator[str]:
    first, *later = environments
    yield "To be set in GitHub, once for the repository (docs/github.md tells each step):"
    yield f"  variables     AWS_REGION, AWS_ACCOUNT_ID; of {first}'s server PREFECT_API_URL"
    yield f"  environments  {', '.join(environments)}: the deployed branch alone, with reviewers"
    if later:
        yield f"  in {', '.join(later)}: PREFECT_API_URL of its own"
    yield f"In the account: apply infrastructure/registry for {service}, which makes its roles."
