"""`delightful show`: one release, whole."""

import click

from cli.options import environment_option, json_option
from cli.terminal import Terminal, print_json, print_text


@click.command(name="show")
@click.argument("release_id")
@environment_option
@json_option
def command(release_id: str, environment: str, as_json: bool) -> int:
    """Show the release RELEASE_ID, from commit to verdict."""
    from cli.connection import delivery_environment
    from delightful.names import service_of
    from delightful.render import release_text

    delivery = delivery_environment(environment, Terminal(quiet=as_json))
    release = delivery.ledger(service_of(release_id)).get(release_id)
    if as_json:
        print_json(release.model_dump(mode="json"))
    else:
        print_text(release_text(release))
    return 0
