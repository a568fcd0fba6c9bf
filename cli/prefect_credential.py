"""The credential of an environment's Prefect server, read from Secrets Manager where it lies.

It is put into this process alone: neither a job's settings nor its log ever hold it.
"""

import os

from delightful.errors import ExternalError

SECRET_VARIABLE = "DELIGHTFUL_PREFECT_SECRET"  # noqa: S105 - the name of a variable
_CREDENTIAL_VARIABLE = "PREFECT_API_AUTH_STRING"


def read_prefect_credential() -> None:
    """Let Prefect sign in as the secret says that DELIGHTFUL_PREFECT_SECRET names, if it does.

    Raises:
        ExternalError: E_PREFECT_CREDENTIAL, the secret could not be read.
    """
    secret = os.environ.get(SECRET_VARIABLE)
    if not secret or os.environ.get(_CREDENTIAL_VARIABLE):
        return
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        # boto3 alone looks at AWS_DEFAULT_REGION only.
        client = boto3.client("secretsmanager", region_name=os.environ.get("AWS_REGION"))
        read = client.get_secret_value(SecretId=secret)["SecretString"]
    except (BotoCoreError, ClientError, KeyError) as error:
        raise ExternalError(
            "E_PREFECT_CREDENTIAL",
            f"{secret} could not be read",
            hint=f"check {SECRET_VARIABLE}, and that this role may read the secret",
            service="Secrets Manager",
            operation="GetSecretValue",
            cause=_cause(error),
        ) from error
    os.environ[_CREDENTIAL_VARIABLE] = read.strip()


def _cause(error: Exception) -> str:
    response = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code") or type(error).__name__)
