"""What a release is made of, gathered from its source: manifest, recommendation, image, inputs."""

from pydantic import JsonValue

from analyzer.lambda_functions import AnalyzeResponse
from delightful.frozen import Frozen
from delightful.manifest import Manifest
from delightful.recommendation import Answer, WrittenVariables
from delightful.release import Image, SchemaChange
from delightful.schema import schema_change
from delightful.variables import service_variables
from flows.analyze import (
    analyze,
    compared_commit,
    read_recommended,
    read_service_manifest,
)
from flows.build import build
from flows.environment import delivery_environment, environment_variables
from flows.runs.heartbeat import one_heartbeat


class Inputs(Frozen):
    """A commit, ready to be applied."""

    manifest: Manifest
    answers: tuple[Answer, ...]
    recommended: WrittenVariables
    migrations: SchemaChange
    image: Image
    variables: dict[str, JsonValue]


@one_heartbeat()
def gather_inputs(
    service: str,
    environment: str,
    commit: str,
    source: str,
    *,
    dry_run: bool = False,
    image: Image | None = None,
) -> Inputs:
    """Read the commit's files, have its image, and merge what it is to run with.

    An `image` that is given is taken as it is: nothing is looked for or built.
    """
    since = compared_commit(service, environment, commit, source)
    said: AnalyzeResponse = analyze(
        service=service, environment=environment, commit=commit, source=source, since=since
    )
    manifest = read_service_manifest(service, environment, commit, source)
    image = image or build(
        service=service, environment=environment, commit=commit, source=source, dry_run=dry_run
    )
    variables = service_variables(
        environment=environment_variables(delivery_environment(environment), "service"),
        recommended=read_recommended(service, environment, said.written),
        manifest=manifest,
        image=image,
    )
    return Inputs(
        manifest=manifest,
        answers=said.recommendation.answers,
        recommended=said.written,
        migrations=schema_change(said.recommendation, since),
        image=image,
        variables=variables,
    )
