"""What people are told of a release: true to its record, linked, and inert."""

import pytest

from delightful.announcing import Book, Standing, Told, due, milestones, standing_of
from delightful.release import (
    AttemptKind,
    Failure,
    Owner,
    Release,
    ReleaseState,
    Rollout,
    Transition,
)
from delightful.render.announcement import (
    links_of,
    release_comment,
    service_url,
    slack_message,
    what_happened,
)
from tests.delightful.samples import START, release

HOSTILE = (
    "<!channel> @org/team fixes #1 <img src=http://evil.example/?d=1> [x](javascript:alert(1)) "
    "</details> <!-- --> ``` http://evil.example \u202e"
)
PREFECT = "http://127.0.0.1:4200"
OWNER = Owner(flow_run_id="0b5e", host="here", boot_id="b", pid=1, process_started_ticks=1)


def ended(state: ReleaseState, reason: str = "tasks never became healthy") -> Release:
    """Return a release that ended for a reason."""
    failure = Failure(phase="codedeploy", reason=reason, log_tail=("password=hunter2",))
    return release(3, state=state).with_parts(failure=failure, owner=OWNER)


def grown(*states: str) -> Release:
    """Return a release that went through these states."""
    steps = tuple(Transition(state=ReleaseState(state), at=START) for state in states)
    return release(3, state=steps[-1].state).with_parts(transitions=steps)


@pytest.mark.parametrize("state", list(ReleaseState))
def test_a_standing_never_says_more_than_the_record(state: ReleaseState) -> None:
    """Live is not said before LIVE, nor good before GOOD, and good only of the head's."""
    one = release(3, state=state)
    standing = standing_of(one, one.release_id)
    if state in (ReleaseState.PENDING, ReleaseState.BUILT, ReleaseState.APPLIED):
        assert standing is Standing.STARTED
    else:
        assert standing.value == state.value
    assert (standing_of(one, "another") is Standing.REPLACED) == (state is ReleaseState.GOOD)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (("PENDING",), ["STARTED"]),
        (("PENDING", "BUILT", "APPLIED"), ["STARTED"]),
        (("PENDING", "BUILT", "APPLIED", "LIVE"), ["STARTED", "LIVE"]),
        (("PENDING", "BUILT", "APPLIED", "LIVE", "GOOD"), ["STARTED", "LIVE", "GOOD"]),
        (("PENDING", "BUILT", "ROLLED_BACK"), ["STARTED", "ROLLED_BACK"]),
        (("PENDING", "SUPERSEDED"), ["STARTED", "SUPERSEDED"]),
    ],
)
def test_a_thread_has_the_milestones_of_the_record(states: list[str], said: list[str]) -> None:
    """Started, live where it was, and the end."""
    assert [str(one) for one in milestones(grown(*states))] == said


def test_a_late_release_does_not_show_as_the_newest() -> None:
    """Where a later release has its GitHub deployment already, an earlier one gets none."""
    later = Told(release_id="api-sandbox-000004", deployment=9)
    book = Book(
        releases=(grown("PENDING", "FAILED"), release(4)),
        told={later.release_id: later},
        good="api-sandbox-000004",
        since={"github": 1},
    )
    owed = [(one.release_id[-1], one.part) for one in due(book)]
    assert ("3", "deployment") not in owed
    assert ("4", "deployment") in owed


def test_the_reason_is_told() -> None:
    """Whoever reads that it was rolled back reads why, and who superseded it by which."""
    rolled_back = what_happened(ended(ReleaseState.ROLLED_BACK), Standing.ROLLED_BACK, None)
    assert rolled_back == (
        "api-sandbox-000003 was rolled back: codedeploy: tasks never became healthy"
    )
    superseded = grown("PENDING", "SUPERSEDED").with_parts(reason="older than b (api-sandbox-2)")
    told = what_happened(superseded, Standing.SUPERSEDED, None)
    assert told == "api-sandbox-000003 was superseded: older than b (api-sandbox-2)"
    assert "superseded" not in what_happened(superseded, Standing.STARTED, None)


def test_a_rollback_says_what_it_restores_and_why() -> None:
    """The person's reason stands in the first message."""
    one = release(4, kind=AttemptKind.ROLLBACK, restores="api-sandbox-000001")
    told = what_happened(one.with_parts(reason="orders are lost"), Standing.STARTED, None)
    assert told == ("api-sandbox-000004 started, rollback to api-sandbox-000001: orders are lost")


def test_bad_ends_are_seen_in_the_channel() -> None:
    """A failure shows outside of its thread, a success does not disturb."""
    for state in (ReleaseState.ROLLED_BACK, ReleaseState.FAILED, ReleaseState.ROLLBACK_FAILED):
        assert slack_message(ended(state), Standing(state.value), None, ()).is_broadcast
    good = slack_message(release(3), Standing.GOOD, None, ())
    assert (good.is_broadcast, good.text) == (False, "✅ api-sandbox-000003 is good (12:01:00 UTC)")


def test_links_lead_to_dashboard_release_run_and_rollout() -> None:
    """Each where there is one; without a Prefect UI its links are left out."""
    one = ended(ReleaseState.ROLLED_BACK)
    assert [link.url for link in links_of(one, PREFECT)] == [
        "https://example.com/dashboard",
        f"{PREFECT}/artifacts/key/release-api-sandbox",
        f"{PREFECT}/runs/flow-run/0b5e",
        "https://us-east-1.console.aws.amazon.com/codesuite/codedeploy/deployments/d-000000003",
    ]
    assert [link.label for link in links_of(one, None)] == ["dashboard", "rollout"]
    rolling = Rollout(engine="rolling", deployment_id="ecs-svc/1", task_definition_arn="arn:x")
    assert [link.label for link in links_of(one.with_parts(rollout=rolling), None)] == ["dashboard"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a.example/|x>", "https://a b", "//evil.example", ""]
)
def test_what_is_no_address_becomes_no_link(url: str) -> None:
    """An output that is not a plain address of the web is left out."""
    one = ended(ReleaseState.FAILED)
    assert one.stack is not None
    outputs = one.stack.outputs.model_copy(update={"dashboard_url": url, "url": url})
    bad = one.with_parts(stack=one.stack.model_copy(update={"outputs": outputs}))
    assert "dashboard" not in [link.label for link in links_of(bad, None)]
    assert service_url(bad) is None


def test_what_others_wrote_is_inert_in_a_comment() -> None:
    """No mention, reference, image, link or HTML comes of a reason, however it is written."""
    text = release_comment(ended(ReleaseState.FAILED, HOSTILE), Standing.FAILED, None, ())
    for harmful in ("@org", "#1", "<img", "](javascript", "</details>", "<!--", "```", "\u202e"):
        assert harmful not in text
    assert "http://" not in text


def test_logs_of_the_service_stay_out() -> None:
    """A pull request is read by more people than the release's evidence."""
    one = ended(ReleaseState.FAILED)
    said = release_comment(one, Standing.FAILED, None, links_of(one, PREFECT))
    assert "hunter2" not in said + slack_message(one, Standing.FAILED, None, ()).text


def test_a_comment_links_and_says_what_comes_next() -> None:
    """What happened, each step's time, where to look, and the next command at the end."""
    one = ended(ReleaseState.ROLLED_BACK)
    text = release_comment(one, Standing.ROLLED_BACK, None, links_of(one, PREFECT))
    assert text.startswith("### ↩️ `api` in `sandbox`\n")
    assert "| `ROLLED_BACK` | 2026-11-23 12:01:00 UTC |" in text
    assert "[flow run](<http://127.0.0.1:4200/runs/flow-run/0b5e>)" in text
    assert text.splitlines()[-1].startswith("Next: `delightful show api-sandbox-000003")


def test_whoever_was_good_is_told_who_serves_now() -> None:
    """The comment of an earlier pull request names what replaced it, and no longer says good."""
    text = release_comment(release(3), Standing.REPLACED, "api-sandbox-000004", ())
    assert "was good, and api\\-sandbox\\-000004 serves now" in text
    assert "is good" not in text


def test_a_time_is_that_of_the_record() -> None:
    """A message that comes late still says when it happened."""
    assert "(12:00:00 UTC)" in slack_message(release(3), Standing.STARTED, None, ()).text
