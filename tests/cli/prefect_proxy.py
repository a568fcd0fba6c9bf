"""A Prefect server that fails as networks do: a proxy in front of the real one."""

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

# What happens to a request: it passes, its answer is lost, or it never arrives.
Fate = Literal["pass", "lost", "away", "busy", "page", "refused"]
_PER_CONNECTION = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host"}
)
_PAGE = b"<html><body>Bad gateway</body></html>"


class PrefectProxy:
    """Answers on loopback for the length of a `with` block; `fate_of` judges each request."""

    def __init__(self, api_url: str) -> None:
        self._behind = urlsplit(api_url)
        self.fate_of: Callable[[str, str], Fate] = lambda method, path: "pass"
        self.seen: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def behind_url(self) -> str:
        """Return the real server's address."""
        return self._behind.geturl()

    @property
    def api_url(self) -> str:
        """Return the address to give to clients instead of the real one."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{self._behind.path}"

    def passed_on(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        """Return what the real server answers."""
        connection = http.client.HTTPConnection(self._behind.netloc, timeout=60)
        kept = {name: value for name, value in headers.items() if name.lower() not in _HOP}
        connection.request(method, path, body, {**kept, "Accept-Encoding": "identity"})
        answer = connection.getresponse()
        try:
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()


_HOP = frozenset({"host", "accept-encoding", "connection"})


def _handler_of(proxy: PrefectProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fate = proxy.fate_of(self.command, self.path)
            proxy.seen.append(f"{self.command} {self.path} {fate}")
            if fate == "away":
                self._hang_up()
            elif fate == "busy":
                self._answer(503, {}, b"{}")
            elif fate == "refused":
                self._answer(401, {}, b'{"exception_message": "Unauthorized"}')
            elif fate == "page":
                self._answer(200, {"Content-Type": "text/html"}, _PAGE)
            else:
                answer = proxy.passed_on(self.command, self.path, body, dict(self.headers))
                if fate == "lost":
                    self._hang_up()
                else:
                    self._answer(*answer)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any  # noqa: N815

        def _hang_up(self) -> None:
            self.close_connection = True

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in _PER_CONNECTION:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *what: object) -> None:
            return None

    return Handler
