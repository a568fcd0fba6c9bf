"""Who says a thing, proven by AWS itself: a signed GetCallerIdentity that carries what is said.

Whoever says it signs the request with his own keys and hands it over unsent; whoever wants to know
sends it to STS, at an address of his own, and STS answers whose it is. What is said is a header
under the signature. The signature is worth nothing for any other request, and STS takes it for a
quarter of an hour at most.
"""

import re
from collections.abc import Mapping
from typing import Final

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ProfileNotFound
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies
from prefect_aws import AwsCredentials

from blocks.aws import aws_client, endpoint_url, region_name, translated
from delightful.errors import ConfigError, Refused, TransientError

_STATEMENT: Final = "x-delightful-statement"
_BODY: Final = b"Action=GetCallerIdentity&Version=2011-06-15"
_TYPE: Final = "application/x-www-form-urlencoded; charset=utf-8"
_SENT: Final = frozenset(
    {"authorization", "content-type", "x-amz-date", "x-amz-security-token", _STATEMENT}
)
_SIGNED = re.compile(r"SignedHeaders=([a-z0-9;-]{1,400})[,\s]")
_ARN = re.compile(rb"<Arn>([^<\s]{1,2048})</Arn>")
_SECONDS = 15


def caller_arn(credentials: AwsCredentials) -> str:
    """Return whose credentials these are."""
    with translated("STS", "GetCallerIdentity"):
        return str(aws_client(credentials, "sts").get_caller_identity()["Arn"])


def signed_statement(
    statement_sha256: str, place: AwsCredentials, profile: str | None = None
) -> dict[str, str]:
    """Return a request that says this under the identity of whoever runs the process.

    `place` names region and endpoint; its keys are not used, for they are the environment's.

    Raises:
        ConfigError: E_CREDENTIALS, nobody is here by AWS's lights.
    """
    try:
        keys = boto3.Session(profile_name=profile).get_credentials()
    except ProfileNotFound as error:
        raise _nobody(str(error)) from error
    if keys is None:
        raise _nobody("no AWS credentials were found")
    request = _request(_endpoint(place), {"content-type": _TYPE, _STATEMENT: statement_sha256})
    with translated("STS", "sign"):
        SigV4Auth(keys, "sts", region_name(place)).add_auth(request)
    signed = {name.lower(): str(value) for name, value in request.headers.items()}
    return {name: value for name, value in signed.items() if name in _SENT}


def proven_arn(headers: Mapping[str, str], statement_sha256: str, place: AwsCredentials) -> str:
    """Return the ARN that STS names for a signed statement.

    Raises:
        Refused: E_APPROVAL, it says something else, is not signed, or STS does not take it.
        TransientError: STS cannot be asked now.
    """
    _check_signed(headers, statement_sha256)
    url = _endpoint(place)
    request = _request(url, headers)
    session = URLLib3Session(timeout=_SECONDS, proxies=get_environ_proxies(url))
    with translated("STS", "GetCallerIdentity"):
        answer = session.send(request.prepare())
    if answer.status_code >= 500 or answer.status_code == 429:
        raise TransientError(
            "E_AWS_BUSY", f"STS answered {answer.status_code}", hint="run the same again"
        )
    named = _ARN.search(answer.content) if answer.status_code == 200 else None
    if named is None:
        raise _not_proven(f"STS answered {answer.status_code} to the signature")
    return named[1].decode()


def _check_signed(headers: Mapping[str, str], statement_sha256: str) -> None:
    strange = sorted(headers.keys() - _SENT)
    if strange:
        raise _not_proven("it has headers that are not asked for")
    if headers.get(_STATEMENT) != statement_sha256:
        raise _not_proven("it was signed for another statement")
    signed = _SIGNED.search(headers.get("authorization", ""))
    if signed is None or not {"host", _STATEMENT} <= set(signed[1].split(";")):
        raise _not_proven("the statement is not under the signature")


def _request(url: str, headers: Mapping[str, str]) -> AWSRequest:
    return AWSRequest("POST", url, headers=dict(headers), data=_BODY)


def _endpoint(place: AwsCredentials) -> str:
    region = region_name(place)
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{(endpoint_url(place) or f'https://sts.{region}.{suffix}').rstrip('/')}/"


def _not_proven(cause: str) -> Refused:
    return Refused(
        "E_APPROVAL",
        f"the answer does not prove who gave it: {cause}",
        hint="give it again with `delightful approve`; a signature holds for minutes",
    )


def _nobody(cause: str) -> ConfigError:
    return ConfigError(
        "E_CREDENTIALS",
        f"an approval needs your own AWS identity: {cause}",
        hint="log in to AWS as yourself, or name your profile with --profile",
    )
