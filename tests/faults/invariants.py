"""I1 to I10 of the fault table, each asked from outside: AWS, ledger, processes, what was said."""

import hashlib
import itertools
import json
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from delightful.ordering import Order, order_of
from delightful.release import TERMINAL_STATES, AttemptKind, Release, ReleaseState
from rehearsal.traffic import Traffic
from tests.end_to_end.stage import ENVIRONMENT, SERVICE
from tests.faults.bench import CANARY, Bench, Ended
from tests.faults.outside import (
    STATE_KEY,
    digest_row,
    is_dead,
    locks,
    orphans_after_a_while,
    primary_digest,
    state_object,
)

NAMES = tuple(f"I{number}" for number in range(1, 11))
ACTIVE = ("Created", "Queued", "InProgress", "Baking", "Ready")
_LOOKS = 8
_ONE_LINE = re.compile(r"E_[A-Z_]+ .+ → .+")
# What a deploy says that has planned the inputs of its commit and found no change.
SETTLED = "nothing to do: "


@dataclass(frozen=True)
class Span:
    """What a row began with, and what its prober and its commands saw."""

    good: Release | None
    began: float
    serial: int
    lineage: str | None
    traffic: Traffic
    bad_commits: frozenset[str] = frozenset()
    is_recovered: bool = False


@dataclass
class Judgement:
    """What held: the reasons of what did not, by invariant, and what could not be asked yet."""

    broken: dict[str, str] = field(default_factory=dict)
    unasked: frozenset[str] = frozenset()

    def word(self) -> str:
        """Return y, n or a dot for what was not asked, for each invariant in order."""
        return "".join(self._letter(name) for name in NAMES)

    def _letter(self, name: str) -> str:
        if name in self.unasked:
            return "."
        return "n" if name in self.broken else "y"


def judged(bench: Bench, span: Span, *, again: Callable[[], Ended] | None) -> Judgement:
    """Ask for every invariant; `again` repeats the request, once recovery is over."""
    asked: dict[str, Callable[[], str | None]] = {
        "I10": lambda: does_nothing_twice(bench, again) if again else None,
        "I1": lambda: serves_known_digest(bench, span),
        "I2": lambda: leaves_no_lock(bench),
        "I3": lambda: ends_each_attempt_once(bench, span),
        "I4": lambda: answers_all_the_time(span),
        "I5": lambda: rolls_out_once(bench),
        "I6": lambda: keeps_state(bench, span),
        "I7": lambda: never_goes_back_by_itself(bench),
        "I8": lambda: shows_no_secret(bench),
        "I9": lambda: explains_each_failure(bench),
    }
    found = {name: look() for name, look in asked.items()}
    broken = {name: said for name, said in found.items() if said is not None}
    return Judgement(broken, frozenset() if again else frozenset({"I10"}))


def serves_known_digest(bench: Bench, span: Span) -> str | None:
    """I1: the primary task set runs a good image, or one in progress before recovery."""
    ledger = bench.stage.ledger()
    head = ledger.head(SERVICE, ENVIRONMENT)
    if head.good is None:
        return None
    good = ledger.get(head.good)
    known = [good]
    if head.in_progress and not span.is_recovered:
        known.append(ledger.get(head.in_progress))
    running = primary_digest(bench, good)
    digests = {one.image.digest for one in known if one.image}
    return None if running in digests else f"{running} runs, known are {sorted(digests)}"


def leaves_no_lock(bench: Bench) -> str | None:
    """I2: no lock without a live owner, neither row nor lock file, and no orphan process."""
    left = orphans_after_a_while(bench)
    if left:
        return f"orphans: {left}"
    held = locks(bench)
    head = bench.stage.ledger().head(SERVICE, ENVIRONMENT)
    owner = bench.stage.ledger().get(head.in_progress).owner if head.in_progress else None
    if held and (owner is None or is_dead(bench, owner)):
        return f"locked by nobody who lives: {held}"
    return None


def ends_each_attempt_once(bench: Bench, span: Span) -> str | None:
    """I3: one terminal record per attempt; before recovery the one that holds the mutex is open."""
    head = bench.stage.ledger().head(SERVICE, ENVIRONMENT)
    for one in bench.stage.history():
        ends = [step.state for step in one.transitions if step.state in TERMINAL_STATES]
        is_open = one.release_id == head.in_progress
        if is_open and (span.is_recovered or ends):
            return f"{one.release_id} is still open at {one.state}"
        if not is_open and (len(ends) != 1 or one.transitions[-1].state != one.state):
            return f"{one.release_id} ended {ends}"
    return None


def answers_all_the_time(span: Span) -> str | None:
    """I4: every request was answered, but what only a bad release's canary got."""
    seen = span.traffic
    if seen.requests == 0:
        return None if span.good is None else "no request was sent"
    return None if seen.failed == 0 else f"{seen.failed} of {seen.requests}: {seen.failures}"


def rolls_out_once(bench: Bench) -> str | None:
    """I5: at most one active CodeDeploy deployment, one created per attempt and one rollback."""
    infos = bench.stage.rollouts()
    active = [one["deploymentId"] for one in infos if one["status"] in ACTIVE]
    if len(active) > 1:
        return f"active together: {active}"
    for release in bench.stage.history():
        mine = [one for one in infos if _names(one, release.release_id)]
        created = [one for one in mine if one.get("creator") != "codeDeployRollback"]
        if len(created) > 1 or len(mine) > 2:
            return f"{len(created)} created for {release.release_id}"
    return None


def _names(info: dict[str, Any], release_id: str) -> bool:
    return f" {release_id} " in f" {info.get('description', '')} "


def keeps_state(bench: Bench, span: Span) -> str | None:
    """I6: serial never falls, lineage stays, the md5 is right, and after recovery plans empty."""
    content = state_object(bench, STATE_KEY)
    if content is None:
        return None if span.lineage is None else "the state is gone"
    try:
        state = json.loads(content)
    except ValueError:
        return "the state is no state"
    if span.lineage not in (None, state["lineage"]):
        return f"lineage {span.lineage} became {state['lineage']}"
    if state["serial"] < span.serial:
        return f"serial went back from {span.serial} to {state['serial']}"
    differing = digests_differing(bench)
    if differing:
        return differing
    return pending_changes(bench) if span.is_recovered else None


def digests_differing(bench: Bench) -> str | None:
    """Return how the state and its digest differ, or None.

    A Terraform whose run was killed may still be writing the one after the other: what differs
    for a moment does not differ.
    """
    for _ in range(_LOOKS):
        # Terraform's own digest, no protection against anybody.
        content = state_object(bench, STATE_KEY) or b""
        found = hashlib.md5(content, usedforsecurity=False).hexdigest()
        recorded = digest_row(bench)
        if recorded == found:
            return None
        time.sleep(0.5)
    return f"md5 row {recorded}, object {found}"


def pending_changes(bench: Bench) -> str | None:
    """Plan what is good, and return what would change, or None.

    A deploy that has nothing to do has planned just that a moment ago.
    """
    if bench.said and bench.said[-1].code == 0 and SETTLED in bench.said[-1].errors:
        return None
    head = bench.stage.ledger().head(SERVICE, ENVIRONMENT)
    if head.good is None:
        return None
    good = bench.stage.ledger().get(head.good)
    assert good.stack is not None
    saved = bench.environment.stack("service", SERVICE, read_only=True).plan(good.stack.variables)
    if not saved.has_changes:
        return None
    return f"the plan is not empty: {[one.address for one in saved.summary.changes][:5]}"


def never_goes_back_by_itself(bench: Bench) -> str | None:
    """I7: what became good descends from what was good before, but where somebody went back."""
    good = [one for one in bench.stage.history() if _became_good(one)]
    for later, earlier in itertools.pairwise(good):
        order = order_of(later.history, earlier.history)
        is_deploy = later.kind is earlier.kind is AttemptKind.DEPLOY
        if is_deploy and order not in (Order.NEWER, Order.SAME):
            return f"{later.release_id} is {order} than {earlier.release_id}"
        if later.kind is AttemptKind.ROLLBACK and not later.reason:
            return f"{later.release_id} went back without a reason"
    return None


def _became_good(release: Release) -> bool:
    return release.state is ReleaseState.GOOD


def shows_no_secret(bench: Bench) -> str | None:
    """I8: what was said, logged, published and sent holds none of the canaries."""
    places = {
        "the command": "".join(one.output + one.errors for one in bench.said),
        "Prefect's log": json.dumps(
            bench.stage.ask_prefect("/logs/filter", {"limit": 200, "sort": "TIMESTAMP_DESC"})
        ),
        "artifacts": json.dumps(
            bench.stage.ask_prefect("/artifacts/filter", {"limit": 20, "sort": "CREATED_DESC"})
        ),
        "GitHub": "".join(one.body.decode(errors="replace") for one in bench.github.asked[-50:]),
        "Slack": json.dumps(bench.slack.channels),
    }
    shown = [place for place, text in places.items() if CANARY in text]
    return f"a secret in {shown}" if shown else None


def explains_each_failure(bench: Bench) -> str | None:
    """I9: every command that was not killed and failed ends in one line: what, what next."""
    for one in bench.said:
        if one.code in (0, -signal.SIGKILL):
            continue
        if not _ONE_LINE.fullmatch(one.last_line) or one.code < 0:
            return f"exit code {one.code}: {one.last_line[:160]!r}"
    return None


def does_nothing_twice(bench: Bench, again: Callable[[], Ended]) -> str | None:
    """I10: what has succeeded, asked for once more, succeeds and changes nothing."""
    before = _marks(bench)
    ended = again()
    if ended.code != 0:
        return f"asked again, it answers {ended.code}: {ended.last_line[:160]}"
    return None if _marks(bench) == before else "asked again, it did something again"


def _marks(bench: Bench) -> tuple[list[Release], int]:
    return bench.stage.history(), len(bench.stage.rollouts())
