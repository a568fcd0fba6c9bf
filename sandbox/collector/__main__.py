"""The stand-in as a process: `python -m sandbox.collector PORT ENDPOINT [PID]`.

It listens on a port of this machine, and where it stands beside a container, on the port of its
configuration in the network of process PID as well.
"""

import os
import signal
import socket
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.collector.config import Config, UnusableConfig, read_config
from sandbox.collector.export import Exporter, XRay
from sandbox.collector.listeners import NoWayIn, listener_beside
from sandbox.collector.segments import segment_of
from sandbox.collector.spans import MOST_BYTES, UnreadableRequest, read_spans


def say(line: str) -> None:
    """Write one line, which ECS brings to the log."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Handler(BaseHTTPRequestHandler):
    """OTLP over HTTP, and the health check that the real image has on a port of its own."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    server: "Server"

    def do_GET(self) -> None:
        """Say that it is up."""
        self._answer(HTTPStatus.OK, b'{"status":"Server available"}')

    def do_POST(self) -> None:
        """Take an export request of traces."""
        size = int(self.headers.get("Content-Length") or 0)
        if size > MOST_BYTES:
            self.close_connection = True
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"{}")
            return
        body = self.rfile.read(size)
        if self.path != "/v1/traces":
            self._answer(HTTPStatus.NOT_FOUND, b"{}")
            return
        self._take(body)

    def _take(self, body: bytes) -> None:
        kind = self.headers.get("Content-Type") or ""
        try:
            spans = read_spans(body, kind, self.headers.get("Content-Encoding") or "")
        except UnreadableRequest as error:
            say(f"refused a request: {error}")
            self._answer(HTTPStatus.BAD_REQUEST, b"{}")
            return
        indexed = self.server.config.indexed
        dropped = self.server.exporter.take([segment_of(span, indexed) for span in spans])
        if dropped:
            say(f"dropped {dropped} spans: too many are waiting")
        # An empty message is "all taken", in protobuf no byte at all.
        self._answer(HTTPStatus.OK, b"{}" if "json" in kind else b"", kind)

    def _answer(self, status: HTTPStatus, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing of single requests."""


class Server(ThreadingHTTPServer):
    """Answers on one socket that listens already."""

    daemon_threads = True

    def __init__(self, listener: socket.socket, config: Config, exporter: Exporter) -> None:
        self.config, self.exporter = config, exporter
        super().__init__(listener.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener


def listeners(port: int, config: Config, beside: int | None) -> list[socket.socket]:
    """Return the sockets to answer on; a container that cannot be reached is told of."""
    found = [socket.create_server(("127.0.0.1", port))]
    if beside is not None:
        try:
            found.append(listener_beside(beside, config.http_port))
        except NoWayIn as error:
            say(f"no container reaches this collector: {error}")
    return found


def main(port: int, endpoint: str, beside: int | None) -> None:
    """Serve until SIGTERM, then put what is left."""
    try:
        config = read_config(os.environ.get("AOT_CONFIG_CONTENT", ""))
    except UnusableConfig as error:
        sys.exit(str(error))
    # Before the first thread: a child of a process with threads may find their locks held.
    sockets = listeners(port, config, beside)
    exporter = Exporter(XRay(endpoint, config.region).put, say)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    servers = [Server(one, config, exporter) for one in sockets]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    stopping.wait()
    for server in servers:
        server.shutdown()
        server.server_close()
    exporter.close()


if __name__ == "__main__":
    say(
        "stand-in for the OpenTelemetry collector: takes OTLP over HTTP (JSON, protobuf) and puts "
        "segments into the sandbox's X-Ray; no gRPC, no proxy for sampling rules"
    )
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else None)
