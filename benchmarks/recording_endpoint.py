"""An AWS endpoint that passes everything on and keeps who asked for what, and when."""

import http.client
import re
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from delightful.frozen import Frozen

_PER_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
_OPERATION_PATH = re.compile(r"/operation/([A-Za-z]+)$")
_READS = re.compile(r"^(Get|List|Describe|BatchGet|BatchCheck|Query|Scan|Lookup|Filter|AssumeRole)")
# What keeps records beside a service and is not the service: ledger, locks, state, results.
_RECORDS = frozenset({"dynamodb", "s3"})
_CREDENTIAL = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/aws4_request")


class Call(Frozen):
    """One request; `at` in seconds since the epoch, when it arrived."""

    at: float
    service: str
    operation: str
    application: str | None

    @property
    def is_mutating(self) -> bool:
        """Say whether it asks for a change."""
        return _READS.match(self.operation) is None

    @property
    def changes_service(self) -> bool:
        """Say whether what it changes is more than records about the service."""
        return self.is_mutating and self.service not in _RECORDS


class RecordingEndpoint:
    """A proxy on loopback for the length of a `with` block."""

    def __init__(self, behind: str) -> None:
        self.behind = urllib.parse.urlsplit(behind).netloc
        self.calls: list[Call] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        """Begin to answer."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Return the address to give to clients instead of the real one."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def first(self, since: float, *, changing: bool = False) -> Call | None:
        """Return the first mutating call since a moment, of any but applications of our own."""
        for call in sorted(self.calls, key=lambda one: one.at):
            counts = call.changes_service if changing else call.is_mutating
            if call.at >= since and call.application is None and counts:
                return call
        return None


def call_of(method: str, path: str, headers: dict[str, str], body: bytes, at: float) -> Call:
    """Return what a request asks for, in whichever of AWS's protocols it is written."""
    agent = re.search(r"\bapp/(\S+)", headers.get("user-agent", ""))
    signed = _CREDENTIAL.search(headers.get("authorization", ""))
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    operation_path = _OPERATION_PATH.search(path)
    action = urllib.parse.parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    reads = {"GET": "Get", "HEAD": "Get"}
    named = target or (operation_path[1] if operation_path else "") or action
    return Call(
        at=at,
        service=signed[1] if signed else "unsigned",
        operation=named or f"{reads.get(method, method.title())} {path.partition('?')[0]}",
        application=agent[1] if agent else None,
    )


def _handler_of(endpoint: RecordingEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            at = time.time()
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            named = {name.lower(): value for name, value in self.headers.items()}
            endpoint.calls.append(call_of(self.command, self.path, named, body, at))
            connection = http.client.HTTPConnection(endpoint.behind, timeout=120)
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            self._answer(answer.status, dict(answer.getheaders()), answer.read())
            connection.close()

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_any  # noqa: N815

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            length = headers.get("Content-Length") if self.command == "HEAD" else str(len(body))
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in _PER_CONNECTION:
                    self.send_header(name, value)
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *what: object) -> None:
            return None

    return Handler
