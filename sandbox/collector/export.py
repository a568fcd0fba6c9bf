"""Put segments into X-Ray: batches of what came, in a thread of its own."""

import json
import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

# Only the signing of botocore: a client of its own takes half a second to make.
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

# What one call of PutTraceSegments takes.
MOST_SEGMENTS = 50
# Spans that nobody takes are dropped, as the real collector does when its memory is full.
_MOST_WAITING = 10_000
_TIMEOUT_SECONDS = 5.0


class XRay:
    """X-Ray at an endpoint, called as any client calls it."""

    def __init__(self, endpoint: str, region: str) -> None:
        self._url, self._region = f"{endpoint}/TraceSegments", region

    def put(self, documents: list[dict[str, Any]]) -> int:
        """Put segments and return how many were not taken.

        Raises:
            OSError: X-Ray cannot be reached or refuses.
        """
        body = json.dumps({"TraceSegmentDocuments": [json.dumps(one) for one in documents]})
        request = urllib.request.Request(  # noqa: S310 - the sandbox's own endpoint
            self._url, body.encode(), self._headers(body)
        )
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
            return len(json.load(answer).get("UnprocessedTraceSegments") or ())

    def _headers(self, body: str) -> dict[str, str]:
        request = AWSRequest(
            "POST", self._url, headers={"Content-Type": "application/json"}, data=body
        )
        SigV4Auth(Credentials("sandbox", "sandbox"), "xray", self._region).add_auth(request)
        return dict(request.headers.items())


class Exporter:
    """Takes segment documents and puts them into X-Ray, at most `MOST_SEGMENTS` a call."""

    def __init__(self, put: Callable[[list[dict[str, Any]]], int], say: Callable[[str], None]):
        self._put, self._say = put, say
        self._waiting: queue.Queue[dict[str, Any] | None] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._export, name="export", daemon=True)
        self._thread.start()

    def take(self, documents: list[dict[str, Any]]) -> int:
        """Take documents and return how many had no room."""
        for number, document in enumerate(documents):
            try:
                self._waiting.put_nowait(document)
            except queue.Full:
                return len(documents) - number
        return 0

    def close(self) -> None:
        """Put what is left."""
        self._waiting.put(None)
        self._thread.join(timeout=_TIMEOUT_SECONDS)

    def _export(self) -> None:
        while True:
            batch = self._batch()
            documents = [document for document in batch if document is not None]
            if documents:
                self._send(documents)
            if len(documents) < len(batch):
                return

    def _batch(self) -> list[dict[str, Any] | None]:
        batch = [self._waiting.get()]
        while len(batch) < MOST_SEGMENTS and batch[-1] is not None:
            try:
                batch.append(self._waiting.get(timeout=0.1))
            except queue.Empty:
                break
        return batch

    def _send(self, documents: list[dict[str, Any]]) -> None:
        try:
            refused = self._put(documents)
        except (OSError, ValueError) as error:
            self._say(f"dropped {len(documents)} segments: {error}")
            return
        if refused:
            self._say(f"X-Ray refused {refused} of {len(documents)} segments")
