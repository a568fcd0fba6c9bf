"""A statement is somebody's only where STS says whose it is; nothing of it is taken on trust."""

import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from prefect_aws import AwsCredentials
from prefect_aws.client_parameters import AwsClientParameters

from blocks.signed_identity import proven_arn, signed_statement
from delightful.errors import ConfigError, Refused, TransientError
from tests.stand_ins.local_server import Answer, Asked, LocalServer, local_server

ANN = "arn:aws:iam::123456789012:user/ann"
KEY, SECRET = "AKIAANNANNANNANNANNA", "a-secret-access-key-of-anns"
SAID = "ab" * 32
XML = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{}</Arn></GetCallerIdentityResult>"
    "</GetCallerIdentityResponse>"
)


def place(url: str) -> AwsCredentials:
    """Return where STS is."""
    return AwsCredentials(
        region_name="eu-west-1", aws_client_parameters=AwsClientParameters(endpoint_url=url)
    )


def judged(asked: Asked) -> Answer:
    """Answer as STS does: whose key it is, where the signature is right (AWS SigV4)."""
    headers = {name.lower(): value for name, value in asked.headers.items()}
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=(\w+)/(\d+)/([\w-]+)/sts/aws4_request, "
        r"SignedHeaders=([\w;-]+), Signature=(\w+)",
        headers["authorization"],
    )
    assert found is not None
    key, day, region, names, signature = found.groups()
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names.split(";"))
    body = hashlib.sha256(asked.body).hexdigest()
    canonical = f"{asked.method}\n/\n\n{lines}\n{names}\n{body}"
    scope = f"{day}/{region}/sts/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{digest}"
    secret = f"AWS4{SECRET}".encode()
    for part in (day, region, "sts", "aws4_request", text):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    if key != KEY or secret.hex() != signature:
        return Answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
    return Answer(200, XML.format(ANN).encode())


@contextmanager
def sts() -> Iterator[LocalServer]:
    """Run an STS that knows Ann."""
    with local_server(judged) as server:
        yield server


@pytest.fixture(autouse=True)
def ann(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be Ann."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


def test_sts_names_who_signed() -> None:
    """Signed here, asked there: one name, and one request with nothing else in it."""
    with sts() as server:
        headers = signed_statement(SAID, place(server.url))
        assert proven_arn(headers, SAID, place(server.url)) == ANN
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/")
    assert SECRET not in str(headers)


def test_a_role_that_was_taken_on_hands_its_token_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The session's token is under the signature, too."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token")
    with sts() as server:
        headers = signed_statement(SAID, place(server.url))
        assert headers["x-amz-security-token"] == "a-token"
        assert proven_arn(headers, SAID, place(server.url)) == ANN


def test_another_statement_is_not_signed_by_it() -> None:
    """The header alone cannot be changed, and neither can what is asked."""
    with sts() as server:
        headers = signed_statement(SAID, place(server.url))
        with pytest.raises(Refused, match="another statement"):
            proven_arn(headers, "cd" * 32, place(server.url))
        forged = {**headers, "x-delightful-statement": "cd" * 32}
        with pytest.raises(Refused, match="STS answered 403"):
            proven_arn(forged, "cd" * 32, place(server.url))
    assert len(server.asked) == 1


def test_a_plain_signature_is_no_statement() -> None:
    """A GetCallerIdentity that somebody signed for another purpose says nothing here."""
    with sts() as server:
        headers = signed_statement(SAID, place(server.url))
        names = headers["authorization"].replace(";x-delightful-statement", "")
        with pytest.raises(Refused, match="not under the signature"):
            proven_arn({**headers, "authorization": names}, SAID, place(server.url))
    assert server.asked == []


@pytest.mark.parametrize("header", ["host", "x-forwarded-host", "transfer-encoding", "accept"])
def test_only_known_headers_are_sent(header: str) -> None:
    """Where the request goes, and what it asks, is not for the sender to say."""
    with sts() as server:
        headers = {**signed_statement(SAID, place(server.url)), header: "x"}
        with pytest.raises(Refused, match="not asked for"):
            proven_arn(headers, SAID, place(server.url))
    assert server.asked == []


def test_a_signature_for_another_place_is_worth_nothing() -> None:
    """What was signed for one STS is not taken by another."""
    with sts() as server, sts() as other:
        headers = signed_statement(SAID, place(other.url))
        with pytest.raises(Refused, match="STS answered 403"):
            proven_arn(headers, SAID, place(server.url))


@pytest.mark.parametrize(
    "answer", [Answer(500), Answer(503), Answer(429), Answer(drop=True)], ids=str
)
def test_sts_out_of_reach_is_asked_again(answer: Answer) -> None:
    """Nobody is refused because STS was busy."""
    with local_server(lambda _: answer) as server, pytest.raises(TransientError):
        proven_arn(signed_statement(SAID, place(server.url)), SAID, place(server.url))


def test_an_answer_without_a_name_proves_nothing() -> None:
    """Neither a redirect nor a page of something else is followed or believed."""
    for answer in (Answer(302, headers={"Location": "http://127.0.0.1:9/"}), Answer(200, b"<p>")):
        with local_server(lambda _, it=answer: it) as server, pytest.raises(Refused):
            proven_arn(signed_statement(SAID, place(server.url)), SAID, place(server.url))
        assert len(server.asked) == 1


def test_nobody_signs_as_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an identity of one's own there is no approval, and the message says what to do."""
    with pytest.raises(ConfigError, match="--profile"):
        signed_statement(SAID, place("http://127.0.0.1:9"), "no-such-profile")
