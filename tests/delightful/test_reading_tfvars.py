"""An environment's variable file, read as Terraform reads it or not at all."""

from pathlib import Path

import pytest

from delightful.errors import ConfigError
from delightful.reading.tfvars import read_tfvars

ENVIRONMENTS = Path(__file__).parents[2] / "infrastructure" / "environments"


def test_reads_text_numbers_booleans_and_lists() -> None:
    """One name and one value a line; comments and blank lines are left out."""
    text = '# ports\nlistener_port = 8080\n\nname="x"\npublic = true\nzones = ["a", "b"]\n'
    assert read_tfvars(text, "a.tfvars") == {
        "listener_port": 8080,
        "name": "x",
        "public": True,
        "zones": ["a", "b"],
    }


@pytest.mark.parametrize(
    "line", ["port 8080", "port = ", "port = eight", "health = {", "Port = 1", "port = 1 # why"]
)
def test_refuses_what_terraform_might_read_otherwise(line: str) -> None:
    """A line of more than the file needs is named with its number, never guessed."""
    with pytest.raises(ConfigError, match=r"a\.tfvars:2:") as refused:
        read_tfvars(f"ok = 1\n{line}\n", "a.tfvars")
    assert refused.value.code == "E_TFVARS"


def test_refuses_a_name_given_twice() -> None:
    """Two values for one name have no single reading."""
    with pytest.raises(ConfigError, match=r"a\.tfvars:2:"):
        read_tfvars("port = 1\nport = 2\n", "a.tfvars")


@pytest.mark.parametrize("path", sorted(ENVIRONMENTS.glob("*.tfvars")), ids=lambda path: path.name)
def test_reads_every_environment_of_the_project(path: Path) -> None:
    """The files that are there can be read, and name the environment they are of."""
    assert read_tfvars(path.read_text(), path.name)["environment"] == path.stem
