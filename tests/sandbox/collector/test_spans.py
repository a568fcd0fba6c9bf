"""OTLP over HTTP: JSON and protobuf give the same spans, anything else is refused."""

import gzip
import json
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Status
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtobufSpan

from sandbox.collector.spans import Span, UnreadableRequest, read_spans

TRACE, SPAN, PARENT = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b173"
EXPECTED = Span(
    trace_id=TRACE,
    span_id=SPAN,
    parent_id=PARENT,
    name="GET /",
    kind=2,
    start=1_700_000_000_000_000_000,
    end=1_700_000_000_500_000_000,
    attributes={"http.request.method": "GET", "http.response.status_code": 200},
    resource={"service.name": "web"},
    status=2,
    status_message="no",
)


def as_json(**changes: Any) -> bytes:
    """Return an export request of one span, as OTLP's JSON has it."""
    span = {
        "traceId": TRACE.upper(),
        "spanId": SPAN,
        "parentSpanId": PARENT,
        "name": "GET /",
        "kind": 2,
        "startTimeUnixNano": "1700000000000000000",
        "endTimeUnixNano": "1700000000500000000",
        "attributes": [
            {"key": "http.request.method", "value": {"stringValue": "GET"}},
            {"key": "http.response.status_code", "value": {"intValue": "200"}},
        ],
        "status": {"code": 2, "message": "no"},
    }
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "web"}}]}
    group = {"resource": resource, "scopeSpans": [{"spans": [span | changes]}]}
    return json.dumps({"resourceSpans": [group]}).encode()


def as_protobuf() -> bytes:
    """Return the same request as protobuf."""
    span = ProtobufSpan(
        trace_id=bytes.fromhex(TRACE),
        span_id=bytes.fromhex(SPAN),
        parent_span_id=bytes.fromhex(PARENT),
        name="GET /",
        kind=ProtobufSpan.SPAN_KIND_SERVER,
        start_time_unix_nano=EXPECTED.start,
        end_time_unix_nano=EXPECTED.end,
        attributes=[
            KeyValue(key="http.request.method", value=AnyValue(string_value="GET")),
            KeyValue(key="http.response.status_code", value=AnyValue(int_value=200)),
        ],
        status=Status(code=Status.STATUS_CODE_ERROR, message="no"),
    )
    name = KeyValue(key="service.name", value=AnyValue(string_value="web"))
    group = ResourceSpans(
        resource=Resource(attributes=[name]), scope_spans=[ScopeSpans(spans=[span])]
    )
    return bytes(ExportTraceServiceRequest(resource_spans=[group]).SerializeToString())


@pytest.mark.parametrize(
    ("body", "kind", "encoding"),
    [
        (as_json(), "application/json", ""),
        (as_json(), "application/json; charset=utf-8", "identity"),
        (gzip.compress(as_json()), "application/json", "gzip"),
        (as_protobuf(), "application/x-protobuf", ""),
        (gzip.compress(as_protobuf()), "application/x-protobuf", "gzip"),
    ],
)
def test_every_form_of_a_request_gives_the_same_span(body: bytes, kind: str, encoding: str) -> None:
    """Whichever protocol an SDK speaks, what it says is the same."""
    assert read_spans(body, kind, encoding) == [EXPECTED]


def test_a_request_without_spans_is_none() -> None:
    """SDKs send empty requests too."""
    assert read_spans(b"{}", "application/json") == []
    assert read_spans(b"", "application/x-protobuf") == []


def test_values_of_every_kind_are_read() -> None:
    """Numbers are text in JSON, lists and maps hold values again."""
    array = {"values": [{"stringValue": "a"}, {"boolValue": True}]}
    pairs = {"values": [{"key": "x", "value": {"doubleValue": 0.5}}]}
    body = as_json(
        attributes=[
            {"key": "list", "value": {"arrayValue": array}},
            {"key": "map", "value": {"kvlistValue": pairs}},
            {"key": "nothing", "value": {}},
        ]
    )
    (span,) = read_spans(body, "application/json")
    assert span.attributes == {"list": ["a", True], "map": {"x": 0.5}, "nothing": None}


@pytest.mark.parametrize(
    ("body", "kind", "encoding"),
    [
        (b"{", "application/json", ""),
        (b"[]", "application/json", ""),
        (as_json(traceId="1"), "application/json", ""),
        (as_json(traceId="0" * 32), "application/json", ""),
        (as_json(spanId="x" * 16), "application/json", ""),
        (as_json(startTimeUnixNano="soon"), "application/json", ""),
        (as_json(attributes=["a"]), "application/json", ""),
        (b"\xff\xff", "application/x-protobuf", ""),
        (as_json(), "text/plain", ""),
        (as_json(), "", ""),
        (as_json(), "application/json", "gzip"),
        (as_json(), "application/json", "br"),
    ],
)
def test_what_is_not_otlp_is_refused(body: bytes, kind: str, encoding: str) -> None:
    """A body that is not what its headers say leaves nothing half read."""
    with pytest.raises(UnreadableRequest):
        read_spans(body, kind, encoding)
