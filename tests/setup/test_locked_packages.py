"""What a lock pins for running is told from what it pins for developing."""

from pathlib import Path

import locked_packages
import pytest

PROJECT = Path(__file__).parents[2]
LOCK = """\
boto3==1.0 \\
    --hash=sha256:11 \\
    --hash=sha256:12
    # via
    #   delightful (pyproject.toml)
    #   moto
botocore==1.0 \\
    --hash=sha256:21
    # via boto3
colorama==1.0 ; sys_platform == 'win32' \\
    --hash=sha256:31
    # via
    #   click
    #   pytest
click==1.0 \\
    --hash=sha256:41
    # via -r requirements.in
moto==1.0 \\
    --hash=sha256:51
    # via delightful (pyproject.toml)
"""


def test_follows_who_wanted_what() -> None:
    """From a dependency to what it needs, and to nothing beside."""
    lock = locked_packages.pins(LOCK)
    assert locked_packages.needed(lock, ["Boto3>=1"]) == ["boto3", "botocore"]
    assert locked_packages.needed(lock, ["click[extra]>=8; python_version > '3'"]) == [
        "click",
        "colorama",
    ]


def test_keeps_hashes_and_markers() -> None:
    """What pip gets is what the lock says, without its comments."""
    lines = locked_packages.pins(LOCK)["colorama"].lines
    assert lines == "colorama==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:31\n"


def test_a_dependency_that_the_lock_lacks_is_no_small_thing() -> None:
    """An old lock must not give an image without it."""
    with pytest.raises(KeyError, match="httpx"):
        locked_packages.needed(locked_packages.pins(LOCK), ["httpx"])


def test_running_needs_neither_sandbox_nor_tests() -> None:
    """Of our own lock the worker gets Prefect and AWS, but nothing that rehearses or tests."""
    lock = locked_packages.pins((PROJECT / "requirements.lock").read_text())
    dependencies = locked_packages.dependencies(str(PROJECT / "pyproject.toml"))
    found = set(locked_packages.needed(lock, dependencies))
    assert {"prefect", "prefect-aws", "boto3", "slack-sdk", "alembic", "certifi"} <= found
    assert not {"moto", "flask", "pytest", "mypy", "uv", "awscli"} & found
    assert all("--hash=sha256:" in lock[name].lines for name in found)


def test_nothing_slows_every_start() -> None:
    """No package is locked that Prefect would then import, and whose import takes seconds."""
    assert "rfc3987-syntax" not in locked_packages.pins((PROJECT / "requirements.lock").read_text())
