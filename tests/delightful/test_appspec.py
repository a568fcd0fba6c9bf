"""The AppSpec is always the same bytes, and a CodeDeploy deployment of ours is known again."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.appspec import appspec_for, deployment_description, is_described_by
from tests.delightful.samples import outputs


def test_says_what_codedeploy_reads() -> None:
    """Task definition, container and port stand where CodeDeploy for ECS looks for them."""
    appspec = appspec_for(outputs(3))
    properties = json.loads(appspec.content())["Resources"][0]["TargetService"]["Properties"]
    assert properties == {
        "TaskDefinition": outputs(3).task_definition_arn,
        "LoadBalancerInfo": {"ContainerName": "api", "ContainerPort": 8000},
    }
    assert json.loads(appspec.content())["version"] == 0.0


def test_the_digest_is_of_the_content() -> None:
    """The digest that is sent along is that of the bytes that are sent."""
    appspec = appspec_for(outputs(3))
    assert appspec.sha256 == hashlib.sha256(appspec.content().encode()).hexdigest()
    assert appspec_for(outputs(3)).content() == appspec.content()
    assert appspec_for(outputs(4)).sha256 != appspec.sha256


@given(st.integers(1, 999_999), st.integers(1, 999_999))
def test_only_its_own_release_is_found(one: int, other: int) -> None:
    """A description is recognised for the release that wrote it and for no other."""
    ids = [f"api-sandbox-{number:06d}" for number in (one, other)]
    description = deployment_description(ids[0], appspec_for(outputs()))
    assert is_described_by(description, ids[0])
    assert is_described_by(description, ids[1]) is (one == other)


@pytest.mark.parametrize(
    "description", ["", "delightful", "delightful api-sandbox-000001", "other api-sandbox-000001 x"]
)
def test_foreign_descriptions_are_not_ours(description: str) -> None:
    """A CodeDeploy deployment that somebody else created is never adopted."""
    assert not is_described_by(description, "api-sandbox-000001")


def test_the_description_fits() -> None:
    """CodeDeploy's limit of 256 characters holds for the longest names there can be."""
    longest = f"{'a' * 31}-{'b' * 16}-9999999999"
    assert len(deployment_description(longest, appspec_for(outputs()))) <= 256
