"""The work directory holds the repository's Terraform and nothing that lies about."""

import subprocess
import sys
from pathlib import Path

import pytest

from blocks.terraform.directory import TerraformDirectory, write_variables
from delightful.errors import ConfigError


@pytest.fixture
def infrastructure(tmp_path: Path) -> Path:
    """Return a folder with one root, one module, and files that must not get in."""
    root = tmp_path / "infrastructure"
    files = {
        "service/main.tf": 'module "alb" { source = "../modules/alb" }',
        "service/smuggled.auto.tfvars": "x = 1",
        "service/terraform.tfvars": "x = 1",
        "service/override.tf": "",
        "service/main_override.tf": "",
        "service/terraform.tfstate": "{}",
        "service/.terraform/modules/evil.tf": "",
        "service/tests/service.tftest.hcl": "",
        "modules/alb/main.tf": "",
        "modules/alb/tests/main.tf": "",
        "platform/main.tf": "",
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


@pytest.fixture
def directory(infrastructure: Path, tmp_path: Path) -> TerraformDirectory:
    """Return a fresh work directory over it."""
    return TerraformDirectory(infrastructure, "service", tmp_path / "home")


def copied(directory: TerraformDirectory) -> set[str]:
    source = directory.home / "source"
    return {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}


def test_copies_the_root_and_the_modules_only(directory: TerraformDirectory) -> None:
    """Variable files, overrides, states, tests and other roots stay out."""
    with directory.held():
        directory.copy_sources()
    assert copied(directory) == {"service/main.tf", "modules/alb/main.tf"}


def test_puts_files_of_ours_beside_the_roots(directory: TerraformDirectory) -> None:
    """What is added on purpose lies in the root, counts for init, and is gone when left out."""
    with directory.held():
        without = directory.copy_sources()
        first = directory.copy_sources({"backend_override.tf": b"1"})
        assert (directory.working / "backend_override.tf").read_bytes() == b"1"
        other = directory.copy_sources({"backend_override.tf": b"2"})
        assert len({without, first, other}) == 3
        assert directory.copy_sources() == without
    assert "service/backend_override.tf" not in copied(directory)


def test_removes_what_was_put_there_since(directory: TerraformDirectory) -> None:
    """A file smuggled into the work directory is gone at the next plan."""
    with directory.held():
        directory.copy_sources()
        (directory.working / "evil.auto.tfvars").write_text("x = 2")
        directory.copy_sources()
    assert "service/evil.auto.tfvars" not in copied(directory)


def test_is_initialised_until_a_source_changes(
    directory: TerraformDirectory, infrastructure: Path
) -> None:
    """Init is done once for the same files, and again for others."""
    with directory.held():
        first = directory.copy_sources()
        assert not directory.is_initialised(first)
        (directory.working / ".terraform.lock.hcl").write_text("lock")
        directory.mark_initialised(first)
        assert directory.is_initialised(directory.copy_sources())
        (infrastructure / "service" / "main.tf").write_text("changed")
        assert not directory.is_initialised(directory.copy_sources())


def test_state_that_could_not_be_saved_outlives_the_next_copy(
    directory: TerraformDirectory,
) -> None:
    """The only copy of a state is carried out before anything is cleaned."""
    with directory.held():
        directory.copy_sources()
        (directory.working / "errored.tfstate").write_text("{}")
        directory.copy_sources()
    assert directory.unsaved_state.read_text() == "{}"


def test_plans_are_for_the_owner_only(directory: TerraformDirectory) -> None:
    """A plan and its variables may hold secrets, so nobody else can reach them."""
    with directory.held():
        plan = directory.new_plan()
        variables = write_variables(plan, {"a": 1})
    assert variables.parent == plan.parent
    assert plan.parent.stat().st_mode & 0o077 == 0
    directory.discard_plan(plan)
    assert not plan.parent.exists()


def test_only_plans_of_its_own_are_removed(directory: TerraformDirectory, tmp_path: Path) -> None:
    """A path from elsewhere is left alone."""
    elsewhere = tmp_path / "elsewhere" / "plan"
    elsewhere.parent.mkdir()
    directory.discard_plan(elsewhere)
    assert elsewhere.parent.exists()


def test_folder_without_terraform_is_told(tmp_path: Path) -> None:
    """A wrong infrastructure directory is an error of the settings, with its path."""
    with pytest.raises(ConfigError, match="E_INFRASTRUCTURE"):
        TerraformDirectory(tmp_path, "service", tmp_path / "home").copy_sources()


def test_a_process_that_works_in_it_is_seen(directory: TerraformDirectory) -> None:
    """Whoever stands in a work directory is still at it, whoever started him."""
    directory.working.mkdir(parents=True, exist_ok=True)
    assert not directory.is_in_use()
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], cwd=directory.working, stdin=subprocess.PIPE
    ) as child:
        assert directory.is_in_use()
        child.communicate(b"\n")
    assert not directory.is_in_use()
