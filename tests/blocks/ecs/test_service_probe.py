"""A smoke request is bounded in time, size and place."""

import time

import pytest

from blocks.ecs.probe import ServiceProbe
from delightful.errors import ConfigError
from delightful.manifest import SmokeTest
from tests.stand_ins.local_server import Answer, Asked, local_server

PROBE = ServiceProbe()
SMOKE = SmokeTest(path="/ready", timeout_seconds=1)


def test_answer_comes_with_status_commit_and_body() -> None:
    """What the verdict needs of an answer is there."""
    answer = Answer(body=b"fine", headers={"X-Delightful-Commit": "abc"})
    with local_server(lambda _: answer) as server:
        found = PROBE.request(server.url, SMOKE)
    assert (found.status, found.commit_header, found.body_excerpt) == (200, "abc", "fine")
    assert found.error is None
    assert found.url == f"{server.url}/ready"
    assert [asked.path for asked in server.asked] == ["/ready"]


def test_failing_answer_is_evidence() -> None:
    """A server error is an answer with its body, not an error of the probe."""
    with local_server(lambda _: Answer(500, b"no database")) as server:
        found = PROBE.request(server.url, SMOKE)
    assert (found.status, found.body_excerpt, found.error) == (500, "no database", None)


def test_redirect_on_the_same_host_is_followed_a_few_times() -> None:
    """A service may send its visitor on, but not in circles."""

    def answer(asked: Asked) -> Answer:
        if asked.path == "/ready":
            return Answer(302, headers={"Location": "/there"})
        return Answer(body=b"there")

    with local_server(answer) as server:
        assert PROBE.request(server.url, SMOKE).body_excerpt == "there"
    with local_server(lambda _: Answer(302, headers={"Location": "/ready"})) as server:
        assert PROBE.request(server.url, SMOKE).error == "more than 3 redirects"
    assert len(server.asked) == 4


def test_redirect_to_another_host_is_not_followed() -> None:
    """Nobody but the service itself is asked."""
    with local_server(lambda _: Answer(body=b"metadata")) as other:
        answer = Answer(302, headers={"Location": f"{other.url}/latest"})
        with local_server(lambda _: answer) as server:
            found = PROBE.request(server.url, SMOKE)
    assert found.status is None
    assert "redirects to" in (found.error or "")
    assert other.asked == []


def test_large_body_is_cut() -> None:
    """A body beyond the bound is not read to its end, and the answer does not count as whole."""
    with local_server(lambda _: Answer(body=b"x" * 200_000)) as server:
        found = PROBE.request(server.url, SMOKE)
    assert found.error == "the body is larger than 64 KiB"
    assert len(found.body_excerpt) == 2000


@pytest.mark.slow
def test_silent_server_is_left_in_time() -> None:
    """A server that does not answer costs no more than the timeout."""

    def silent(_: Asked) -> Answer:
        time.sleep(1.5)
        return Answer()

    with local_server(silent) as server:
        started = time.monotonic()
        found = PROBE.request(server.url, SMOKE)
        assert time.monotonic() - started < 1.4
    assert found.status is None
    assert found.error


def test_refused_connection_is_a_result() -> None:
    """Where nobody listens, the probe says so and does not raise."""
    with local_server(lambda _: Answer()) as server:
        url = server.url
    assert "refused" in (PROBE.request(url, SMOKE).error or "")


def test_base_that_is_no_service_is_an_error() -> None:
    """An address with a path or credentials in it is a mistake of ours, not of the service."""
    with pytest.raises(ConfigError, match="E_URL"):
        PROBE.request("http://user@host", SMOKE)
