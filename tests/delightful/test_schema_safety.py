"""A rollback never meets a schema that its code cannot know, unless somebody says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.errors import ExitCode, Refused
from delightful.recommendation import Evidence, Migration, MigrationRisk
from delightful.release import AttemptKind, Release, ReleaseState, SchemaChange, Transition
from delightful.schema_safety import nearest_safe, refuse_one_way, schema_obstacles
from tests.delightful.samples import START, release

RISKS: tuple[MigrationRisk | None, ...] = (None, "expand", "unknown", "contract", "irreversible")


def attempt(
    number: int,
    risk: MigrationRisk | None = None,
    state: ReleaseState = ReleaseState.GOOD,
    *,
    reached: ReleaseState = ReleaseState.APPLIED,
    kind: AttemptKind = AttemptKind.DEPLOY,
) -> Release:
    """Return an attempt with migrations of this risk, which came as far as `reached`."""
    quote = Evidence(file=f"migrations/{number}.sql", line=1, quote="DROP TABLE users;")
    changed = Migration(path=quote.file, risk=risk or "expand", reason="drops", evidence=quote)
    steps = (ReleaseState.PENDING, reached, state)
    return release(number, state=state, kind=kind).with_parts(
        migrations=SchemaChange(judgement=risk, changed=(changed,)),
        transitions=tuple(Transition(state=step, at=START) for step in steps),
    )


@pytest.mark.parametrize("risk", ["contract", "irreversible"])
def test_migration_that_destroys_is_in_the_way(risk: MigrationRisk) -> None:
    """The refusal names the migration, the release that is safe, and the way forward."""
    history = [attempt(4), attempt(3), attempt(2, risk), attempt(1)]
    with pytest.raises(Refused, match=rf"E_MIGRATION .*api-sandbox-000002 .*{risk}.*2\.sql") as no:
        refuse_one_way(history, history[-1], good="api-sandbox-000004")
    assert no.value.exit_code is ExitCode.REFUSED
    assert "go back to api-sandbox-000003, or deploy a commit" in no.value.hint


def test_says_where_no_release_is_safe() -> None:
    """Right after such a migration there is only the way forward."""
    history = [attempt(2, "irreversible"), attempt(1)]
    with pytest.raises(Refused, match="no earlier release is safe: deploy a commit"):
        refuse_one_way(history, history[1], good="api-sandbox-000002")


def test_failed_deploy_has_migrated_all_the_same() -> None:
    """What a failed release's command did to the data was not taken back with its traffic."""
    failed = attempt(3, "irreversible", ReleaseState.ROLLED_BACK)
    assert schema_obstacles([failed, attempt(2), attempt(1)], attempt(1))


def test_deploy_that_never_was_applied_has_migrated_nothing() -> None:
    """A release that failed before its stack was applied ran neither command nor task."""
    failed = attempt(3, "irreversible", ReleaseState.FAILED, reached=ReleaseState.BUILT)
    assert not schema_obstacles([failed, attempt(2), attempt(1)], attempt(1))


def test_migration_that_nobody_could_judge_is_told() -> None:
    """What is unknown does not bar the way back, and is returned to be said."""
    history = [attempt(2, "unknown"), attempt(1)]
    (told,) = refuse_one_way(history, history[1], good="api-sandbox-000002")
    assert told.release_id == "api-sandbox-000002"


@given(st.lists(st.sampled_from(RISKS), min_size=1, max_size=8))
def test_nearest_safe_release_is_let_pass(risks: list[MigrationRisk | None]) -> None:
    """Who is named as safe is not refused, and every newer good one is no farther away."""
    history = [attempt(number + 1, risk) for number, risk in enumerate(risks)][::-1]
    good = history[0].release_id
    safe = nearest_safe(history, good)
    if safe is not None:
        refuse_one_way(history, safe, good)
        assert safe.sequence == history[0].sequence - 1
    elif len(history) > 1:
        with pytest.raises(Refused):
            refuse_one_way(history, history[1], good)
