"""The extensions of the sandbox, in the order in which they start."""

from sandbox.aws.extension import Extension
from sandbox.cloudwatch.extension import extension as cloudwatch
from sandbox.codedeploy.extension import extension as codedeploy
from sandbox.dynamodb.extension import extension as dynamodb
from sandbox.ecs import extension as ecs
from sandbox.functions.extension import extension as functions
from sandbox.load_balancer import extension as load_balancer
from sandbox.registry.extension import extension as registry
from sandbox.s3.extension import extension as s3
from sandbox.xray.extension import extension as xray


def extensions() -> tuple[Extension, ...]:
    """Return every extension, in the order of starting; they stop in the reverse one."""
    return (
        s3,
        registry,
        dynamodb,
        functions,
        load_balancer,
        ecs,
        cloudwatch,
        codedeploy,
        xray,
    )
