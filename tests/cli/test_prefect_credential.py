"""The credential of a Prefect server reaches this process alone, from the secret that is named."""

import os

import pytest

from cli.prefect_credential import read_prefect_credential
from delightful.errors import ExternalError
from tests.blocks.local_server import Answer, Asked, local_server

SECRET = "delightful/staging/prefect-auth"


@pytest.fixture(autouse=True)
def _shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "DELIGHTFUL_PREFECT_SECRET": SECRET,
        # Set, so that what is set below is taken away again.
        "PREFECT_API_AUTH_STRING": "",
    }.items():
        monkeypatch.setenv(name, value)


def test_the_named_secret_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect finds the secret's value, as it lies there, without a line's end."""

    def answer(asked: Asked) -> Answer:
        assert asked.json() == {"SecretId": SECRET}
        return Answer(body={"SecretString": "prefect:word\n"})

    with local_server(answer) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        read_prefect_credential()
    assert os.environ["PREFECT_API_AUTH_STRING"] == "prefect:word"


def test_a_role_that_may_not_read_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line names the secret and AWS's reason."""
    refused = Answer(400, {"__type": "AccessDeniedException"})
    with local_server(lambda _: refused) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        with pytest.raises(ExternalError, match=rf"E_PREFECT_CREDENTIAL .*{SECRET}.*AccessDenied"):
            read_prefect_credential()


@pytest.mark.parametrize(
    ("name", "value"),
    [("DELIGHTFUL_PREFECT_SECRET", ""), ("PREFECT_API_AUTH_STRING", "given:already")],
)
def test_nothing_is_asked_where_nothing_is_wanted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """A server that asks for none, or a credential that is there already."""
    monkeypatch.setenv(name, value)
    with local_server(lambda _: Answer(500)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        read_prefect_credential()
        assert server.asked == []
