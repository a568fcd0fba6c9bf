"""What the Terraform sources promise to the rest of the project, read as text."""

import re
from pathlib import Path

import pytest

from delightful.environment import CACHE_VARIABLES, DATABASE_VARIABLES
from delightful.fargate import MEMORY_MIB_BY_CPU_UNITS
from delightful.manifest import DATABASE_VERSIONS
from delightful.reading.tfvars import read_tfvars
from delightful.release import StackOutputs

INFRASTRUCTURE = Path(__file__).resolve().parents[2] / "infrastructure"
# The analyzer's samples have the shape of what they are written beside.
SAMPLES = sorted(
    f"../analyzer/sample_modules/{path.parent.name}"
    for path in INFRASTRUCTURE.parent.glob("analyzer/sample_modules/*/versions.tf")
)
PARTS = [
    *sorted(
        path.parent.relative_to(INFRASTRUCTURE).as_posix()
        for path in INFRASTRUCTURE.glob("**/versions.tf")
        if ".terraform" not in path.parts
    ),
    *SAMPLES,
]


def blocks(part: str, file: str, kind: str) -> dict[str, str]:
    """Return the top-level blocks of a kind in a formatted file: name to body."""
    text = (INFRASTRUCTURE / part / file).read_text()
    return dict(re.findall(rf'^{kind} "([a-z0-9_]+)" {{\n(.*?)^}}', text, re.M | re.S))


def test_outputs_of_a_service_are_the_fields_of_stack_outputs() -> None:
    """The service root hands out exactly what the release records, under the same names."""
    assert list(blocks("service", "outputs.tf", "output")) == list(StackOutputs.model_fields)


def test_outputs_that_rolling_lacks_may_be_absent() -> None:
    """Terraform leaves an output without a value out of its state; the record takes that."""
    body = blocks("service", "outputs.tf", "output")
    absent = {name for name in body if "absent for rolling" in body[name]}
    optional = {
        name for name, field in StackOutputs.model_fields.items() if not field.is_required()
    }
    assert absent == optional != set()


def test_platform_parameter_holds_what_the_platform_hands_out() -> None:
    """A service reads from the parameter exactly what `terraform output` shows."""
    text = (INFRASTRUCTURE / "platform/main.tf").read_text()
    written = re.search(r"^  platform = {\n(.*?)^  }", text, re.M | re.S)
    assert written is not None
    names = re.findall(r"^    ([a-z_]+) +=", written[1], re.M)
    assert names == list(blocks("platform", "outputs.tf", "output"))


@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_its_files(part: str) -> None:
    """Roots and modules share one shape, with tests and a README."""
    files = {path.name for path in (INFRASTRUCTURE / part).iterdir()}
    assert {"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"} <= files
    assert list((INFRASTRUCTURE / part / "tests").glob("*.tftest.hcl"))


@pytest.mark.parametrize("part", PARTS)
def test_every_input_says_what_it_is(part: str) -> None:
    """Inputs have a type and a description, and null only where null is a choice."""
    inputs = blocks(part, "variables.tf", "variable")
    assert inputs
    for name, body in inputs.items():
        assert re.search(r"^  type +=", body, re.M), name
        assert re.search(r'^  description += ".+\."$', body, re.M), name
        assert ("nullable" in body) != bool(re.search(r"^  default += null$", body, re.M)), name


@pytest.mark.parametrize("part", PARTS)
def test_every_output_says_what_it_is(part: str) -> None:
    """Outputs have a description that ends as a sentence."""
    outputs = blocks(part, "outputs.tf", "output")
    assert outputs
    for name, body in outputs.items():
        assert re.search(r'^  description = ".+\."$', body, re.M), name


@pytest.mark.parametrize("part", PARTS)
def test_every_part_pins_the_same_provider(part: str) -> None:
    """One exact provider version everywhere, and no other provider."""
    text = (INFRASTRUCTURE / part / "versions.tf").read_text()
    assert re.findall(r'source  = "(.+)"\n +version = "(.+)"', text) == [
        ("hashicorp/aws", "= 5.100.0")
    ]


def test_service_root_validates_all_that_a_manifest_may_write() -> None:
    """No number or text reaches AWS unchecked: every input but the one bool has a validation."""
    inputs = blocks("service", "variables.tf", "variable")
    assert {name for name, body in inputs.items() if "validation {" not in body} == {"public"}


def test_sizes_are_those_of_fargate() -> None:
    """Terraform and the manifest accept the same pairs of CPU and memory."""
    body = blocks("service", "variables.tf", "variable")["memory_mib"]
    written = {
        int(cpu): eval_sizes(sizes) for cpu, sizes in re.findall(r'"(\d+)" += (.+)$', body, re.M)
    }
    assert written == dict(MEMORY_MIB_BY_CPU_UNITS)


@pytest.mark.parametrize("part", ["service", "modules/database"])
def test_versions_are_those_of_the_manifest(part: str) -> None:
    """Terraform and the manifest accept the same versions of each engine."""
    text = (INFRASTRUCTURE / part / "variables.tf").read_text()
    for pattern, _ in DATABASE_VERSIONS.values():
        assert f'"^{pattern}$"'.replace("\\", "\\\\") in text, pattern


def test_tasks_are_told_the_variables_that_a_manifest_may_not_set() -> None:
    """What the stores set is what the manifest keeps free for them."""
    text = (INFRASTRUCTURE / "service/stores.tf").read_text()
    told = set(re.findall(r"\b(DATABASE_[A-Z]+|REDIS_URL) +=", text))
    assert told == DATABASE_VARIABLES | CACHE_VARIABLES


def eval_sizes(text: str) -> tuple[int, ...]:
    """Return the numbers of a Terraform list or of a call of its `range`."""
    numbers = tuple(int(number) for number in re.findall(r"\d+", text))
    return tuple(range(*numbers)) if text.startswith("range(") else numbers


@pytest.mark.parametrize("root", ["platform", "service"])
def test_variable_files_set_what_their_root_declares(root: str) -> None:
    """A value for one root never reaches another, which would not know it."""
    declared = blocks(root, "variables.tf", "variable")
    files = sorted((INFRASTRUCTURE / "environments").glob(f"*/{root}.tfvars"))
    assert [file.parent.name for file in files] == ["production", "sandbox", "staging"]
    for file in files:
        assert read_tfvars(file.read_text(), file.name).keys() <= declared.keys()
