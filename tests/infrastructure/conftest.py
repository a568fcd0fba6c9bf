"""Terraform without an account, for all tests of the infrastructure."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from blocks.terraform.argv import GO_RUNTIME
from sandbox.terraform_config import write_cli_config
from tests.infrastructure.rendering import INFRASTRUCTURE, Terraform


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """Return Terraform over a copy of the sources, with one provider process for all."""
    sources = tmp_path_factory.mktemp("terraform") / "infrastructure"
    ignore = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*")
    shutil.copytree(INFRASTRUCTURE, sources, ignore=ignore)
    environment = without_account(sources.parent)
    with one_provider(Terraform(sources, environment)) as address:
        yield Terraform(sources, {**environment, "TF_REATTACH_PROVIDERS": address})


def without_account(home: Path) -> Mapping[str, str]:
    """Return an environment without an account, with the provider from wherever it is at hand."""
    config = home / "terraform.rc"
    write_cli_config(config, home / "providers")
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS", "TF_"))
    }
    # Without a lock file Terraform uses its cache only when it is told that this is meant.
    cached = {"TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "true"}
    ours = {"TF_CLI_CONFIG_FILE": str(config), "CHECKPOINT_DISABLE": "1", **GO_RUNTIME}
    return {**kept, **cached, **ours}


@contextmanager
def one_provider(terraform: Terraform) -> Iterator[str]:
    """Run one provider process, whose schema is read once, and yield where it is reached.

    Terraform would start it anew for every `run` of a test, which takes four fifths of the time.
    With a mocked provider nothing else is asked of it.
    """
    root = terraform.sources / "registry"
    terraform.run(root, "init", "-backend=false", "-input=false")
    installed = root / ".terraform" / "providers"
    (binary,) = installed.glob("registry.terraform.io/hashicorp/aws/*/*/terraform-provider-aws_*")
    with subprocess.Popen(
        [str(binary.resolve()), "-debug"],
        env=terraform.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as provider:
        try:
            yield address_of(provider)
        finally:
            provider.kill()


def address_of(provider: "subprocess.Popen[str]") -> str:
    """Return where a provider that was started for debugging says it can be reached."""
    assert provider.stdout is not None
    for line in provider.stdout:
        if found := re.search(r"TF_REATTACH_PROVIDERS='(.+)'", line):
            return found[1]
    raise AssertionError("the provider did not start")
