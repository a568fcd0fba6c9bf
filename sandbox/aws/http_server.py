"""The HTTP server under the endpoint and the registry, as far away as AWS is.

Connections stay open, as AWS keeps them, and Go's SDK gets no answer at once. It closes a request's
body when the answer's headers arrive; where that is before its own writer has looked for the
body's end, it drops the connection and sends the call again, and Terraform then fails on what its
first call had made. Over a network that never happens; on loopback with both cores busy it was
seen in about one call of a thousand.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from cheroot import wsgi

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

# Enough for calls that wait (an invoked function may call back), and for every client at once.
THREADS = 64
CONNECTIONS = 1000
IDLE_SECONDS = 600
GO_SDK = "aws-sdk-go"
LATENCY_SECONDS = 0.01


class LoopbackServer(wsgi.Server):
    """A server on a free loopback port, which is known before there is anything to serve."""

    keep_alive_conn_limit = CONNECTIONS

    def __init__(self) -> None:
        super().__init__(
            ("127.0.0.1", 0),
            None,
            numthreads=THREADS,
            request_queue_size=128,
            timeout=IDLE_SECONDS,
            shutdown_timeout=1,
        )
        self.prepare()

    @property
    def address(self) -> str:
        """Return `host:port`."""
        host, port = self.bind_addr
        return f"{host}:{port}"

    @contextmanager
    def answering(self, application: Application) -> Iterator[None]:
        """Serve an application for the length of a block."""
        self.wsgi_app = _as_sent_over_a_network(application)
        thread = threading.Thread(target=self.serve, name=f"listener-{self.address}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.stop()
            thread.join(timeout=5)


def _as_sent_over_a_network(application: Application) -> Application:
    """Give the application the path as it was sent, and its answer a network's latency.

    moto looks for the path under the name that werkzeug gives it.
    """

    def answer(environ: Environ, start_response: Any) -> Iterable[bytes]:
        environ["RAW_URI"] = environ.get("REQUEST_URI", environ.get("PATH_INFO", "/"))
        body = application(environ, start_response)
        if GO_SDK in environ.get("HTTP_USER_AGENT", ""):
            time.sleep(LATENCY_SECONDS)
        return body

    return answer
