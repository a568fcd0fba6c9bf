"""A sweep never takes what serves, what is being released, or what a rollback could want."""

from hypothesis import given
from hypothesis import strategies as st

from delightful.release import AttemptKind, Release, ReleaseState, Rollout
from delightful.retention import Retention, Revision, ServiceUse, retentions, was_good
from tests.delightful.samples import outputs, release

NUMBERS = range(1, 9)
ENDED_BADLY = (
    ReleaseState.FAILED,
    ReleaseState.ROLLED_BACK,
    ReleaseState.ROLLBACK_FAILED,
    ReleaseState.SUPERSEDED,
    ReleaseState.ABORTED,
)


def arn(number: int) -> str:
    """Return the ARN of a revision."""
    return outputs(number).task_definition_arn


def revisions(*numbers: int) -> list[Revision]:
    """Return revisions that are registered; the even ones are deregistered already."""
    return [Revision(arn=arn(one), status="ACTIVE" if one % 2 else "INACTIVE") for one in numbers]


def serving(*numbers: int) -> ServiceUse:
    """Return a service that is there and runs these revisions."""
    return ServiceUse(is_there=True, task_definition_arns=tuple(map(arn, numbers)))


def attempt(number: int, state: ReleaseState, stack: int, rollout: int | None = None) -> Release:
    """Return an attempt that applied one revision and, where told, moved traffic to another."""
    found = release(number, state=state, kind=AttemptKind.DEPLOY)
    parts = found.model_copy(
        update={"stack": found.stack and found.stack.model_copy(update={"outputs": outputs(stack)})}
    )
    moved = rollout and Rollout(
        engine="rolling", deployment_id=None, task_definition_arn=arn(rollout)
    )
    return parts.with_parts(rollout=moved)


@st.composite
def histories(draw: st.DrawFn) -> list[Release]:
    """Return attempts newest first; a revision may be held by several of them."""
    numbers = st.sampled_from(NUMBERS)
    return [
        attempt(
            number,
            draw(st.sampled_from(ReleaseState)),
            draw(numbers),
            draw(st.none() | numbers),
        )
        for number in range(draw(st.integers(0, 6)), 0, -1)
    ]


uses = st.lists(st.sampled_from(NUMBERS), max_size=3).map(lambda numbers: serving(*numbers))


def going(found: tuple[Retention, ...]) -> set[str]:
    """Return the ARNs of the revisions that go."""
    return {one.revision.arn for one in found if not one.stays}


def holds(one: Release) -> set[str]:
    """Return the task definitions that a release names, read apart from the decision."""
    record = one.model_dump(mode="json")
    rollout = record["rollout"] or {}
    return {
        record["stack"]["outputs"]["task_definition_arn"],
        rollout.get("task_definition_arn", record["stack"]["outputs"]["task_definition_arn"]),
    }


@given(histories(), uses)
def test_takes_only_what_bad_ends_hold_while_the_service_is_there(
    releases: list[Release], use: ServiceUse
) -> None:
    """What goes is neither live nor open nor of a good release, and the ledger knows it."""
    found = retentions(revisions(*NUMBERS), use, releases)
    assert [one.revision for one in found] == revisions(*NUMBERS)
    assert all(one.reason for one in found)
    for gone in going(found):
        holders = [one for one in releases if gone in holds(one)]
        assert holders
        assert {one.state for one in holders} <= set(ENDED_BADLY)
        assert gone not in use.task_definition_arns


@given(histories(), uses)
def test_leaves_nothing_that_only_bad_ends_hold(releases: list[Release], use: ServiceUse) -> None:
    """Whatever stays is live, open, of a good release or unknown to the ledger."""
    staying = {arn(one) for one in NUMBERS} - going(retentions(revisions(*NUMBERS), use, releases))
    for kept in staying - set(use.task_definition_arns):
        states = {one.state for one in releases if kept in holds(one)}
        assert not states or states - set(ENDED_BADLY)


@given(histories())
def test_takes_all_where_the_service_is_gone_and_nothing_is_open(releases: list[Release]) -> None:
    """Nothing is left to roll back; an open attempt could still make the service."""
    found = retentions(revisions(*NUMBERS), ServiceUse(is_there=False), releases)
    if all(one.is_terminal for one in releases):
        assert going(found) == {arn(one) for one in NUMBERS}
    else:
        kept = {name for one in releases if not one.is_terminal for name in holds(one)}
        assert not kept & going(found)


def test_open_attempt_without_a_stack_keeps_everything_unknown() -> None:
    """The first deploy of a service is open before there is a service or anything applied."""
    opened = release(1, state=ReleaseState.BUILT).with_parts(stack=None, rollout=None)
    found = retentions(revisions(1, 2), ServiceUse(is_there=False), [opened])
    assert going(found) == set()


def test_each_reason_names_what_decided() -> None:
    """A person reads why, and by which release."""
    releases = [
        release(5, state=ReleaseState.APPLIED),
        release(4, state=ReleaseState.ROLLED_BACK),
        release(3),
        release(2),
    ]
    found = retentions(revisions(1, 2, 3, 4, 5), serving(3), releases)
    assert [(one.stays, one.reason) for one in found] == [
        (True, "no release of the ledger holds it"),
        (True, "api-sandbox-000002 was good"),
        (True, "the service runs it"),
        (False, "api-sandbox-000004 ended ROLLED_BACK"),
        (True, "api-sandbox-000005 is in progress"),
    ]
    (gone,) = retentions(revisions(2), ServiceUse(is_there=False), [release(2)])
    assert (gone.stays, gone.reason) == (False, "the service is gone")


def test_good_is_what_ever_was() -> None:
    """GOOD is an end; every other end never was."""
    assert was_good(release(1))
    assert not any(was_good(release(1, state=state)) for state in ENDED_BADLY)
