"""Requests are counted as they were, and nothing that failed is lost."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.prober import Prober
from rehearsal.traffic import Sample, parse_samples, traffic_of


def sample(at: float, status: int | None = 200, commit: str | None = "a" * 40) -> Sample:
    """Return one sample, of a request that was answered unless said otherwise."""
    error = None if status else "ConnectionResetError: reset"
    return Sample(at=at, status=status, commit=commit, milliseconds=1.0, error=error)


def test_counts_only_the_span_asked_for() -> None:
    """A request before the start or after the end belongs to another part."""
    seen = [sample(1), sample(2), sample(3), sample(4)]
    assert traffic_of(seen, start=2, end=3, expected=200).requests == 2


@pytest.mark.parametrize("status", [None, 404, 500, 502, 503])
def test_counts_as_failed_whatever_was_not_expected(status: int | None) -> None:
    """No answer and a wrong answer both fail, and the report says which it was."""
    traffic = traffic_of([sample(1), sample(2, status)], start=0, end=9, expected=200)
    assert traffic.failed == 1
    assert ("reset" if status is None else str(status)) in traffic.failures[0]


@given(st.lists(st.sampled_from([200, 503, None]), max_size=50))
def test_failed_and_served_add_up(statuses: list[int | None]) -> None:
    """Every request is either failed or got the expected status."""
    traffic = traffic_of([sample(1.0, status) for status in statuses], start=0, end=2, expected=200)
    assert traffic.requests == len(statuses)
    assert traffic.failed == sum(status != 200 for status in statuses)


def test_leaves_out_a_line_that_is_still_being_written() -> None:
    """Reading while the prober writes sees whole samples only."""
    line = json.dumps(sample(1).model_dump())
    assert parse_samples([line + "\n", line[:10]]) == [sample(1)]


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers with a commit, over connections that stay open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer 200, or 503 where the path says so."""
        self.send_response(503 if self.path == "/bad" else 200)
        self.send_header("Content-Length", "0")
        self.send_header("X-Delightful-Commit", "c" * 40)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Drop the access log."""


@pytest.fixture
def server() -> Iterator[str]:
    """Serve on a free loopback port; yield the base URL."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as httpd:
        httpd.daemon_threads = True
        threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


def wait_for_samples(prober: Prober, count: int) -> list[Sample]:
    """Return the samples once there are enough of them."""
    deadline = time.monotonic() + 20
    while len(samples := prober.samples()) < count:
        assert time.monotonic() < deadline, "the prober sent too few requests"
        time.sleep(0.02)
    return samples


@pytest.mark.slow
@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/bad", 503)])
def test_prober_sees_what_a_client_sees(
    server: str, tmp_path: Path, path: str, status: int
) -> None:
    """Status and commit of every answer are written down, good or bad."""
    with Prober(server + path, tmp_path / "log", requests_per_second=100) as prober:
        samples = wait_for_samples(prober, 8)
    assert {one.status for one in samples} == {status}
    assert {one.commit for one in samples} == {"c" * 40}


@pytest.mark.slow
def test_prober_writes_down_that_nothing_answers(tmp_path: Path) -> None:
    """A refused connection is a sample with an error, not a gap."""
    with Prober("http://127.0.0.1:9/", tmp_path / "log", requests_per_second=100) as prober:
        samples = wait_for_samples(prober, 4)
    assert all(one.status is None and one.error for one in samples)
