"""The second pair of eyes tells the service from what runs beside it."""

from typing import Any

import pytest

from rehearsal.witness import Witness
from tests.delightful.samples import release

RELEASE = release(1)
GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/1"


class Account:
    """A session whose clients show one service with these containers in its task."""

    def __init__(self, names: list[str], images: dict[str, str], digests: dict[str, str]) -> None:
        self._names, self._images, self._digests = names, images, digests

    def client(self, _: str) -> "Account":
        """Return what answers for every service."""
        return self

    def describe_services(self, **_: Any) -> Any:
        """Return the service, whose tasks are all of one definition."""
        primary = {
            "status": "PRIMARY",
            "taskDefinition": "td",
            "loadBalancers": [{"targetGroupArn": GROUP}],
        }
        return {"services": [{"taskSets": [primary]}]}

    def describe_task_definition(self, **_: Any) -> Any:
        """Return the task definition."""
        containers = [{"name": name, "image": self._images[name]} for name in self._names]
        definition = {"family": "f", "revision": 1, "containerDefinitions": containers}
        return {"taskDefinition": definition}

    def list_tasks(self, **_: Any) -> Any:
        """Return one task."""
        return {"taskArns": ["t"]}

    def describe_tasks(self, **_: Any) -> Any:
        """Return its containers."""
        containers = [{"name": name, "imageDigest": self._digests[name]} for name in self._names]
        task = {"taskDefinitionArn": "td", "lastStatus": "RUNNING", "containers": containers}
        return {"tasks": [task]}

    def describe_listeners(self, **_: Any) -> Any:
        """Return the listener."""
        return {"Listeners": [{"DefaultActions": [{"TargetGroupArn": GROUP}]}]}


def checks(names: list[str], image: str, digest: str) -> list[bool | None]:
    """Return what the witness says of the release, with a container beside it."""
    assert RELEASE.stack is not None
    service = RELEASE.stack.outputs.container_name
    images = {service: image, "collector": "elsewhere/collector:v1"}
    digests = {service: digest, "collector": "sha256:" + "c" * 64}
    listed = [service if name == "service" else name for name in names]
    witness = Witness(Account(listed, images, digests), RELEASE.stack.outputs)  # type: ignore[arg-type]
    return [check.ok for check in witness.checks(RELEASE)]


@pytest.mark.parametrize("names", [["service", "collector"], ["collector", "service"]])
def test_a_container_beside_the_service_is_no_witness_against_it(names: list[str]) -> None:
    """Digest and image are compared for the service's container, first or last."""
    assert RELEASE.image is not None
    right = checks(names, RELEASE.image.reference, RELEASE.image.digest)
    assert right == [True, True, True]
    assert checks(names, "other:1", "sha256:" + "0" * 64)[:2] == [False, False]


def test_a_task_without_the_service_proves_nothing() -> None:
    """A sidecar alone is not the release."""
    assert RELEASE.image is not None
    found = checks(["collector"], RELEASE.image.reference, RELEASE.image.digest)
    assert found[:2] == [False, False]
