"""`delightful analyze --modules` writes all of a sample or nothing, and nothing twice."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.sample_modules import write_samples
from cli.verbs.analyze import command
from delightful.errors import ExternalError, Refused
from delightful.recommendation import Answer, Recommendation

COMPOSE = """\
services:
  web:
    build: .
    depends_on: [db]
  db:
    image: mongo:7
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a service that keeps documents."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "requirements.txt").write_text("flask\npymongo\n")
    (folder / "compose.yml").write_text(COMPOSE)
    return folder


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a stand-in for Terraform that is content; a test may give it other manners."""
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$@" >> "$HOME/asked"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    return program


def analyzed(source: Path, modules: Path) -> Result:
    """Run the command; an error of ours comes out as it is."""
    arguments = [str(source), "--modules", str(modules)]
    return CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)


def test_writes_what_terraform_takes(shop: Path, terraform: Path, tmp_path: Path) -> None:
    """A module is there once Terraform was asked for format, provider and validity."""
    said = analyzed(shop, tmp_path / "modules").output
    written = tmp_path / "modules" / "shop_documents"
    assert f"wrote {written}: database = mongodb, " in said
    assert sorted(path.name for path in written.iterdir()) == [
        *("README.md", "main.tf", "outputs.tf", "tests", "variables.tf", "versions.tf")
    ]
    asked = (tmp_path / "asked").read_text().splitlines()
    assert [line.split()[0] for line in asked] == ["fmt", "init", "validate"]
    assert "-backend=false" in asked[1]


@pytest.mark.parametrize("refused", ["fmt", "validate"])
def test_writes_nothing_that_terraform_refuses(
    refused: str, shop: Path, terraform: Path, tmp_path: Path
) -> None:
    """What Terraform says is told, and the folder is not even made."""
    terraform.write_text(f'#!/bin/sh\n[ "$1" != {refused} ] || {{ echo "Error: no"; exit 1; }}\n')
    with pytest.raises(Refused, match=rf"(?s)E_SAMPLE terraform {refused} .*Error: no"):
        analyzed(shop, tmp_path / "modules")
    assert not (tmp_path / "modules").exists()


def test_writes_nothing_without_the_provider(shop: Path, terraform: Path, tmp_path: Path) -> None:
    """Where the provider cannot be had, nothing is known of validity."""
    terraform.write_text('#!/bin/sh\n[ "$1" != init ] || { echo "no registry"; exit 1; }\n')
    with pytest.raises(ExternalError, match="no registry"):
        analyzed(shop, tmp_path / "modules")
    assert not (tmp_path / "modules").exists()


def test_leaves_alone_what_is_there(shop: Path, terraform: Path, tmp_path: Path) -> None:
    """A module that was reviewed and changed is never written over, and Terraform not asked."""
    kept = tmp_path / "modules" / "shop_documents" / "main.tf"
    kept.parent.mkdir(parents=True)
    kept.write_text("# mine\n")
    with pytest.raises(Refused, match="E_EXISTS"):
        analyzed(shop, tmp_path / "modules")
    assert [path.name for path in kept.parent.iterdir()] == ["main.tf"]
    assert kept.read_text() == "# mine\n"
    assert not (tmp_path / "asked").exists()


def test_says_where_nothing_is_needed(shop: Path, terraform: Path, tmp_path: Path) -> None:
    """Where a manifest can declare all there is, one line says so and all is well."""
    (shop / "requirements.txt").write_text("flask\n")
    (shop / "compose.yml").unlink()
    ran = analyzed(shop, tmp_path / "modules")
    assert ran.return_value == 0
    assert ran.output.splitlines() == [
        "no sample is needed: .delightful.yaml can declare what was found"
    ]
    assert not (tmp_path / "modules").exists()


def test_says_where_it_only_guesses(tmp_path: Path) -> None:
    """A driver alone is no proof of a database: it is named, and no module is made of it."""
    guess = Answer(field="database", value="mongodb", rule="a/driver", confidence="low")
    found = Recommendation(service="shop", commit="0" * 40, answers=(guess,), variables={})
    assert list(write_samples(found, tmp_path / "modules")) == [
        "no sample for database = mongodb, low confidence: --explain database"
    ]
