"""A second pair of eyes: asks AWS itself what runs and where traffic goes.

Nothing here goes through the blocks, so that a mistake in them cannot vouch for itself.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import boto3

from delightful.release import Check, Release, StackOutputs

Json = Mapping[str, Any]


class Witness:
    """What AWS says of one service."""

    def __init__(self, session: boto3.Session, outputs: StackOutputs) -> None:
        self._ecs = session.client("ecs")
        self._elbv2 = session.client("elbv2")
        self._outputs = outputs

    def checks(self, release: Release) -> tuple[Check, ...]:
        """Compare a release's record with what runs, point by point."""
        if release.image is None or release.stack is None:
            return (Check(name="record", ok=False, detail="has no image or no stack"),)
        primary = self._primary()
        definition = self._task_definition(str(primary["taskDefinition"]))
        return (
            self._digest(release.image.digest, str(primary["taskDefinition"])),
            self._definition(release, definition),
            self._weights(primary),
        )

    def _primary(self) -> Json:
        answer = self._ecs.describe_services(
            cluster=self._outputs.cluster_name, services=[self._outputs.service_name]
        )
        service = answer["services"][0]
        sets = service.get("taskSets") or service.get("deployments") or []
        return next(one for one in sets if one["status"] == "PRIMARY")

    def _task_definition(self, arn: str) -> Json:
        answer: Json = self._ecs.describe_task_definition(taskDefinition=arn)
        return dict(answer["taskDefinition"])

    def _digest(self, expected: str, task_definition_arn: str) -> Check:
        cluster = self._outputs.cluster_name
        arns = self._ecs.list_tasks(cluster=cluster, serviceName=self._outputs.service_name)
        tasks = self._ecs.describe_tasks(cluster=cluster, tasks=arns["taskArns"] or ["none"])
        digests = {
            container.get("imageDigest")
            for task in tasks["tasks"]
            if task["taskDefinitionArn"] == task_definition_arn and task["lastStatus"] == "RUNNING"
            for container in self._ours(task["containers"])
        }
        shown = ", ".join(sorted(str(digest)[:19] for digest in digests)) or "nothing"
        return Check(name="running digest", ok=digests == {expected}, detail=f"{shown} runs")

    def _definition(self, release: Release, definition: Json) -> Check:
        images = [one["image"] for one in self._ours(definition["containerDefinitions"])]
        expected = release.image.reference if release.image else ""
        shown = ", ".join(image[-19:] for image in images) or "nothing"
        detail = f"{definition['family']}:{definition['revision']} runs {shown}"
        return Check(name="task definition", ok=images == [expected], detail=detail)

    def _ours(self, containers: Iterable[Json]) -> list[Json]:
        # Others run beside it, and which one is listed first says nothing.
        return [one for one in containers if one["name"] == self._outputs.container_name]

    def _weights(self, primary: Json) -> Check:
        listeners = self._elbv2.describe_listeners(ListenerArns=[self._outputs.listener_arn])
        weights = _weights_of(listeners["Listeners"][0]["DefaultActions"][0])
        group = str(primary["loadBalancers"][0]["targetGroupArn"])
        carrying = {arn for arn, weight in weights.items() if weight > 0}
        detail = ", ".join(f"{_name_of(arn)} {weight}" for arn, weight in weights.items())
        return Check(name="listener weights", ok=carrying == {group}, detail=detail)


def _weights_of(action: Json) -> dict[str, int]:
    groups = action.get("ForwardConfig", {}).get("TargetGroups", [])
    if not groups:
        return {str(action["TargetGroupArn"]): 100}
    return {str(group["TargetGroupArn"]): int(group.get("Weight", 1)) for group in groups}


def _name_of(target_group_arn: str) -> str:
    return target_group_arn.split("/")[1]
