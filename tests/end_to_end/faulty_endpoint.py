"""An AWS endpoint that answers as the one behind it, but where a fault is switched on."""

import http.client
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

PAGE = b"<html><body>Bad gateway</body></html>"
_HTML = {"Content-Type": "text/html"}
_JSON = {"Content-Type": "application/x-amz-json-1.1"}
_PER_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


@dataclass(frozen=True)
class Call:
    """One request: its operation is what `X-Amz-Target` or `Action` says, or nothing.

    `at` is when it arrived, in seconds since the epoch; names of headers are in lower case.
    """

    method: str
    path: str
    operation: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    at: float = 0.0


@dataclass(frozen=True)
class Fault:
    """What happens to a call: with `is_done` it reaches what is behind; None is a reset.

    One that `passes` gets the right answer: after a delay before it is done, held back for a while
    once it is done, or with words of the answer put otherwise (pattern and words).
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_done: bool = False
    delay_seconds: float = 0.0
    hold_seconds: float = 0.0
    passes: bool = False
    other_words: tuple[bytes, bytes] = (b"", b"")


def page(status: int = 200) -> Fault:
    """Return a page that is no answer of AWS."""
    return Fault(status, _HTML, PAGE)


def reset() -> Fault:
    """Return a connection that is closed without an answer, with nothing done."""
    return Fault()


def lost() -> Fault:
    """Return a connection that is closed without an answer, after what was asked is done."""
    return Fault(is_done=True)


def refused(code: str, status: int = 400) -> Fault:
    """Return an error of AWS, as its JSON protocols say them."""
    body = b'{"__type": "%s", "message": "a fault was switched on"}' % code.encode()
    return Fault(status, {**_JSON, "x-amzn-ErrorType": code}, body)


def slow(seconds: float) -> Fault:
    """Return the right answer, late."""
    return Fault(delay_seconds=seconds, passes=True)


def held(seconds: float) -> Fault:
    """Return the right answer, late, for what was done at once."""
    return Fault(hold_seconds=seconds, passes=True)


def reworded(old: str, new: str) -> Fault:
    """Return the right answer with other words in it, wherever a pattern is found."""
    return Fault(passes=True, other_words=(old.encode(), new.encode()))


@dataclass
class _Switched:
    fault: Fault
    matches: Callable[[Call], bool]
    left: float


class FaultyEndpoint:
    """A proxy on loopback for the length of a `with` block."""

    def __init__(self, behind: str, *operations: str) -> None:
        """Answer the last of these operations by a page, once, when those before it were seen."""
        self.behind = urlsplit(behind).netloc
        self.seen: deque[Call] = deque(maxlen=20_000)
        self._awaited = deque(operations)
        self._on: list[_Switched] = []
        self._met = 0
        self._lock = threading.Lock()
        self._server = _Server(self)

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
        """Say whether every fault was met as often as it was meant to be."""
        return not self._awaited and not self._on

    def switch_on(
        self,
        fault: Fault,
        *,
        method: str = "",
        path: str = "",
        operation: str = "",
        body: str = "",
        times: float = 1,
    ) -> None:
        """Meet the next calls with a fault: of a method, an operation, a path, a body (regex)."""

        def matches(call: Call) -> bool:
            return (
                method in ("", call.method)
                and operation in ("", call.operation)
                and re.search(path, call.path) is not None
                and re.search(body.encode(), call.body) is not None
            )

        with self._lock:
            self._met = 0
            self._on.append(_Switched(fault, matches, times))

    def has_met(self) -> bool:
        """Say whether a fault that was switched on was met at least once."""
        with self._lock:
            return self._met > 0

    def switch_off(self) -> None:
        """Let everything pass again."""
        with self._lock:
            self._on.clear()
            self._awaited.clear()

    def calls(self, operation: str) -> int:
        """Return how often an operation was asked for since the last `forget`."""
        return sum(call.operation == operation for call in list(self.seen))

    def forget(self) -> None:
        """Count calls from nothing again."""
        self.seen.clear()

    def fault_for(self, call: Call) -> Fault | None:
        """Return what happens to a call, or None where it passes."""
        with self._lock:
            self.seen.append(call)
            if self._awaited and self._awaited[0] == call.operation:
                self._awaited.popleft()
                return None if self._awaited else page()
            for one in self._on:
                if one.matches(call):
                    self._met += 1
                    one.left -= 1
                    if one.left < 1:
                        self._on.remove(one)
                    return one.fault
        return None


def operation_of(target: str, content_type: str, body: bytes) -> str:
    """Return the operation that a request names: by its target, or in a form."""
    if target:
        return target.rpartition(".")[2]
    if not content_type.startswith("application/x-www-form-urlencoded"):
        return ""
    return parse_qs(body.decode(errors="replace")).get("Action", [""])[0]


def _reworded(body: bytes, old: bytes, new: bytes) -> bytes:
    return re.sub(old, new, body) if old else body


class _Server(ThreadingHTTPServer):
    def __init__(self, endpoint: FaultyEndpoint) -> None:
        self.endpoint = endpoint
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def handle_any(self) -> None:
        call = self._call()
        fault = self.server.endpoint.fault_for(call)
        if fault is None:
            self._answer(*self._behind(call))
            return
        time.sleep(fault.delay_seconds)
        behind = self._behind(call) if fault.is_done or fault.passes else None
        time.sleep(fault.hold_seconds)
        if fault.passes and behind is not None:
            status, headers, body = behind
            self._answer(status, headers, _reworded(body, *fault.other_words))
        elif fault.status is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self._answer(fault.status, fault.headers, fault.body)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_any  # noqa: N815

    def _call(self) -> Call:
        at, headers = time.time(), {name.lower(): said for name, said in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length") or 0))
        said = (headers.get(name, "") for name in ("x-amz-target", "content-type"))
        operation = operation_of(*said, body)
        return Call(self.command, self.path, operation, body, headers, at)

    def _behind(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.server.endpoint.behind, timeout=60)
        connection.request(call.method, call.path, call.body, dict(self.headers))
        answer = connection.getresponse()
        found = answer.status, dict(answer.getheaders()), answer.read()
        connection.close()
        return found

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        length = headers.get("Content-Length") if self.command == "HEAD" else str(len(body))
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in _PER_CONNECTION:
                self.send_header(name, value)
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *what: object) -> None:
        return None
