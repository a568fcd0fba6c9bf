"""The AWS server process: endpoint, registry and extensions, on ports of their own.

Started by the supervisor with its settings as JSON on standard input; when everything listens it
writes one JSON line with the addresses and facts to standard output. Ends on SIGTERM.
"""

import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sandbox.clock import SandboxClock
from sandbox.settings import ACCOUNT, REGION, SandboxSettings


class ServerOrder(BaseModel):
    """What the supervisor wants served."""

    directory: Path
    sandbox_id: str
    port: int
    registry_port: int
    settings: SandboxSettings


class ServerReady(BaseModel):
    """What the server says when it listens."""

    facts: dict[str, str]


def main() -> None:
    """Serve until SIGTERM."""
    order = ServerOrder.model_validate_json(sys.stdin.readline())
    _prepare_environment(order)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with serving(order, stopping) as facts:
        sys.stdout.write(ServerReady(facts=facts).model_dump_json() + "\n")
        sys.stdout.flush()
        stopping.wait()


def _prepare_environment(order: ServerOrder) -> None:
    # Read by moto when it is imported; a test's or a person's AWS settings must not reach inside.
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT
    os.environ["AWS_DEFAULT_REGION"] = os.environ["AWS_REGION"] = REGION
    logging.basicConfig(
        filename=order.directory / "logs" / "aws.log",
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    # moto's note on every error code of ours that no service model has: that is their point.
    warnings.filterwarnings("ignore", message=".*does not match an error shape.*")


@contextmanager
def serving(order: ServerOrder, stopping: threading.Event) -> Iterator[dict[str, str]]:
    """Serve the endpoint and everything behind it; yield the facts that extensions found."""
    # Imported here: moto reads its settings from the environment at import.
    from sandbox.aws.application import SandboxApplication
    from sandbox.aws.extension import Extension, SandboxContext
    from sandbox.aws.extensions import extensions

    context = SandboxContext(
        account=ACCOUNT,
        region=REGION,
        clock=SandboxClock(order.settings.speed),
        directory=order.directory,
        sandbox_id=order.sandbox_id,
        endpoint_url=f"http://127.0.0.1:{order.port}",
        registry=f"127.0.0.1:{order.registry_port}",
        settings=order.settings,
        stopping=stopping,
        report=logging.getLogger("sandbox").info,
    )
    chosen: Sequence[Extension] = extensions()
    overrides = [override for extension in chosen for override in extension.overrides]
    with ExitStack() as stack:
        for extension in chosen:
            stack.callback(_stop, extension)
            extension.start(context)
        stack.enter_context(_listening(order.port, SandboxApplication(overrides)))
        yield context.facts


def _stop(extension: Any) -> None:
    try:
        extension.stop()
    except Exception:
        logging.getLogger(__name__).exception("%s did not stop cleanly", extension.name)


@contextmanager
def _listening(port: int, application: Any) -> Iterator[None]:
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    server = make_server(
        "127.0.0.1", port, application, threaded=True, request_handler=MotoRequestHandler
    )
    thread = threading.Thread(target=server.serve_forever, name="aws-endpoint", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(timeout=5)


if __name__ == "__main__":
    main()
