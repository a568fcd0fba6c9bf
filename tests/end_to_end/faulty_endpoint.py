"""An AWS endpoint that answers as the one behind it, but once with a page that is no answer."""

import http.client
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PAGE = b"<html><body>Bad gateway</body></html>"
_PER_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


class FaultyEndpoint:
    """A proxy on loopback for the length of a `with` block."""

    def __init__(self, behind: str, *operations: str) -> None:
        """Break the last of these operations, once, when those before it were seen in order."""
        self.behind = urlsplit(behind).netloc
        self._awaited = deque(operations)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))

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

    @property
    def is_spent(self) -> bool:
        """Say whether the one wrong answer was given."""
        return not self._awaited

    def breaks(self, operation: str) -> bool:
        """Say whether this request is the one to break."""
        with self._lock:
            if not self._awaited or self._awaited[0] != operation:
                return False
            self._awaited.popleft()
            return not self._awaited


def _handler_of(endpoint: FaultyEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            operation = (self.headers.get("X-Amz-Target") or "").rpartition(".")[2]
            if endpoint.breaks(operation):
                self._answer(200, {"Content-Type": "text/html"}, PAGE)
                return
            connection = http.client.HTTPConnection(endpoint.behind, timeout=60)
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
