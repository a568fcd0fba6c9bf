"""What differs between two releases is told, and no value of an input with it."""

from hypothesis import given
from hypothesis import strategies as st

from delightful.difference import release_difference
from delightful.release import AppliedStack, Release
from delightful.render.difference import difference_lines
from tests.delightful.samples import digest, release

VALUES = st.text(min_size=8, max_size=12, alphabet="QXZ")
INPUTS = st.dictionaries(st.sampled_from(["cpu_units", "environment", "image_tag"]), VALUES)


def with_inputs(number: int, inputs: dict[str, str]) -> Release:
    """Return a release that was applied with these inputs."""
    one = release(number)
    assert isinstance(one.stack, AppliedStack)
    return one.with_parts(stack=one.stack.model_copy(update={"variables": inputs}))


def test_release_does_not_differ_from_itself() -> None:
    """The same release twice is no difference, and that is said."""
    found = release_difference(release(1), release(1))
    assert difference_lines(found) == ("nothing differs",)


def test_lineage_is_told_step_by_step() -> None:
    """Commit, digest and task definition are named, the one before first."""
    lines = difference_lines(release_difference(release(2), release(1)))
    assert f"image digest: {digest(2)} → {digest(1)}" in lines
    assert "task definition: api:2 → api:1" in lines
    assert lines[0].startswith("commit: ")


@given(INPUTS, INPUTS)
def test_inputs_are_named_without_their_values(
    before: dict[str, str], after: dict[str, str]
) -> None:
    """Exactly the inputs that differ are named, and nothing of what they hold is."""
    found = release_difference(with_inputs(1, before), with_inputs(1, after))
    differing = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert {one.what.removeprefix("input ") for one in found} == differing
    text = "\n".join(difference_lines(found))
    assert not any(value in text for value in (*before.values(), *after.values()))
