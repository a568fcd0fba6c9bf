"""Terraform without an account, for all tests of the infrastructure."""

import os
import shutil

import pytest

from sandbox.terraform_config import write_cli_config
from tests.infrastructure.rendering import INFRASTRUCTURE, Terraform


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """Return Terraform over a copy of the sources, with the provider from where it is at hand."""
    home = tmp_path_factory.mktemp("terraform")
    ignore = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*")
    shutil.copytree(INFRASTRUCTURE, home / "infrastructure", ignore=ignore)
    config = home / "terraform.rc"
    write_cli_config(config, home / "providers")
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS", "TF_"))
    }
    # Without a lock file Terraform uses its cache only when it is told that this is meant.
    cached = {"TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "true"}
    ours = {"TF_CLI_CONFIG_FILE": str(config), "CHECKPOINT_DISABLE": "1"}
    return Terraform(home / "infrastructure", {**kept, **cached, **ours})
