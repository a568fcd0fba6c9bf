"""The roots and modules by Terraform's own means: format, validity and their tests."""

import pytest

from tests.infrastructure.rendering import INFRASTRUCTURE, Terraform

ROOTS = ("bootstrap", "registry", "platform", "service")
MODULES = tuple(sorted(f"modules/{path.name}" for path in (INFRASTRUCTURE / "modules").iterdir()))

# Each run of a Terraform test starts the provider again; the platform has 26.
pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]


def test_is_formatted(terraform: Terraform) -> None:
    """Every file stands as `terraform fmt` would write it."""
    assert terraform.run(terraform.sources, "fmt", "-no-color", "-check", "-recursive") == ""


@pytest.mark.parametrize("name", [*ROOTS, *MODULES])
def test_keeps_its_promises(name: str, terraform: Terraform) -> None:
    """Every root and module is valid and passes its own tests, of which there are some."""
    directory = terraform.sources / name
    terraform.run(directory, "init", "-no-color", "-backend=false", "-input=false")
    said = terraform.run(directory, "test", "-no-color")
    assert " passed, 0 failed" in said
    assert " 0 passed" not in said
