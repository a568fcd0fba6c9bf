"""`delightful diff`: in what two releases differ."""

from typing import TYPE_CHECKING

import click

from cli.options import environment_option, json_option
from cli.terminal import Terminal, print_json, print_text

if TYPE_CHECKING:
    from blocks.ledger.release_ledger import ReleaseLedger


@click.command(name="diff")
@click.argument("release_id")
@click.argument("other", required=False)
@environment_option
@json_option
def command(release_id: str, other: str | None, environment: str, as_json: bool) -> int:
    """Say what changes from the release RELEASE_ID to OTHER (default: the one that is good now).

    Of an apply's inputs the names are told, and no values.
    """
    from cli.connection import delivery_environment
    from delightful.difference import release_difference
    from delightful.names import service_of
    from delightful.render.difference import difference_lines

    service = service_of(release_id)
    ledger = delivery_environment(environment, Terminal(quiet=as_json)).ledger(service)
    before = ledger.get(release_id)
    after = ledger.get(other or _good(ledger, service, environment))
    found = release_difference(before, after)
    if as_json:
        print_json([one.model_dump(mode="json") for one in found])
    else:
        print_text(f"{before.release_id} → {after.release_id}")
        print_text("\n".join(f"  {line}" for line in difference_lines(found)))
    return 0


def _good(ledger: "ReleaseLedger", service: str, environment: str) -> str:
    from delightful.errors import Refused

    good = ledger.head(service, environment).good
    if good is None:
        raise Refused(
            "E_RELEASE",
            f"release: {service} in {environment} has none that is good",
            hint="name both releases: `delightful releases` lists them",
        )
    return good
