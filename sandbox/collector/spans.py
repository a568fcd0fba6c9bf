"""OTLP over HTTP: a request's bytes in, spans out, as JSON or as protobuf."""

import base64
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 20 * 1024 * 1024


class UnreadableRequest(Exception):
    """A body that is not what its headers say; the message is for whoever sent it."""


@dataclass(frozen=True)
class Span:
    """One span. Ids are hexadecimal, times nanoseconds since the epoch, kind and status OTLP's."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: int
    start: int
    end: int
    attributes: Mapping[str, Any]
    resource: Mapping[str, Any]
    status: int = 0
    status_message: str = ""


def read_spans(body: bytes, content_type: str, encoding: str = "") -> list[Span]:
    """Return the spans of an export request.

    Raises:
        UnreadableRequest: the body cannot be read.
    """
    plain = _inflated(body, encoding)
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return list(_spans(_json(plain)))
    if kind == "application/x-protobuf":
        return list(_spans(_protobuf(plain)))
    raise UnreadableRequest(f"{kind or 'no content type'} is neither JSON nor protobuf")


def _inflated(body: bytes, encoding: str) -> bytes:
    if encoding not in ("", "identity", "gzip"):
        raise UnreadableRequest(f"content encoding {encoding} is not gzip")
    try:
        plain = gzip.decompress(body) if encoding == "gzip" else body
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableRequest(f"not gzip: {error}") from error
    if len(plain) > MOST_BYTES:
        raise UnreadableRequest(f"more than {MOST_BYTES} bytes")
    return plain


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except ValueError as error:
        raise UnreadableRequest(f"not JSON: {error}") from error
    if not isinstance(read, dict):
        raise UnreadableRequest("not an export request: a JSON object is expected")
    return read


def _protobuf(body: bytes) -> Mapping[str, Any]:
    # Imported only where somebody speaks it.
    from google.protobuf.json_format import MessageToDict
    from google.protobuf.message import DecodeError
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    try:
        message = ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise UnreadableRequest(f"not protobuf: {error}") from error
    read: dict[str, Any] = MessageToDict(message, use_integers_for_enums=True)
    # OTLP's JSON has hexadecimal ids where protobuf's own has base64.
    for span in _each(read, "resourceSpans", "scopeSpans", "spans"):
        for name in ("traceId", "spanId", "parentSpanId"):
            span[name] = base64.b64decode(span.get(name, "")).hex()
    return read


def _each(holder: Mapping[str, Any], *path: str) -> Iterator[dict[str, Any]]:
    for found in holder.get(path[0]) or ():
        if len(path) == 1:
            yield found
        else:
            yield from _each(found, *path[1:])


def _spans(request: Mapping[str, Any]) -> Iterator[Span]:
    try:
        for group in _each(request, "resourceSpans"):
            resource = _attributes((group.get("resource") or {}).get("attributes"))
            for span in _each(group, "scopeSpans", "spans"):
                yield _span(span, resource)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableRequest(f"not an export request: {error!r}") from error


def _span(span: Mapping[str, Any], resource: Mapping[str, Any]) -> Span:
    status = span.get("status") or {}
    return Span(
        trace_id=_id(span["traceId"], 32),
        span_id=_id(span["spanId"], 16),
        parent_id=str(span.get("parentSpanId") or "").lower(),
        name=str(span["name"]),
        kind=int(span.get("kind") or 0),
        start=int(span["startTimeUnixNano"]),
        end=int(span["endTimeUnixNano"]),
        attributes=_attributes(span.get("attributes")),
        resource=resource,
        status=int(status.get("code") or 0),
        status_message=str(status.get("message") or ""),
    )


def _id(text: str, digits: int) -> str:
    if len(text) != digits or int(text, 16) == 0:
        raise ValueError(f"{text!r} is no id of {digits} digits")
    return text.lower()


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair["key"]: _value(pair.get("value") or {}) for pair in pairs or ()}


def _value(value: Mapping[str, Any]) -> Any:
    for kind, read in _VALUES.items():
        if kind in value:
            return read(value[kind])
    return None


_VALUES: Mapping[str, Any] = {
    "stringValue": str,
    "boolValue": bool,
    "intValue": int,
    "doubleValue": float,
    "arrayValue": lambda array: [_value(one) for one in array.get("values") or ()],
    "kvlistValue": lambda pairs: _attributes(pairs.get("values")),
    "bytesValue": str,
}
