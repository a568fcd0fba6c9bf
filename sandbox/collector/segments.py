"""Spans as X-Ray's segment documents, the way the awsxray exporter of the real collector has them.

https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from sandbox.collector.spans import Span

_SERVER, _CLIENT, _CONSUMER = 2, 3, 5
_ERROR = 2
_NOT_IN_A_KEY = re.compile(r"[^A-Za-z0-9_]")
_NOT_IN_A_NAME = re.compile(r"[^\w\s.:/%&#=+\\\-@]")
# What is told in fields of its own, under the older and the newer name.
_HTTP_REQUEST = {
    "method": ("http.request.method", "http.method"),
    "url": ("url.full", "http.url", "url.path", "http.target"),
    "user_agent": ("user_agent.original", "http.user_agent"),
    "client_ip": ("client.address", "http.client_ip"),
}
_HTTP_STATUS = ("http.response.status_code", "http.status_code")


def segment_of(span: Span, indexed: Collection[str] = ()) -> dict[str, Any]:
    """Return the segment document of a span; what is `indexed` becomes an annotation.

    What serves or begins a trace is a segment, everything else a subsegment of its parent.
    """
    service = str(span.resource.get("service.name") or "unknown_service")
    is_segment = span.kind in (_SERVER, _CONSUMER) or not span.parent_id
    document: dict[str, Any] = {
        "id": span.span_id,
        "trace_id": f"1-{span.trace_id[:8]}-{span.trace_id[8:]}",
        "name": _NOT_IN_A_NAME.sub("", service if is_segment else span.name)[:200],
        "start_time": span.start / 1e9,
        "end_time": span.end / 1e9,
    }
    if span.parent_id:
        document["parent_id"] = span.parent_id
    if not is_segment:
        document["type"] = "subsegment"
    if span.kind == _CLIENT and not is_segment:
        document["namespace"] = "remote"
    if is_segment and "service.version" in span.resource:
        document["service"] = {"version": str(span.resource["service.version"])}
    return document | _http(span) | _outcome(span) | _told(span, indexed)


def _first(attributes: Mapping[str, Any], names: Collection[str]) -> Any:
    return next((attributes[name] for name in names if name in attributes), None)


def _http(span: Span) -> dict[str, Any]:
    request = {key: _first(span.attributes, names) for key, names in _HTTP_REQUEST.items()}
    status = _first(span.attributes, _HTTP_STATUS)
    told: dict[str, Any] = {}
    if any(value is not None for value in request.values()):
        told["request"] = {key: str(value) for key, value in request.items() if value is not None}
    if status is not None:
        told["response"] = {"status": int(status)}
    return {"http": told} if told else {}


def _outcome(span: Span) -> dict[str, bool]:
    status = int(_first(span.attributes, _HTTP_STATUS) or 0)
    if 400 <= status < 500:
        return {"error": True} | ({"throttle": True} if status == 429 else {})
    return {"fault": True} if status >= 500 or span.status == _ERROR else {}


def _told(span: Span, indexed: Collection[str]) -> dict[str, Any]:
    everything = {
        **{f"otel.resource.{name}": value for name, value in span.resource.items()},
        **span.attributes,
    }
    fields = {*_HTTP_STATUS, *(name for names in _HTTP_REQUEST.values() for name in names)}
    annotations = {
        _NOT_IN_A_KEY.sub("_", name): value
        for name, value in everything.items()
        if name in indexed and isinstance(value, str | int | float | bool)
    }
    metadata = {
        name: value
        for name, value in everything.items()
        if name not in fields and name not in indexed
    }
    told: dict[str, Any] = {"annotations": annotations} if annotations else {}
    return told | ({"metadata": {"default": metadata}} if metadata else {})
