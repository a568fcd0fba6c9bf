"""Containers that outlived their sandbox are found by its label and removed."""

from pathlib import Path

from sandbox.containers import note_engine, note_image, remove_containers

FAKE_ENGINE = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
[ "$1" = ps ] && printf 'one\\ntwo\\n'
exit 0
"""


def test_removes_what_carries_the_label_with_the_engine_that_made_it(tmp_path: Path) -> None:
    """The engine that was noted is asked for the label and told to remove what it names."""
    engine = tmp_path / "engine"
    engine.write_text(FAKE_ENGINE)
    engine.chmod(0o755)
    note_engine(tmp_path, str(engine))
    assert remove_containers(tmp_path, "abc123") == 2
    assert (tmp_path / "calls").read_text().splitlines() == [
        "ps -aq --filter label=delightful.sandbox=abc123",
        "kill one two",
        "rm -f -v one two",
    ]


def test_removes_the_images_that_were_pulled(tmp_path: Path) -> None:
    """Each image that was noted is removed, once, after the containers."""
    engine = tmp_path / "engine"
    engine.write_text(FAKE_ENGINE)
    engine.chmod(0o755)
    note_engine(tmp_path, str(engine))
    for name in ("web@sha256:1", "api@sha256:2", "web@sha256:1"):
        note_image(tmp_path, name)
    remove_containers(tmp_path, "abc123")
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[-1] == "rmi -f api@sha256:2 web@sha256:1"


def test_asks_no_engine_where_none_was_used(tmp_path: Path) -> None:
    """In process mode there is nothing to remove, whatever is installed."""
    assert remove_containers(tmp_path, "abc123") == 0
