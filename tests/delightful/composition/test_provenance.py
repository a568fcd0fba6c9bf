"""What is written down of an image: the same bytes each time, and judged without trust."""

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given
from hypothesis import strategies as st

from delightful.composition.model import Component
from delightful.composition.provenance import (
    BuilderRule,
    Making,
    Material,
    github_run,
    provenance_fault,
    provenance_of,
    sbom_fault,
)
from delightful.composition.sbom import sbom_of
from tests.delightful.samples import commit, digest

BUILDER = "arn:aws:sts::123456789012:assumed-role/api-build/GitHubActions"
RULE = BuilderRule(account="123456789012", role="api-build")
COMPONENTS = (
    Component(ecosystem="pypi", name="jinja2", version="3.1.6"),
    Component(ecosystem="npm", name="@x/y", version="1.0.0-rc.1+build"),
    Component(ecosystem="deb", name="libc6", version="2.36-9+deb12u9", distribution="debian"),
)

components = st.lists(
    st.builds(
        Component,
        ecosystem=st.sampled_from(["pypi", "npm", "deb", "apk"]),
        name=st.text(min_size=1, max_size=20).filter(lambda name: "/" not in name),
        version=st.text(min_size=1, max_size=10),
    ),
    max_size=5,
)


def making(**changed: Any) -> Making:
    """Return how an image came to be."""
    said = {
        "service": "api",
        "commit": commit(1),
        "digest": digest(1),
        "packaging": "container",
        "builder": BUILDER,
        "materials": (Material(uri="requirements.txt", digest={"sha256": "0" * 64}),),
    }
    return Making.model_validate({**said, **changed})


def fault(data: bytes, rule: BuilderRule = RULE) -> str | None:
    """Return what is wrong with a provenance of the first image."""
    return provenance_fault(data, digest=digest(1), commit=commit(1), rule=rule)


@given(st.permutations([*COMPONENTS, COMPONENTS[0]]))
def test_the_bill_of_materials_is_the_same_bytes_for_the_same_image(
    found: list[Component],
) -> None:
    """Neither order nor repetition, neither time nor chance, changes a byte."""
    assert sbom_of("api", digest(1), found) == sbom_of("api", digest(1), COMPONENTS)
    assert sbom_of("api", digest(2), found) != sbom_of("api", digest(1), COMPONENTS)


@given(components)
def test_the_bill_of_materials_is_valid_cyclonedx(found: list[Component]) -> None:
    """CycloneDX's own schema takes it, whatever the packages are called."""
    text = sbom_of("api", digest(1), found).decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_the_bill_of_materials_is_of_one_image() -> None:
    """It names its image by digest, and counts for no other."""
    sbom = sbom_of("api", digest(1), COMPONENTS)
    assert sbom_fault(sbom, digest=digest(1)) is None
    assert digest(2) in str(sbom_fault(sbom, digest=digest(2)))
    assert sbom_fault(b"{}", digest=digest(1))
    assert sbom_fault(b"[", digest=digest(1))


def test_vouches_for_the_image_that_the_builder_made() -> None:
    """The right image of the right commit by the right role: nothing is wrong."""
    assert fault(provenance_of(making())) is None
    assert provenance_of(making()) == provenance_of(making())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"digest": digest(2)}, "the task definition runs"),
        ({"commit": commit(2)}, "is of commit"),
        ({"builder": BUILDER.replace("api-build", "web-build")}, "only api-build"),
        ({"builder": BUILDER.replace("api-build", "api-builder")}, "only api-build"),
        ({"builder": BUILDER.replace("1234", "9999")}, "only api-build"),
        ({"builder": "arn:aws:iam::123456789012:role/api-build"}, "only api-build"),
        ({"builder": "arn:aws:iam::123456789012:user/api-build"}, "only api-build"),
    ],
)
def test_refuses_what_does_not_vouch_for_the_image(changed: dict[str, str], reason: str) -> None:
    """Another image, another commit or another builder is named."""
    assert reason in str(fault(provenance_of(making(**changed))))


@pytest.mark.parametrize("key", ["_type", "subject", "predicateType", "predicate"])
def test_refuses_a_statement_without_one_of_its_parts(key: str) -> None:
    """What lacks a part, or has one more, is no statement."""
    statement = json.loads(provenance_of(making()))
    del statement[key]
    assert "cannot be read" in str(fault(json.dumps(statement).encode()))
    more = {**json.loads(provenance_of(making())), "more": 1}
    assert "cannot be read" in str(fault(json.dumps(more).encode()))


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: json.dumps(text).encode()))
def test_takes_no_bytes_for_a_statement(data: bytes) -> None:
    """Whatever lies there vouches for nothing unless it is a statement."""
    assert fault(data)


def test_where_no_role_is_kept_the_account_counts() -> None:
    """A sandbox has one identity: whoever is of its account may build, nobody else."""
    rule = BuilderRule(account="123456789012")
    assert fault(provenance_of(making(builder="arn:aws:sts::123456789012:user/moto")), rule) is None
    assert fault(provenance_of(making(builder="arn:aws:sts::999999999999:user/moto")), rule)


def test_says_which_run_of_github_built_it() -> None:
    """In GitHub Actions repository, workflow, run and ref are told; elsewhere nothing is."""
    said = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_WORKFLOW_REF": "acme/shop/.github/workflows/deploy.yml@refs/heads/main",
        "GITHUB_RUN_ID": "7",
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_TOKEN": "canary",
    }
    run = github_run(said)
    assert run["repository"] == "acme/shop"
    assert "canary" not in provenance_of(making(run=run)).decode()
    assert github_run({**said, "GITHUB_ACTIONS": "false"}) == {}
