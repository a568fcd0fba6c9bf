"""Spans as X-Ray's documents."""

from dataclasses import replace
from typing import Any

import pytest

from sandbox.collector.segments import segment_of
from sandbox.collector.spans import Span

SERVER, CLIENT, INTERNAL = 2, 3, 1
SPAN = Span(
    trace_id="5b8efff798038103d269b633813fc60c",
    span_id="eee19b7ec3c1b174",
    parent_id="",
    name="GET /",
    kind=SERVER,
    start=1_700_000_000_000_000_000,
    end=1_700_000_000_500_000_000,
    attributes={"http.request.method": "GET", "url.path": "/", "http.response.status_code": 200},
    resource={"service.name": "web", "service.version": "abc"},
)


def test_a_request_is_a_segment_of_its_service() -> None:
    """It bears the service's name and release, and what was asked and answered."""
    assert segment_of(SPAN) == {
        "id": "eee19b7ec3c1b174",
        "trace_id": "1-5b8efff7-98038103d269b633813fc60c",
        "name": "web",
        "start_time": 1_700_000_000.0,
        "end_time": 1_700_000_000.5,
        "service": {"version": "abc"},
        "http": {"request": {"method": "GET", "url": "/"}, "response": {"status": 200}},
        "metadata": {
            "default": {"otel.resource.service.name": "web", "otel.resource.service.version": "abc"}
        },
    }


def test_what_happens_within_is_a_subsegment() -> None:
    """A call to somebody else is remote, and both hang below their parent."""
    inner = segment_of(replace(SPAN, kind=INTERNAL, parent_id="a" * 16, name="work <1>"))
    assert (inner["type"], inner["parent_id"], inner["name"]) == ("subsegment", "a" * 16, "work 1")
    assert "namespace" not in inner
    call = segment_of(replace(SPAN, kind=CLIENT, parent_id="a" * 16))
    assert (call["type"], call["namespace"]) == ("subsegment", "remote")


def test_a_request_of_somebody_who_traces_too_is_a_segment_with_a_parent() -> None:
    """Services are told apart, and joined by the trace."""
    served = segment_of(replace(SPAN, parent_id="a" * 16))
    assert served["parent_id"] == "a" * 16
    assert "type" not in served


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (200, 0, {}),
        (404, 0, {"error": True}),
        (429, 0, {"error": True, "throttle": True}),
        (503, 0, {"fault": True}),
        (None, 2, {"fault": True}),
    ],
)
def test_outcome_is_told_in_xrays_words(
    status: int | None, code: int, expected: dict[str, bool]
) -> None:
    """The caller's mistakes are errors, the service's are faults."""
    attributes: dict[str, Any] = {"http.status_code": status} if status else {}
    told = segment_of(replace(SPAN, attributes=attributes, status=code))
    assert {key: told[key] for key in ("error", "throttle", "fault") if key in told} == expected


def test_what_is_indexed_can_be_searched_for() -> None:
    """Annotations have no dots, and are not told a second time."""
    told = segment_of(SPAN, {"otel.resource.service.version"})
    assert told["annotations"] == {"otel_resource_service_version": "abc"}
    assert told["metadata"]["default"] == {"otel.resource.service.name": "web"}
