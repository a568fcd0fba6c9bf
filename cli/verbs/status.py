"""`delightful status`: what serves now, next to what the ledger says."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import environment_option, json_option, service_option
from cli.terminal import Terminal, print_json, print_text

if TYPE_CHECKING:
    from flows.recovery.agreement import SeenService


@click.command(name="status")
@service_option
@environment_option
@json_option
def command(service: str | None, environment: str, as_json: bool) -> int:
    """Say what serves now, what is in progress, and what does not agree with the ledger.

    Terraform is not asked: `delightful drift` does that. Exit code 1 where something has drifted,
    6 where something could not be looked at.
    """
    from cli.connection import delivery_environment
    from cli.service import service_name
    from delightful.agreement import exit_code

    name = service_name(service, Path())
    block = delivery_environment(environment, Terminal(quiet=as_json))
    from flows.recovery.agreement import look_at

    seen = look_at(block, name)
    if as_json:
        print_json(_as_json(seen))
    else:
        print_text("\n".join(_lines(seen)))
    return exit_code(seen.findings)


def _as_json(seen: "SeenService") -> dict[str, object]:
    from delightful.agreement import is_in_order

    return {
        "head": seen.head.model_dump(mode="json"),
        "good": seen.good.model_dump(mode="json") if seen.good else None,
        "live": seen.live.model_dump(mode="json") if seen.live else None,
        "agrees": is_in_order(seen.findings),
        "findings": [one.model_dump(mode="json") for one in seen.findings],
    }


def _lines(seen: "SeenService") -> Iterator[str]:
    from delightful.agreement import disagreements
    from delightful.render import release_line
    from delightful.render.findings import finding_line

    head, live = seen.head, seen.live
    yield f"{head.service} in {head.environment}"
    yield f"  good:         {release_line(seen.good) if seen.good else 'no release was good yet'}"
    yield f"  in progress:  {head.in_progress or 'nothing'}"
    if head.frozen_reason is not None:
        yield f"  frozen:       by {head.frozen_by}: {head.frozen_reason}"
    if live is not None:
        digests = ", ".join(sorted(live.image_digests)) or "nothing"
        yield f"  running:      {live.running_count} of {live.desired_count}, {digests}"
        weights = ", ".join(f"{_short(arn)} {weight}" for arn, weight in live.weights.items())
        yield f"  traffic:      {weights}"
        yield f"  alarms:       {', '.join(live.alarms_firing) or 'none fires'}"
    for one in disagreements(seen.findings):
        yield f"  {finding_line(one)}"


def _short(target_group_arn: str) -> str:
    return target_group_arn.split("/")[1] if "/" in target_group_arn else target_group_arn
