"""Who a job is to AWS: GitHub's token, the role's trust policy, and STS."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3

from tests.end_to_end.workflow_runs.events import OWNER_ID, REPOSITORY, REPOSITORY_ID, Event
from tests.infrastructure.identity.iam import Request, is_allowed
from tests.infrastructure.identity.roles import Role

ISSUER = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"
AUDIENCE = "sts.amazonaws.com"


class NotTrusted(Exception):
    """AWS would not give the role to this token."""


@dataclass(frozen=True)
class Identities:
    """The account's roles, as Terraform renders them, and the STS that gives them."""

    roles: Mapping[str, Role]
    sts_url: str
    region: str

    def taken_on(self, role_arn: str, claims: Mapping[str, str], session: str) -> dict[str, str]:
        """Take on a role as `aws-actions/configure-aws-credentials` does; return its variables.

        Raises:
            NotTrusted: there is no such role, or its trust policy does not know the token.
        """
        prefix, _, path = role_arn.partition(":role/delightful/")
        role = self.roles.get(path)
        if prefix != "arn:aws:iam::123456789012" or role is None:
            raise NotTrusted(f"no role {role_arn}")
        context = {f"{ISSUER}:{name}": value for name, value in claims.items()}
        asked = Request(
            "sts:AssumeRoleWithWebIdentity", context=context, principal=("Federated", PROVIDER)
        )
        if not is_allowed([role.trust], asked):
            raise NotTrusted(f"{role_arn} does not trust {claims['sub']} on {claims['ref']}")
        return self._variables(role_arn, claims, session)

    def _variables(self, role_arn: str, claims: Mapping[str, str], session: str) -> dict[str, str]:
        client = boto3.client(
            "sts",
            endpoint_url=self.sts_url,
            region_name=self.region,
            aws_access_key_id="",
            aws_secret_access_key="",
        )
        given = client.assume_role_with_web_identity(
            RoleArn=role_arn, RoleSessionName=session, WebIdentityToken=token_of(claims)
        )["Credentials"]
        return {
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }


def claims_of(event: Event, environment: str | None) -> dict[str, str]:
    """Return what GitHub's token says of a job: the environment wins over everything else."""
    context = f"ref:{event.ref}"
    if event.name == "pull_request":
        context = "pull_request"
    if environment is not None:
        context = f"environment:{environment}"
    return {
        "aud": AUDIENCE,
        "sub": f"repo:{REPOSITORY}:{context}",
        "ref": event.ref,
        "repository_id": str(REPOSITORY_ID),
        "repository_owner_id": str(OWNER_ID),
    }


def token_of(claims: Mapping[str, Any]) -> str:
    """Return a token with these claims; nobody's signature is under it."""
    parts = ({"alg": "none", "typ": "JWT"}, dict(claims))
    encoded = [base64.urlsafe_b64encode(json.dumps(one).encode()).decode() for one in parts]
    return ".".join([*(one.rstrip("=") for one in encoded), "unsigned"])
