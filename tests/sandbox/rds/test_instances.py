"""RDS through botocore: what Terraform reads back."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.description import SandboxDescription

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def databases(sandbox: SandboxDescription) -> Any:
    """Return RDS's client."""
    session = boto3.Session(
        sandbox.access_key_id, sandbox.secret_access_key, region_name=sandbox.region
    )
    return session.client("rds", endpoint_url=sandbox.aws_endpoint_url)


@pytest.fixture(scope="module")
def secrets(sandbox: SandboxDescription) -> Any:
    """Return Secrets Manager's client."""
    session = boto3.Session(
        sandbox.access_key_id, sandbox.secret_access_key, region_name=sandbox.region
    )
    return session.client("secretsmanager", endpoint_url=sandbox.aws_endpoint_url)


def make(databases: Any, name: str, **settings: object) -> dict[str, Any]:
    """Make an instance and return it as it is read back."""
    wanted: dict[str, object] = {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": "db.t4g.micro",
        "Engine": "postgres",
        "MasterUsername": "someone",
        "ManageMasterUserPassword": True,
        "AllocatedStorage": 20,
    }
    databases.create_db_instance(**(wanted | settings))
    return read(databases, name)


def read(databases: Any, name: str) -> dict[str, Any]:
    """Return an instance."""
    (found,) = databases.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    instance: dict[str, Any] = found
    return instance


def test_two_instances_are_told_apart(databases: Any) -> None:
    """Terraform finds an instance by its resource id, which is no other's."""
    ids = [make(databases, name)["DbiResourceId"] for name in ("one", "another")]
    assert len(set(ids)) == 2
    found = databases.describe_db_instances(
        Filters=[{"Name": "dbi-resource-id", "Values": [ids[1]]}]
    )["DBInstances"]
    assert [instance["DBInstanceIdentifier"] for instance in found] == ["another"]


def test_performance_insights_are_as_asked_for(databases: Any) -> None:
    """What is switched on stays on until it is switched off."""
    made = make(databases, "watched", EnablePerformanceInsights=True)
    assert made["PerformanceInsightsEnabled"] is True
    assert made["PerformanceInsightsRetentionPeriod"] == 7
    databases.modify_db_instance(DBInstanceIdentifier="watched", EnablePerformanceInsights=False)
    assert read(databases, "watched")["PerformanceInsightsEnabled"] is False


def test_rotation_of_a_password_can_be_set_and_switched_off(databases: Any, secrets: Any) -> None:
    """RDS turns its passwords itself: nobody needs a function for it."""
    secret = make(databases, "turning")["MasterUserSecret"]["SecretArn"]
    secrets.rotate_secret(
        SecretId=secret, RotationRules={"AutomaticallyAfterDays": 90}, RotateImmediately=False
    )
    described = secrets.describe_secret(SecretId=secret)
    assert described["RotationRules"]["AutomaticallyAfterDays"] == 90
    secrets.cancel_rotate_secret(SecretId=secret)
    assert secrets.describe_secret(SecretId=secret)["RotationEnabled"] is False


def test_parameters_that_a_user_set_are_said_to_be_the_users(databases: Any) -> None:
    """Terraform compares its own with those."""
    name = {"DBParameterGroupName": "own"}
    databases.create_db_parameter_group(
        **name, DBParameterGroupFamily="postgres16", Description="of a test"
    )
    parameter = {
        "ParameterName": "rds.force_ssl",
        "ParameterValue": "1",
        "ApplyMethod": "immediate",
    }
    databases.modify_db_parameter_group(**name, Parameters=[parameter])
    (shown,) = databases.describe_db_parameters(**name)["Parameters"]
    assert shown == {**parameter, "Source": "user"}


@pytest.mark.parametrize(
    ("engine", "asked", "runs"),
    [
        ("postgres", "16", "16.0"),
        ("postgres", "16.4", "16.4"),
        ("mysql", "8.4", "8.4.0"),
        ("mysql", "8.0.40", "8.0.40"),
    ],
)
def test_runs_a_whole_version(databases: Any, engine: str, asked: str, runs: str) -> None:
    """RDS chooses the minor version, which Terraform must not take for a change."""
    name = f"{engine}-{asked.replace('.', '-')}"
    assert make(databases, name, Engine=engine, EngineVersion=asked)["EngineVersion"] == runs


def test_refuses_the_parameters_of_another_engine(databases: Any) -> None:
    """A family holds for one major version of one engine."""
    databases.create_db_parameter_group(
        DBParameterGroupName="family", DBParameterGroupFamily="mysql8.4", Description="of a test"
    )
    with pytest.raises(ClientError, match=r"DBParameterGroupFamily mysql8\.0"):
        make(
            databases,
            "older",
            Engine="mysql",
            EngineVersion="8.0",
            DBParameterGroupName="family",
        )
    made = make(
        databases, "newer", Engine="mysql", EngineVersion="8.4", DBParameterGroupName="family"
    )
    assert made["DBParameterGroups"][0]["DBParameterGroupName"] == "family"


def test_what_an_instance_uses_cannot_be_deleted(
    databases: Any, secrets: Any, sandbox: SandboxDescription
) -> None:
    """The instance goes first, its password with it; then its groups can go."""
    ec2 = boto3.client(
        "ec2",
        endpoint_url=sandbox.aws_endpoint_url,
        region_name=sandbox.region,
        aws_access_key_id=sandbox.access_key_id,
        aws_secret_access_key=sandbox.secret_access_key,
    )
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
    databases.create_db_subnet_group(
        DBSubnetGroupName="used", DBSubnetGroupDescription="of a test", SubnetIds=subnets
    )
    databases.create_db_parameter_group(
        DBParameterGroupName="used", DBParameterGroupFamily="postgres16", Description="of a test"
    )
    made = make(
        databases,
        "user",
        EngineVersion="16",
        DBSubnetGroupName="used",
        DBParameterGroupName="used",
    )
    with pytest.raises(ClientError, match="InvalidDBParameterGroupState"):
        databases.delete_db_parameter_group(DBParameterGroupName="used")
    with pytest.raises(ClientError, match="InvalidDBSubnetGroupStateFault"):
        databases.delete_db_subnet_group(DBSubnetGroupName="used")
    databases.delete_db_instance(DBInstanceIdentifier="user", SkipFinalSnapshot=True)
    databases.delete_db_parameter_group(DBParameterGroupName="used")
    databases.delete_db_subnet_group(DBSubnetGroupName="used")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        secrets.describe_secret(SecretId=made["MasterUserSecret"]["SecretArn"])
