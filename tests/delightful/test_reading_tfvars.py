"""A variable file says the same to us and to Terraform, or is refused."""

from pathlib import Path

import pytest

from delightful.errors import ConfigError
from delightful.reading.tfvars import read_tfvars

ENVIRONMENTS = Path(__file__).parents[2] / "infrastructure" / "environments"


def test_reads_names_and_values() -> None:
    """Comments and empty lines are passed over, values are read as JSON is."""
    text = '# about\n\nname   = "a b"\ncount = 2\nrate=0.5\non = true\nzones = ["a", "b"]\n'
    assert read_tfvars(text, "x.tfvars") == {
        "name": "a b",
        "count": 2,
        "rate": 0.5,
        "on": True,
        "zones": ["a", "b"],
    }


def test_reads_an_object_over_lines() -> None:
    """An object that people can read ends with its bracket at the margin."""
    text = 'a = {\n  "b" : 1,\n  "c" : { "d" : [true] }\n}\n\n# about e\ne = [\n  2\n]\n'
    assert read_tfvars(text, "x.tfvars") == {"a": {"b": 1, "c": {"d": [True]}}, "e": [2]}


@pytest.mark.parametrize(
    "line",
    [
        "name",
        "name =",
        "= 1",
        "Name = 1",
        'name = "open',
        'name = "a" # comment',
        'name = "${file(1)}"',
        'name = "%{ if true }"',
        'name = file("/etc/passwd")',
        "name = var.other",
        "name = NaN",
        'name = {"a": 1, "a": 2}',
        'name = "\\b"',
        "name = [",
        "name = {\n  b = 1\n}",
        'name = {\n  "b" : 1,\n}',
        'name = {\n  # about b\n  "b" : 1\n}',
        'name = {\n  "b" : var.other\n}',
        'name = {\n  "b" : "${file(1)}"\n}',
        "name = <<EOT",
    ],
)
def test_refuses_what_terraform_reads_differently(line: str) -> None:
    """P05: functions, templates, references and heredocs have no place in a variable file."""
    with pytest.raises(ConfigError) as caught:
        read_tfvars(f"first = 1\n{line}\n", "x.tfvars")
    assert caught.value.code == "E_TFVARS"
    assert caught.value.message.startswith("x.tfvars:2:1 ")


def test_refuses_a_name_given_twice() -> None:
    """Which of two values holds is never guessed."""
    with pytest.raises(ConfigError, match=r"x\.tfvars:2:1 a"):
        read_tfvars("a = 1\na = 2", "x.tfvars")


@pytest.mark.parametrize(
    "path",
    sorted(ENVIRONMENTS.glob("*/*.tfvars")),
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_every_environment_can_be_read(path: Path) -> None:
    """The project's own variable files are in the form that is read, and name their environment."""
    values = read_tfvars(path.read_text(encoding="utf-8"), path.name)
    assert values["environment"] == path.parent.name
