"""Outcome truth: who says that the wanted commit serves, beside what the prober saw."""

from typing import Literal

import httpx

from delightful.release import Release, ReleaseState
from tests.faults.bench import Bench, Ended

Said = Literal["serves", "does not serve"]
NEW: Said = "serves"
OLD: Said = "does not serve"
_ENDED_FLOWS = {"COMPLETED": NEW, "FAILED": OLD, "CRASHED": OLD, "CANCELLED": OLD}
_STATUSES = {"success": NEW, "failure": OLD, "error": OLD, "inactive": OLD}
_WORDS = {
    " is good": NEW,
    " failed": OLD,
    " was rolled back": OLD,
    " was abandoned": OLD,
    " was superseded": OLD,
}


def voices(bench: Bench, release: Release, ended: Ended | None) -> dict[str, Said | None]:
    """Return what each says of a release; None where it says nothing of its end."""
    return {
        "flow": flow_says(bench, release),
        "exit code": exit_code_says(ended),
        "ledger": ledger_says(release),
        "GitHub": github_says(bench, release),
        "Slack": slack_says(bench, release),
    }


def flow_says(bench: Bench, release: Release) -> Said | None:
    """Return what the state of the release's last flow run says; one that runs says nothing."""
    run = release.owner.flow_run_id if release.owner else None
    if run is None:
        return None
    try:
        found = bench.stage.ask_prefect(f"/flow_runs/{run}")
    except httpx.HTTPStatusError:
        # A row had a server of its own, which is gone with what it knew.
        return None
    # A recovery that is Completed has ended the release in whatever way: it speaks of itself.
    is_recovery = str(found["name"]).startswith("recover ")
    return None if is_recovery else _ENDED_FLOWS.get(str(found["state_type"]))


def exit_code_says(ended: Ended | None) -> Said | None:
    """Return what an exit code says; a killed command says nothing."""
    if ended is None or ended.code < 0:
        return None
    return NEW if ended.code == 0 else OLD


def ledger_says(release: Release) -> Said | None:
    """Return what the record says; an open attempt says nothing."""
    if not release.is_terminal:
        return None
    return NEW if release.state is ReleaseState.GOOD else OLD


def github_says(bench: Bench, release: Release) -> Said | None:
    """Return what the last status of the release's GitHub deployment says."""
    for number, one in bench.github.deployments.items():
        if one["task"] == f"deploy:{release.release_id}" and bench.github.statuses[number]:
            return _STATUSES.get(bench.github.states(number)[-1])
    return None


def slack_says(bench: Bench, release: Release) -> Said | None:
    """Return what the last message of the release's thread says."""
    for thread in bench.slack.threads().values():
        if f"{release.release_id} started" in thread[0]:
            last = thread[-1]
            found = (
                what for words, what in _WORDS.items() if f"{release.release_id}{words}" in last
            )
            return next(found, None)
    return None


def truth(said: dict[str, Said | None], seen: Said | None) -> tuple[int, int, list[str]]:
    """Return how many voices agree with what was seen, of how many that said something."""
    if seen is None:
        return 0, 0, []
    speaking = [who for who, what in said.items() if what]
    wrong = [who for who in speaking if said[who] != seen]
    return len(speaking) - len(wrong), len(speaking), wrong
