"""What somebody changes by hand is named; what the engine and the autoscaler change is not."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from delightful.release import Release, StackOutputs
from tests.end_to_end.stage import SERVICE, Json, Stage, json_of

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(600)]


@pytest.fixture
def undone() -> Iterator[ExitStack]:
    """Return where a test says how to undo what it changes: the stage is not its alone."""
    with ExitStack() as undone:
        yield undone


def test_names_what_was_changed_by_hand_and_nothing_that_others_own(
    stage: Stage, first: Release, undone: ExitStack
) -> None:
    """An alarm, a security group, a listener's weights and an image; not the count of tasks."""
    good = stage.good()
    assert good.stack is not None
    outputs = good.stack.outputs
    scale_out(stage, outputs, undone)
    clean = stage.command("drift", "--service", SERVICE, "--json")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert {one["standing"] for one in json_of(clean)} == {"agrees"}
    assert "resources are as Terraform has them" in json_of(clean)[-1]["detail"]

    for change in (raise_threshold, open_port, split_traffic):
        change(stage, outputs, undone)
    remove_image(stage, good, undone)
    done = stage.command("drift", "--service", SERVICE, "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    found = {one["subject"]: one["detail"] for one in json_of(done) if one["standing"] != "agrees"}
    told = "\n".join(f"{subject}: {detail}" for subject, detail in found.items())
    assert "threshold is 99, Terraform has" in told
    assert "ingress tcp 22 203.0.113.0/24" in told
    assert {"traffic", "registry"} < found.keys()
    assert len(found) == 4, told
    assert done.stderr.splitlines()[-1].startswith(f"E_DRIFT {SERVICE} in sandbox: 4 of ")
    undone.close()
    assert stage.command("status", "--service", SERVICE).returncode == 0


def scale_out(stage: Stage, outputs: StackOutputs, undone: ExitStack) -> None:
    """Set the count of tasks, as the autoscaler does."""
    ecs = stage.aws("ecs")
    named = {"cluster": outputs.cluster_name, "service": outputs.service_name}
    found = ecs.describe_services(cluster=named["cluster"], services=[named["service"]])
    count = found["services"][0]["desiredCount"]
    ecs.update_service(**named, desiredCount=count + 1)
    undone.callback(ecs.update_service, **named, desiredCount=count)


def raise_threshold(stage: Stage, outputs: StackOutputs, undone: ExitStack) -> None:
    """Let an alarm look away."""
    cloudwatch = stage.aws("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNames=list(outputs.alarm_names))["MetricAlarms"]
    alarm = {name: value for name, value in alarms[0].items() if name in _ALARM}
    cloudwatch.put_metric_alarm(**alarm | {"Threshold": 99})
    undone.callback(cloudwatch.put_metric_alarm, **alarm)


def open_port(stage: Stage, outputs: StackOutputs, undone: ExitStack) -> None:
    """Let somebody in."""
    ec2 = stage.aws("ec2")
    named = [{"Name": "group-name", "Values": [f"{outputs.service_name}-task"]}]
    group = ec2.describe_security_groups(Filters=named)["SecurityGroups"][0]["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    rules: Json = [rule | {"IpRanges": [{"CidrIp": "203.0.113.0/24"}]}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
    undone.callback(ec2.revoke_security_group_ingress, GroupId=group, IpPermissions=rules)


def split_traffic(stage: Stage, outputs: StackOutputs, undone: ExitStack) -> None:
    """Send a part of the traffic to where nothing answers."""
    elb = stage.aws("elbv2")
    listener = elb.describe_listeners(ListenerArns=[outputs.listener_arn])["Listeners"][0]
    groups = [{"TargetGroupArn": arn, "Weight": 50} for arn in outputs.target_group_arns]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    undo = {"ListenerArn": outputs.listener_arn, "DefaultActions": listener["DefaultActions"]}
    undone.callback(elb.modify_listener, **undo)
    elb.modify_listener(ListenerArn=outputs.listener_arn, DefaultActions=[action])


def remove_image(stage: Stage, good: Release, undone: ExitStack) -> None:
    """Take the tag of the good commit away."""
    ecr = stage.aws("ecr")
    tag = [{"imageTag": good.commit}]
    image = ecr.batch_get_image(repositoryName=SERVICE, imageIds=tag)["images"][0]
    put_back: Callable[[], Json] = lambda: ecr.put_image(  # noqa: E731
        repositoryName=SERVICE,
        imageManifest=image["imageManifest"],
        imageManifestMediaType=image["imageManifestMediaType"],
        imageTag=good.commit,
    )
    ecr.batch_delete_image(repositoryName=SERVICE, imageIds=tag)
    undone.callback(put_back)


_ALARM = frozenset(
    {
        *("AlarmName", "AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions"),
        *("InsufficientDataActions", "MetricName", "Namespace", "Statistic", "ExtendedStatistic"),
        *("Dimensions", "Period", "Unit", "EvaluationPeriods", "DatapointsToAlarm", "Threshold"),
        *("ComparisonOperator", "TreatMissingData", "Metrics"),
    }
)
