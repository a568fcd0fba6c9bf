"""What a person sees on a terminal, and what stands in a log."""

import sys

import pytest

from cli.terminal import Terminal, print_error, print_text

# Back to the begin; click leaves out what clears the line where it writes into a buffer.
CLEARED = "\r"


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Return progress on a terminal, whose stream `capsys` has put there before."""
    del capsys
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    return Terminal()


def test_an_answer_does_not_stand_behind_the_last_line(
    live: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """What passed by is taken away before what stays is printed, once."""
    live.tell("bakes")
    print_text("GOOD")
    print_error("E_DEPLOY")
    told = capsys.readouterr()
    assert told.out == "GOOD\n"
    assert "bakes" in told.err
    assert told.err.endswith(f"{CLEARED}E_DEPLOY\n")
    assert told.err.count(CLEARED) == 1


def test_a_log_has_every_line_and_nothing_to_steer_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Elsewhere each line stays, but Terraform's for each single resource."""
    terminal = Terminal()
    terminal.begin("apply")
    terminal.tell("aws_lb.this: Creating...")
    terminal.tell("Apply complete!")
    print_text("GOOD")
    told = capsys.readouterr()
    assert told.out == "GOOD\n"
    assert [line.split()[-1] for line in told.err.splitlines()] == ["…", "complete!"]
    assert "\033" not in told.err
