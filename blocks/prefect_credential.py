"""The credential of an environment's Prefect server, where its platform keeps it."""

from botocore.exceptions import ClientError
from prefect_aws import AwsCredentials
from pydantic import SecretStr

from blocks.aws import aws_client, error_code, translated
from delightful.names import environment_name

_NONE_FOR_US = frozenset({"ResourceNotFoundException", "AccessDeniedException"})


def prefect_credential(credentials: AwsCredentials, environment: str) -> SecretStr | None:
    """Return it, or None where Secrets Manager has none for whoever asks.

    A server that wants one says so itself (E_PREFECT).

    Raises:
        ConfigError: E_CREDENTIALS, nobody is logged in to AWS.
        ExternalError: E_AWS, it could not be asked for.
    """
    name = f"delightful/{environment_name(environment)}/prefect-auth"
    with translated("Secrets Manager", "GetSecretValue"):
        try:
            found = aws_client(credentials, "secretsmanager").get_secret_value(SecretId=name)
        except ClientError as error:
            if error_code(error) not in _NONE_FOR_US:
                raise
            return None
    return SecretStr(found["SecretString"])
