"""What agrees with the ledger, and what is shown because it does not."""

from delightful.agreement import Finding, Standing, disagreements, is_in_order


def _finding(standing: Standing) -> Finding:
    return Finding(subject="image", standing=standing, detail="as it was seen")


def test_shows_whatever_does_not_simply_agree() -> None:
    """Drifted, unknown and adopted are shown, in the order in which they were found."""
    found = [_finding(standing) for standing in Standing]
    assert [one.standing for one in disagreements(found)] == ["drifted", "unknown", "adopted"]


def test_what_was_adopted_is_in_order() -> None:
    """A subject that is known from what was found there is shown, and mends nothing further."""
    assert is_in_order([_finding(Standing.AGREES), _finding(Standing.ADOPTED)])


def test_what_is_unknown_is_not_in_order() -> None:
    """What could not be looked at is no agreement."""
    assert not is_in_order([_finding(Standing.AGREES), _finding(Standing.UNKNOWN)])


def test_no_look_is_no_agreement() -> None:
    """Where nothing was looked at nothing agrees."""
    assert not is_in_order([])
