"""The search for reference cycles is held off, and taken up again."""

import gc

import pytest

from delightful.collecting import uncollected


def test_is_off_within_and_on_again_after() -> None:
    """Nothing is searched within, however it ends."""
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()


def test_stays_off_where_it_was_off() -> None:
    """Who turned it off has it off still."""
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
