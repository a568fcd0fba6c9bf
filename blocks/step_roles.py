"""The roles that the steps of a flow take on, by the names that Terraform gives them.

`infrastructure/bootstrap` makes NAME-plan and NAME-ENVIRONMENT-apply, `infrastructure/registry`
SERVICE-ENVIRONMENT-deploy, all under the path /NAME/.
"""

from prefect_aws import AwsCredentials

from delightful.names import environment_name, service_name


def as_plan(credentials: AwsCredentials, roles_arn: str | None) -> AwsCredentials:
    """Return the credentials of who reads everything and changes nothing.

    Here as below: where no roles are named, they are the credentials as they are.
    """
    if roles_arn is None:
        return credentials
    return _in_role(credentials, f"{roles_arn}/{_name(roles_arn)}-plan")


def as_apply(
    credentials: AwsCredentials, roles_arn: str | None, environment: str
) -> AwsCredentials:
    """Return the credentials of who applies one environment."""
    if roles_arn is None:
        return credentials
    return _in_role(
        credentials, f"{roles_arn}/{_name(roles_arn)}-{environment_name(environment)}-apply"
    )


def as_deploy(
    credentials: AwsCredentials, roles_arn: str | None, environment: str, service: str
) -> AwsCredentials:
    """Return the credentials of who rolls one service out in one environment."""
    if roles_arn is None:
        return credentials
    return _in_role(
        credentials, f"{roles_arn}/{service_name(service)}-{environment_name(environment)}-deploy"
    )


def _name(roles_arn: str) -> str:
    return roles_arn.rpartition("/")[2]


def _in_role(credentials: AwsCredentials, role_arn: str) -> AwsCredentials:
    return credentials.model_copy(update={"assume_role_arn": role_arn})
