"""`delightful build`: a commit's image in the registry, and its files where runs find them."""

from pathlib import Path

import click

from cli.caller import environment_of_caller
from cli.options import environment_option, json_option, service_option
from cli.preparing import connect_and_prepare
from cli.service import resolve_commit, service_name
from cli.terminal import Terminal, print_json, print_text


@click.command(name="build")
@click.argument("source", type=click.Path(path_type=Path, exists=True), default=".")
@click.option("--commit", default="HEAD", show_default=True, help="Commit, branch or tag.")
@service_option
@environment_option
@json_option
def command(source: Path, commit: str, service: str | None, environment: str, as_json: bool) -> int:
    """Build a commit of the repository SOURCE (default: this folder) here, once.

    Pushes the image under the commit as its tag, and leaves the repository's files in the
    environment's bucket, where runs on its workers read them. What is there already is kept. AWS is
    asked as whoever types this; PREFECT_API_URL is not needed, but keeps the run's record.
    """
    name, full_commit = service_name(service, source), resolve_commit(source, commit)
    connect_and_prepare(environment, name, Terminal(quiet=as_json))
    with environment_of_caller(environment) as delivery:
        from flows.build import build
        from flows.environment import as_caller
        from flows.materials.commit_files import leave_source

        folder = str(source.resolve())
        with as_caller(delivery):
            image = build(service=name, environment=environment, commit=full_commit, source=folder)
            address = leave_source(folder, name, environment, full_commit, "sources")
    if as_json:
        print_json({"image": image.model_dump(mode="json"), "source": address})
    else:
        print_text(f"image   {image.reference}\nsource  {address}")
    return 0
