"""A local server that speaks the Messages API: it answers from a list and keeps what it got."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer of the server; `pause_seconds` is waited for before it, or until the test ends."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    pause_seconds: float = 0.0


@dataclass
class MessagesApi:
    """The server's address, and every request that reached it."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def documents(self) -> list[dict[str, Any]]:
        """Return the requests' bodies as they were meant."""
        return [json.loads(body) for body in self.bodies]


def message(
    text: str,
    *,
    stop_reason: str = "end_turn",
    input_tokens: int = 1000,
    output_tokens: int = 100,
    cache_read: int = 0,
) -> Reply:
    """Return a message of the model as the API sends it."""
    body = {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": [{"type": "text", "text": text}] if text else [],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {
            "input_tokens": input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": cache_read,
            "output_tokens": output_tokens,
        },
    }
    return Reply(json.dumps(body).encode())


def claims(*answers: dict[str, Any], **usage: int) -> Reply:
    """Return a message with claims in the agreed form."""
    return message(json.dumps({"answers": list(answers)}), **usage)


def claim(field: str, value: object, file: str, line: int, quote: str) -> dict[str, Any]:
    """Return one claim."""
    return {"field": field, "value": value, "file": file, "line": line, "quote": quote}


def failure(status: int, kind: str, **headers: str) -> Reply:
    """Return an error as the API sends it."""
    body = {"type": "error", "error": {"type": kind, "message": kind}}
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Reply(json.dumps(body).encode(), status, named)


@contextmanager
def serving(replies: Sequence[Reply]) -> Iterator[MessagesApi]:
    """Serve the replies in their order, the last one again and again."""
    api = MessagesApi()
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = replies[min(len(api.bodies), len(replies) - 1)]
            api.bodies.append(body)
            api.headers.append({name.lower(): value for name, value in self.headers.items()})
            if self.path != "/v1/messages":
                reply = failure(404, "not_found_error")
            ended.wait(reply.pause_seconds) if reply.pause_seconds else None
            self.send_response(reply.status)
            for name, value in (("content-type", "application/json"), *reply.headers):
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
