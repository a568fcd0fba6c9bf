"""The analyzer's sample modules by Terraform's own means, as they are written for a service."""

import re
from pathlib import Path

import pytest

from analyzer.sample_modules import MODULES, Sample, sample_modules
from delightful.recommendation import Answer, Recommendation
from tests.infrastructure.rendering import Terraform

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]


def sample(module: str) -> Sample:
    """Return a module as it is written for a service of the longest name."""
    ((field, value),) = [answer for answer, name in MODULES.items() if name == module]
    answer = Answer(field=field, value=value, rule="a/rule", confidence="high")
    name = "shop-with-a-name-of-31-letters1"
    (found,) = sample_modules(
        Recommendation(service=name, commit="0" * 40, answers=(answer,), variables={})
    )
    return found


def write(files: dict[str, str], folder: Path) -> None:
    """Write files below a folder."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


@pytest.mark.parametrize("module", sorted(MODULES.values()))
def test_keeps_its_promises(module: str, terraform: Terraform, tmp_path: Path) -> None:
    """Every sample is formatted and valid, passes its tests, and is used as its README says."""
    made = sample(module)
    root = tmp_path / "root"
    (usage,) = re.findall(r"```hcl\n(.*?)```", made.files[f"{made.folder}/README.md"], re.S)
    versions = (terraform.sources / "registry" / "versions.tf").read_text()
    write(dict(made.files), tmp_path / "modules")
    write({"main.tf": usage, "versions.tf": versions}, root)
    assert terraform.run(tmp_path, "fmt", "-no-color", "-check", "-recursive") == ""
    for folder in (root, tmp_path / "modules" / made.folder):
        terraform.run(folder, "init", "-no-color", "-backend=false", "-input=false")
        terraform.run(folder, "validate", "-no-color")
    assert " passed, 0 failed" in terraform.run(folder, "test", "-no-color")
