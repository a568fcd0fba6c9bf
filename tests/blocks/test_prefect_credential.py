"""The credential of a Prefect server is read where the platform keeps it, in the sandbox's AWS."""

import pytest
from prefect_aws import AwsCredentials

from blocks.aws import aws_client
from blocks.prefect_credential import prefect_credential

pytestmark = pytest.mark.sandbox


def test_reads_the_secret_of_the_environment(credentials: AwsCredentials) -> None:
    """Each environment has its own; one without a secret has a server that wants none."""
    secrets = aws_client(credentials, "secretsmanager")
    secrets.create_secret(Name="delightful/qa/prefect-auth", SecretString="ci:word")
    found = prefect_credential(credentials, "qa")
    assert found is not None
    assert found.get_secret_value() == "ci:word"
    assert "word" not in repr(found)
    assert prefect_credential(credentials, "live") is None
