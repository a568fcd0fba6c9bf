"""Order comes from ancestry: it never contradicts itself and never guesses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.errors import ExitCode, Refused, Superseded
from delightful.ordering import Order, order_of, refuse_out_of_order
from tests.delightful.samples import commit

COMMITS = st.integers(0, 30).map(commit)
HISTORIES = st.lists(COMMITS, max_size=12, unique=True)
MIRROR = {
    Order.NEWER: Order.OLDER,
    Order.OLDER: Order.NEWER,
    Order.SAME: Order.SAME,
    Order.UNKNOWN: Order.UNKNOWN,
}


@given(HISTORIES, HISTORIES)
def test_is_antisymmetric(one: list[str], other: list[str]) -> None:
    """Asked the other way round, the answer is the mirror image: never both newer."""
    assert order_of(other, one) is MIRROR[order_of(one, other)]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_follows_the_line_of_one_branch(one: int, other: int, depth: int) -> None:
    """On one branch a longer history is newer, as far back as the histories were fetched."""
    mine = [commit(number) for number in range(one, max(0, one - depth), -1)]
    theirs = [commit(number) for number in range(other, max(0, other - depth), -1)]
    expected = Order.SAME if one == other else Order.NEWER if one > other else Order.OLDER
    seen = order_of(mine, theirs)
    assert seen is (expected if abs(one - other) < depth else Order.UNKNOWN)


@given(HISTORIES, HISTORIES)
def test_refuses_unknown_ancestry(one: list[str], other: list[str]) -> None:
    """What cannot be placed is refused, whatever else the two branches share."""
    if one[:1] == other[:1] or set(one[:1]) & set(other) or set(other[:1]) & set(one):
        return
    order = order_of(one, other)
    assert order is Order.UNKNOWN
    with pytest.raises(Refused) as caught:
        refuse_out_of_order(order, commit=commit(1), good=commit(2))
    assert (caught.value.code, caught.value.exit_code) == ("E_SHA_ANCESTRY", ExitCode.REFUSED)


def test_refuses_histories_that_name_each_other() -> None:
    """Two histories that each contain the other's head are no true histories."""
    assert order_of([commit(1), commit(2)], [commit(2), commit(1)]) is Order.UNKNOWN


def test_supersedes_an_older_commit() -> None:
    """An older commit ends superseded, with the exit code of its own that says so."""
    with pytest.raises(Superseded) as caught:
        refuse_out_of_order(Order.OLDER, commit=commit(1), good=commit(2))
    assert (caught.value.code, caught.value.exit_code) == ("E_SUPERSEDED", ExitCode.SUPERSEDED)


@pytest.mark.parametrize("order", [Order.NEWER, Order.SAME])
def test_lets_newer_and_same_pass(order: Order) -> None:
    """A newer commit may be deployed, and the same one again."""
    refuse_out_of_order(order, commit=commit(2), good=commit(1))
