"""What is written into listeners."""

from sandbox.codedeploy.listeners import Split, disagrees, serves, weights_of

BLUE, GREEN, OTHER = "tg/blue", "tg/green", "tg/other"
TO_BLUE = [{"Type": "forward", "TargetGroupArn": BLUE}]
TO_GREEN = [{"Type": "forward", "TargetGroupArn": GREEN}]
TO_OTHER = [{"Type": "forward", "TargetGroupArn": OTHER}]


def test_keeps_the_idle_group_at_weight_zero() -> None:
    """Both groups stay in the listener; the top-level target group goes."""
    actions = Split(BLUE, GREEN, 100).rewritten(TO_BLUE)
    assert weights_of(actions[0]) == {GREEN: 100, BLUE: 0}
    assert "TargetGroupArn" not in actions[0]
    assert actions[0]["ForwardConfig"]["TargetGroupStickinessConfig"] == {"Enabled": False}


def test_keeps_actions_that_do_not_forward() -> None:
    """An authentication in front of the forward stays in front of it."""
    login = {"Type": "authenticate-oidc", "Order": 1}
    assert Split(BLUE, GREEN, 10).rewritten([login, *TO_BLUE])[0] == login


def test_a_group_with_weight_zero_is_not_served() -> None:
    """Being named in a listener is not the same as getting traffic."""
    actions = Split(BLUE, GREEN, 0).rewritten(TO_BLUE)
    assert serves(actions, BLUE)
    assert not serves(actions, GREEN)


def test_unrelated_rules_do_not_matter() -> None:
    """Only rules that forward to the pair are asked."""
    assert not disagrees([TO_BLUE, TO_OTHER], BLUE, (BLUE, GREEN))


def test_one_rule_to_the_wrong_group_disagrees() -> None:
    """A second rule that sends to the replacement alone is refused before anything happens."""
    assert disagrees([TO_BLUE, TO_GREEN], BLUE, (BLUE, GREEN))


def test_a_listener_without_the_pair_disagrees() -> None:
    """The live group must be behind the listener."""
    assert disagrees([TO_OTHER], BLUE, (BLUE, GREEN))
