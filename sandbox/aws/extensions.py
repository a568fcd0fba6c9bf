"""The extensions of the sandbox, in the order in which they start."""

from sandbox.autoscaling.extension import extension as autoscaling
from sandbox.aws.extension import Extension
from sandbox.cloudwatch.extension import extension as cloudwatch
from sandbox.codedeploy.extension import extension as codedeploy
from sandbox.dynamodb.extension import extension as dynamodb
from sandbox.ec2.extension import extension as ec2
from sandbox.ecs import extension as ecs
from sandbox.elasticache.extension import extension as elasticache
from sandbox.functions.extension import extension as functions
from sandbox.load_balancer import extension as load_balancer
from sandbox.rds.extension import extension as rds
from sandbox.registry.extension import extension as registry
from sandbox.s3.extension import extension as s3
from sandbox.secrets_manager.extension import extension as secrets_manager
from sandbox.sqs.extension import extension as sqs
from sandbox.sts.extension import extension as sts
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
        ec2,
        rds,
        elasticache,
        sqs,
        secrets_manager,
        sts,
        autoscaling,
    )
