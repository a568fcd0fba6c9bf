"""`delightful status`: what serves now, next to what the ledger says."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import environment_option, json_option, service_option
from cli.terminal import Terminal, print_json

if TYPE_CHECKING:
    from delightful.live import LiveService
    from delightful.release import Head, Release


@click.command(name="status")
@service_option
@environment_option
@json_option
def command(service: str | None, environment: str, as_json: bool) -> int:
    """Say what serves now, whether that is what the ledger calls good, and what is in progress.

    Exit code 1 where what runs is not the good release and no attempt is in progress.
    """
    from cli.connection import delivery_environment
    from cli.service import service_name

    name = service_name(service, Path())
    block = delivery_environment(environment, Terminal(quiet=as_json))
    ledger = block.ledger(name)
    head = ledger.head(name, environment)
    good = ledger.get(head.good) if head.good else None
    live = block.ecs_service(name).observe(good.stack.outputs) if good and good.stack else None
    agrees = _agrees(good, live)
    if as_json:
        print_json(_as_json(head, good, live, agrees))
    else:
        click.echo("\n".join(_lines(head, good, live, agrees)))
    return 0 if agrees or head.in_progress else 1


def _agrees(good: "Release | None", live: "LiveService | None") -> bool:
    """Say whether what runs is the good release's image; nothing at all agrees with nothing."""
    if good is None or live is None or good.image is None:
        return good is None
    return set(live.image_digests) == {good.image.digest}


def _as_json(
    head: "Head", good: "Release | None", live: "LiveService | None", agrees: bool
) -> dict[str, object]:
    return {
        "head": head.model_dump(mode="json"),
        "good": good.model_dump(mode="json") if good else None,
        "live": live.model_dump(mode="json") if live else None,
        "agrees": agrees,
    }


def _lines(
    head: "Head", good: "Release | None", live: "LiveService | None", agrees: bool
) -> list[str]:
    from delightful.render import release_line

    lines = [
        f"{head.service} in {head.environment}",
        f"  good:         {release_line(good) if good else 'no release was good yet'}",
        f"  in progress:  {head.in_progress or 'nothing'}",
    ]
    if head.frozen_reason is not None:
        lines.append(f"  frozen:       by {head.frozen_by}: {head.frozen_reason}")
    if live is not None:
        digests = ", ".join(sorted(live.image_digests)) or "nothing"
        lines.append(f"  running:      {live.running_count} of {live.desired_count}, {digests}")
        weights = ", ".join(f"{_short(arn)} {weight}" for arn, weight in live.weights.items())
        lines.append(f"  traffic:      {weights}")
        lines.append(f"  alarms:       {', '.join(live.alarms_firing) or 'none fires'}")
    if not agrees:
        lines.append("  DRIFTED: what runs is not the good release → delightful deploy or rollback")
    return lines


def _short(target_group_arn: str) -> str:
    return target_group_arn.split("/")[1] if "/" in target_group_arn else target_group_arn
