"""The account that the policies are rendered for, and questions about its roles."""

from tests.infrastructure.identity.iam import Request, is_allowed
from tests.infrastructure.identity.roles import Role

IAM = "arn:aws:iam::123456789012"
STATE = "arn:aws:s3:::delightful-state-123456789012"
ARTIFACTS = "arn:aws:s3:::delightful-artifacts-123456789012"
DYNAMODB = "arn:aws:dynamodb:eu-central-1:123456789012:table"
CODEDEPLOY = "arn:aws:codedeploy:eu-central-1:123456789012"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret"
TASK_DEFINITION = "arn:aws:ecs:eu-central-1:123456789012:task-definition"
SCALABLE_TARGET = (
    "arn:aws:application-autoscaling:eu-central-1:123456789012:scalable-target/0ec50123456789"
)
# What tells the count of a service's tasks from whatever else can be scaled.
COUNT_OF_TASKS = {
    "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
    "application-autoscaling:service-namespace": "ecs",
}


def may(role: Role, action: str, resource: str = "*", **context: str) -> bool:
    """Say whether a role's policies allow an action; `iam__Key` in the context is `iam:Key`."""
    known = {name.replace("__", ":"): value for name, value in context.items()}
    return is_allowed(role.policies, Request(action, resource, known))
