"""A small web service: answers in JSON, logs in JSON, and finishes what it began on SIGTERM."""

import json
import os
import select
import signal
import socket
import sys
import threading
import time
from datetime import datetime, timezone
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from urllib.parse import parse_qs, urlsplit

import tracing

SERVICE = os.environ.get("DELIGHTFUL_SERVICE", "hello-python")
COMMIT = os.environ.get("DELIGHTFUL_COMMIT", "unknown")
LONGEST_DELAY_MILLISECONDS = 10_000


def log(message: str, **fields: object) -> None:
    """Write one line of JSON to standard output."""
    time_stamp = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    line = {"time": time_stamp, "message": message, "service": SERVICE, "commit": COMMIT, **fields}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def home(query: str) -> tuple[HTTPStatus, dict[str, object]]:
    """Say who answers."""
    return HTTPStatus.OK, {"message": "hello from Python", "service": SERVICE, "commit": COMMIT}


def health(query: str) -> tuple[HTTPStatus, dict[str, object]]:
    """Tell the load balancer that traffic is welcome."""
    return HTTPStatus.OK, {"status": "ok"}


def slow(query: str) -> tuple[HTTPStatus, dict[str, object]]:
    """Answer after `?milliseconds=N`: a request that is in flight for a while."""
    wanted = parse_qs(query).get("milliseconds", ["1000"])[0]
    if not (wanted.isascii() and wanted.isdigit() and int(wanted) <= LONGEST_DELAY_MILLISECONDS):
        return HTTPStatus.BAD_REQUEST, {
            "error": f"milliseconds must be a number from 0 to {LONGEST_DELAY_MILLISECONDS}"
        }
    time.sleep(int(wanted) / 1000)
    return HTTPStatus.OK, {"waited_milliseconds": int(wanted)}


ROUTES = {"/": home, "/healthz": health, "/slow": slow}


class Handler(BaseHTTPRequestHandler):
    """One connection; it may carry many requests until either side closes it."""

    protocol_version = "HTTP/1.1"
    server: "Server"
    # Longer than the load balancer's 60 seconds, so that it is never us who close first.
    timeout = 65
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a GET."""
        started, began = time.monotonic(), time.time_ns()
        url = urlsplit(self.path)
        answer = ROUTES.get(url.path)
        status, body = answer(url.query) if answer else (HTTPStatus.NOT_FOUND, {"error": "not found"})
        self.respond(status, body)
        # The load balancer's own checks would be most of the traces.
        if answer is not health:
            parent = self.headers.get("traceparent", "")
            tracing.record(self.command, url.path, status, parent, began)
        log(
            "request",
            method=self.command,
            path=url.path,
            status=int(status),
            duration_milliseconds=round((time.monotonic() - started) * 1000, 1),
        )

    do_HEAD = do_GET

    def respond(self, status: HTTPStatus, body: dict[str, object]) -> None:
        """Send one JSON answer, which is the connection's last once the server is draining."""
        data = json.dumps(body).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if self.server.draining.is_set():
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def end_headers(self) -> None:
        """Put the commit on every answer, the library's own error pages included."""
        self.send_header("X-Delightful-Commit", COMMIT)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Log what the library has to say as JSON too; requests are logged above."""
        if not format.startswith('"%s"'):
            log(format % args)


class Server(ThreadingHTTPServer):
    """A threaded server that can drain: no new connections, every request answered."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int]) -> None:
        self.draining = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, Handler)

    def process_request(self, request: socket.socket, client_address: object) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def drain(self) -> None:
        """Take what already waits in the queue, then let every connection end with its answer."""
        self.draining.set()
        while select.select([self], [], [], 0)[0]:
            self._handle_request_noblock()
        with self._lock:
            for connection in self._connections:
                self._end_after_current_request(connection)
        self.server_close()

    @staticmethod
    def _end_after_current_request(connection: socket.socket) -> None:
        # Closing only the reading half wakes idle connections; an answer on its way still leaves.
        try:
            connection.shutdown(socket.SHUT_RD)
        except OSError:
            return


def port_number(text: str) -> int:
    """Read the port to listen on, or end with one line that says what is wrong."""
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    sys.exit(f"PORT must be a number from 1 to 65535, got {text!r}")


def main() -> None:
    """Serve until SIGTERM or SIGINT, then drain."""
    port = port_number(os.environ.get("PORT", "8080"))
    server = Server((os.environ.get("HOST", "0.0.0.0"), port))

    def stop(number: int, frame: FrameType | None) -> None:
        log("draining", signal=signal.Signals(number).name)
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    tracing.start()
    log("listening", port=port)
    server.serve_forever(poll_interval=0.05)
    server.drain()
    tracing.finish()
    log("stopped")


if __name__ == "__main__":
    main()
