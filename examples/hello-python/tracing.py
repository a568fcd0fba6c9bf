"""Spans of requests, sent to an OpenTelemetry collector where the environment names one.

A service with packages of its own has an SDK for this; this one has the standard library alone, and
speaks OTLP over HTTP in its JSON form.
"""

import json
import os
import queue
import random
import re
import secrets
import threading
import time
import urllib.request
from http import HTTPStatus
from urllib.parse import unquote

ENDPOINT = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "")
SAMPLED_SHARE = float(os.environ.get("OTEL_TRACES_SAMPLER_ARG", "1"))
# https://www.w3.org/TR/trace-context/#traceparent-header
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-0([01])")
MOST_WAITING = 1000
MOST_AT_ONCE = 200
SERVER_KIND = 2
ERROR_STATUS = 2

waiting: "queue.Queue[dict[str, object] | None]" = queue.Queue(MOST_WAITING)
ending = threading.Event()


def attribute(key: str, value: object) -> dict[str, object]:
    """Return one attribute as OTLP writes it."""
    kind = "intValue" if isinstance(value, int) else "stringValue"
    return {"key": key, "value": {kind: str(value)}}


def resource() -> list[dict[str, object]]:
    """Return what tells this service, its release and its environment from others."""
    pairs = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",")
    named = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    named["service.name"] = os.environ.get("OTEL_SERVICE_NAME", "hello-python")
    return [attribute(key.strip(), unquote(value.strip())) for key, value in named.items()]


def record(method: str, path: str, status: HTTPStatus, traceparent: str, began: int) -> None:
    """Take one request that was answered just now; `began` is in nanoseconds since the epoch.

    The caller's decision to trace is followed; without one, a share of the requests is traced. What
    the collector does not take in time is dropped: no request ever waits for its trace.
    """
    found = TRACEPARENT.fullmatch(traceparent)
    sampled = found[3] == "1" if found else random.random() < SAMPLED_SHARE
    if not ENDPOINT or not sampled:
        return
    span = {
        "traceId": found[1] if found else f"{int(time.time()):08x}{secrets.token_hex(12)}",
        "spanId": secrets.token_hex(8),
        "parentSpanId": found[2] if found else "",
        "name": f"{method} {path}",
        "kind": SERVER_KIND,
        "startTimeUnixNano": str(began),
        "endTimeUnixNano": str(time.time_ns()),
        "attributes": [
            attribute("http.request.method", method),
            attribute("url.path", path),
            attribute("http.response.status_code", int(status)),
        ],
        "status": {"code": ERROR_STATUS if status >= 500 else 0},
    }
    try:
        waiting.put_nowait(span)
    except queue.Full:
        return


def start() -> None:
    """Begin to send what is recorded, where there is a collector to send it to."""
    if ENDPOINT:
        sender.start()


def finish() -> None:
    """Send what was recorded last, before the process ends."""
    if ENDPOINT:
        ending.set()
        waiting.put(None)
        sender.join(timeout=5)


def send_all() -> None:
    """Send spans once a second until the process ends."""
    while not ending.is_set() or not waiting.empty():
        spans = [waiting.get()]
        ending.wait(1)
        while len(spans) < MOST_AT_ONCE and not waiting.empty():
            spans.append(waiting.get())
        told = [span for span in spans if span is not None]
        if told:
            send(told)


def send(spans: list[dict[str, object]]) -> None:
    """Send spans; a collector that is not there costs them and nothing else."""
    group = {"resource": {"attributes": resource()}, "scopeSpans": [{"spans": spans}]}
    request = urllib.request.Request(
        f"{ENDPOINT}/v1/traces",
        json.dumps({"resourceSpans": [group]}).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        urllib.request.urlopen(request, timeout=2).close()
    except OSError:
        return


sender = threading.Thread(target=send_all, name="traces", daemon=True)
