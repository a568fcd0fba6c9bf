"""What a task wrote last."""

from botocore.exceptions import ClientError
from prefect_aws import AwsCredentials

from blocks.aws import aws_client, error_code, translated
from delightful.release import StackOutputs


def log_tail(
    credentials: AwsCredentials, outputs: StackOutputs, task_arn: str, lines: int
) -> tuple[str, ...]:
    """Return the last lines of the service's container in a task; none where it never started."""
    # The prefix that infrastructure/modules/ecs_service gives, then container and task id.
    container, task_id = outputs.container_name, task_arn.rpartition("/")[2]
    with translated("CloudWatch Logs", "GetLogEvents"):
        try:
            events = aws_client(credentials, "logs").get_log_events(
                logGroupName=outputs.log_group_name,
                logStreamName=f"{container}/{container}/{task_id}",
                limit=lines,
                startFromHead=False,
            )["events"]
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            return ()
    return tuple(str(event["message"]).rstrip() for event in events)
