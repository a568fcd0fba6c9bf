"""Whatever fails, races or dies: all is said once, in order, and never ahead of the record."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocks.ledger.announcement_log import AnnouncementLog, Telling
from blocks.messengers.github_deployments import DeploymentStatus, NewDeployment
from blocks.messengers.github_repository import GitHubRepository
from blocks.messengers.slack_channel import SlackChannel
from delightful.announcing import MOST_REFUSALS, Channel, Standing, Told, milestones
from delightful.errors import Busy, ExternalError, TransientError
from delightful.release import Release, ReleaseState
from delightful.render.announcement import SlackMessage
from flows.messages.messengers import Messengers
from flows.messages.teller import CLAIM_SECONDS, Teller
from tests.delightful.samples import START
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.memory import MemoryLedger
from tests.flows.fakes.samples import OWNER, request_for

Trouble = Literal["none", "limit", "before", "after", "killed", "race", "refused"]

# Choices 0 to 5: most attempts go on, so that enough become good.
NEXT = {
    ReleaseState.PENDING: (*[ReleaseState.BUILT] * 4, ReleaseState.FAILED, ReleaseState.SUPERSEDED),
    ReleaseState.BUILT: (*[ReleaseState.APPLIED] * 5, ReleaseState.ROLLED_BACK),
    ReleaseState.APPLIED: (*[ReleaseState.LIVE] * 5, ReleaseState.ROLLED_BACK),
    ReleaseState.LIVE: (*[ReleaseState.GOOD] * 4, ReleaseState.FAILED, ReleaseState.ABORTED),
}


class Killed(BaseException):
    """The teller's process is gone."""


@dataclass
class World:
    """GitHub and Slack as two lists, trouble that waits for the next messages, and a clock."""

    cloud: FakeCloud = field(default_factory=FakeCloud)
    now: float = 1_000.0
    trouble: list[Trouble] = field(default_factory=list)
    is_dead: bool = False
    posted: list[tuple[str | None, SlackMessage]] = field(default_factory=list)
    made: list[NewDeployment] = field(default_factory=list)
    statuses: list[tuple[int, DeploymentStatus]] = field(default_factory=list)
    comments: dict[int, str] = field(default_factory=dict)

    @property
    def ledger(self) -> MemoryLedger:
        return self.cloud.ledger("api")

    @property
    def log(self) -> AnnouncementLog:
        return cast(AnnouncementLog, MortalLog(self))

    def teller(self, channels: tuple[Channel, ...] = ("slack", "github")) -> Teller:
        """Return a teller with a minute of time."""
        carriers = Messengers(
            cast(GitHubRepository, GitHub(self)), cast(SlackChannel, Slack(self)), None
        )
        return Teller(
            service="api",
            environment="sandbox",
            ledger=self.ledger,
            log=self.log,
            channels=channels,
            send=carriers.send,
            until=self.now + 60,
            clock=lambda: self.now,
            pause=self.passes,
        )

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def tell(self) -> None:
        """Run a teller, which may be killed."""
        try:
            self.teller().run()
        except Killed:
            self.is_dead = False

    def meet(self, do: Callable[[], None]) -> None:
        """Do something outside, and let it meet the trouble that waits."""
        trouble = self.trouble.pop(0) if self.trouble else "none"
        if trouble == "race":
            self.teller().run()
        if trouble == "limit":
            raise Busy("E_BUSY", "limit", hint="wait", wait_seconds=5, is_limit=True)
        if trouble == "refused":
            raise ExternalError("E_NO", "no", hint="no", service="s", operation="o", cause="c")
        if trouble == "before":
            raise TransientError("E_UNREACHABLE", "lost", hint="again")
        do()
        if trouble == "killed":
            self.is_dead = True
            raise Killed
        if trouble == "after":
            raise TransientError("E_UNREACHABLE", "lost", hint="again")

    def open(self, number: int) -> Release:
        """Open the next attempt."""
        return self.ledger.open_attempt(request_for(number), OWNER, START)

    def move(self, choice: int) -> None:
        """Take the open attempt to one of its next states."""
        head = self.ledger.head("api", "sandbox")
        if head.in_progress is not None:
            release = self.ledger.get(head.in_progress)
            states = NEXT[release.state]
            self.ledger.record(release.moved_to(states[choice % len(states)], START))

    def thread_of(self, release: Release) -> list[str]:
        """Return the standings that the thread of a release says, in order."""
        keys = [message.key for _, message in self.posted]
        return [key.split()[1] for key in keys if key.split()[0] == release.release_id]


@dataclass
class MortalLog:
    """The log, which a dead process cannot write."""

    world: World

    def telling(self, service: str, environment: str) -> Telling:
        return self._log.telling(service, environment)

    def told(self, service: str, environment: str) -> tuple[Told, ...]:
        return self._log.told(service, environment)

    def is_free(self, telling: Telling, now: float) -> bool:
        return self._log.is_free(telling, now)

    def keep_telling(self, service: str, environment: str, telling: Telling) -> Telling | None:
        self._refuse_dead()
        return self._log.keep_telling(service, environment, telling)

    def keep_told(self, told: Told) -> Told | None:
        self._refuse_dead()
        return self._log.keep_told(told)

    def _refuse_dead(self) -> None:
        if self.world.is_dead:
            raise Killed

    @property
    def _log(self) -> AnnouncementLog:
        return self.world.cloud.announcement_log("api")


@dataclass
class Slack:
    """A channel that takes everything twice if it is sent twice."""

    world: World

    def post(self, message: SlackMessage, thread: str | None) -> str:
        release_id, standing = message.key.split()
        assert Standing(standing) in milestones(self.world.ledger.get(release_id))
        self.world.meet(lambda: self.world.posted.append((thread, message)))
        return str(len(self.world.posted) - 1)

    def find(self, key: str, since: datetime, thread: str | None) -> str | None:
        for number, (_, message) in enumerate(self.world.posted):
            if message.key == key:
                return str(number)
        return None


@dataclass
class GitHub:
    """A repository where commit 1 came from pull request 1, 2 and 3 from 2, and so on."""

    world: World

    def pull_request_of(self, commit: str) -> int | None:
        return int(commit, 16) // 2 or None

    def make_deployment(self, wanted: NewDeployment, *, look_first: bool) -> int:
        tasks = [one.task for one in self.world.made]
        if look_first and wanted.task in tasks:
            return tasks.index(wanted.task) + 1
        self.world.meet(lambda: self.world.made.append(wanted))
        return len(self.world.made)

    def add_status(self, number: int, status: DeploymentStatus, *, look_first: bool) -> None:
        release = self.world.ledger.get(self.world.made[number - 1].task.split(":")[1])
        head = self.world.ledger.head("api", "sandbox")
        assert status.state != "success" or head.good == release.release_id
        said = [one for other, one in self.world.statuses if other == number]
        if not (look_first and said and said[-1] == status):
            self.world.meet(lambda: self.world.statuses.append((number, status)))

    def upsert_comment(self, pull_request: int, marker: str, body: str) -> None:
        self.world.meet(lambda: self.world.comments.update({pull_request: body}))


# The first run meets no trouble: it says from which release on there is something to tell.
_CALM: tuple[Trouble, ...] = ("none",) * 3

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(0, 5)),
        st.tuples(st.just("move"), st.integers(0, 5)),
        st.tuples(st.just("move"), st.integers(0, 5)),
        st.tuples(st.just("open"), st.just(0)),
        st.tuples(st.just("tell"), st.just(0)),
        st.tuples(st.just("time"), st.just(0)),
    ),
    min_size=8,
    max_size=40,
)
TROUBLE = st.lists(
    st.sampled_from(["none", "none", "limit", "before", "after", "killed", "race"]), max_size=25
)


def live_through(world: World, steps: list[tuple[str, int]]) -> None:
    """Let releases move, tellers run and time pass, in this order."""
    number = 1
    world.open(number)
    world.teller().run()
    for what, choice in steps:
        if what == "move":
            world.move(choice)
        elif what == "tell":
            world.tell()
        elif what == "time":
            world.passes(CLAIM_SECONDS)
        elif world.ledger.head("api", "sandbox").in_progress is None:
            number += 1
            world.open(number)
    # The next run, later and with nothing in its way.
    world.trouble.clear()
    world.passes(CLAIM_SECONDS)
    world.teller().run()


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, TROUBLE)
def test_everything_is_said_once_in_order_and_true(
    steps: list[tuple[str, int]], trouble: list[Trouble]
) -> None:
    """After any trouble one calm run leaves what an undisturbed telling would have left."""
    world = World(trouble=[*_CALM, *trouble])
    live_through(world, steps)
    releases = list(reversed(world.ledger.history("api", "sandbox")))[-8:]
    for release in releases:
        assert world.thread_of(release) == list(milestones(release))
        opened = [thread for thread, one in world.posted if one.key.startswith(release.release_id)]
        assert opened.count(None) == 1
    tasks = [one.task for one in world.made]
    assert len(tasks) == len(set(tasks))
    assert tasks[-1] == f"deploy:{releases[-1].release_id}"
    active = [
        tasks[number - 1].split(":")[1]
        for number in {number for number, _ in world.statuses}
        if [one for other, one in world.statuses if other == number][-1].state == "success"
    ]
    good = world.ledger.head("api", "sandbox").good
    assert active == ([good] if good and f"deploy:{good}" in tasks else [])
    for number, text in world.comments.items():
        newest = [one for one in releases if int(one.commit, 16) // 2 == number][-1:]
        assert all(one.release_id.replace("-", "\\-") in text for one in newest)


def test_a_refusal_is_tried_a_few_times_and_stops_nothing_else() -> None:
    """A part that is always refused costs three calls of a release; the other parts go on."""
    world = World(trouble=["refused"])
    world.open(1)
    world.teller().run()
    assert [number for number, _ in world.statuses] == [1]
    for _ in range(5):
        world.trouble = ["refused"] * 3
        world.teller().run()
    told = world.log.told("api", "sandbox")[0]
    assert told.refused == {"slack": MOST_REFUSALS}
    assert world.posted == []


def test_a_limit_is_left_alone_for_as_long_as_it_asks() -> None:
    """Within its time a teller waits; beyond it the next one sends, and nobody asks before."""
    world = World(trouble=["limit"])
    world.open(1)
    world.teller(("slack",)).run()
    assert len(world.posted) == 1
    assert world.now == 1_005.0
    world.move(0)
    world.move(0)
    world.move(0)
    world.trouble = ["limit"] * 50
    world.teller(("slack",)).run()
    rests = world.log.telling("api", "sandbox").rests_until["slack"]
    assert rests >= world.now
    assert 50 - len(world.trouble) <= 13
    world.trouble.clear()
    world.passes(5)
    world.teller(("slack",)).run()
    assert world.thread_of(world.ledger.history("api", "sandbox")[0]) == ["STARTED", "LIVE"]


def test_what_was_before_the_first_telling_is_not_told() -> None:
    """Whoever is given a channel today does not hear of last week's releases."""
    world = World()
    world.cloud.serve(1)
    world.cloud.serve(2)
    world.open(3)
    world.teller(("github",)).run()
    assert [one.task for one in world.made] == ["deploy:api-sandbox-000003"]
    assert world.posted == []


def test_nothing_new_costs_no_write() -> None:
    """A teller that finds nothing due leaves the log as it was."""
    world = World()
    world.open(1)
    world.teller().run()
    before = world.log.telling("api", "sandbox")
    world.teller().run()
    assert world.log.telling("api", "sandbox") == before


def test_who_was_good_longer_ago_is_shown_replaced() -> None:
    """Behind more failed attempts than are looked at, the good deployment before is ended."""
    world = World()
    for number in range(1, 12):
        world.open(number)
        moves = (0, 0, 0, 0) if number in (1, 11) else (4,)
        for choice in moves:
            world.move(choice)
        world.teller().run()
    first = [one.state for number, one in world.statuses if number == 1]
    assert first == ["success", "inactive"]
