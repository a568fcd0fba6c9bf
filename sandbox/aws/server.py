"""The AWS server process: endpoint, registry and extensions, on free loopback ports.

Started by the supervisor with its order as JSON on standard input; when everything listens it
answers with one JSON line on standard output. Ends on SIGTERM, and when standard input closes.
"""

import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pydantic import BaseModel

from sandbox.clock import SandboxClock
from sandbox.settings import ACCOUNT, REGION, SandboxSettings

if TYPE_CHECKING:
    from sandbox.aws.extension import Extension


class ServerOrder(BaseModel):
    """What the supervisor wants served."""

    directory: Path
    logs: Path
    sandbox_id: str
    settings: SandboxSettings


class ServerReady(BaseModel):
    """What the server says when it listens."""

    endpoint_url: str
    registry: str
    facts: dict[str, str]


def main() -> None:
    """Serve until SIGTERM."""
    order = ServerOrder.model_validate_json(sys.stdin.readline())
    _prepare(order)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    threading.Thread(target=_follow, args=(sys.stdin, stopping), daemon=True).start()
    with serving(order, stopping) as ready:
        sys.stdout.write(ready.model_dump_json() + "\n")
        sys.stdout.flush()
        stopping.wait()


def _follow(stream: IO[str], stopping: threading.Event) -> None:
    while stream.readline():
        pass
    stopping.set()


def _prepare(order: ServerOrder) -> None:
    # moto reads these when it is imported; a person's own AWS settings must not reach inside.
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
        del os.environ[name]
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT
    # No page in a browser on this machine has any business with the endpoint.
    os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"
    os.environ["AWS_DEFAULT_REGION"] = REGION
    logging.basicConfig(
        filename=order.logs / "aws.log",
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    # moto's note on every error code of ours that no service model has: that is their point.
    warnings.filterwarnings("ignore", message=".*does not match an error shape.*")


@contextmanager
def serving(order: ServerOrder, stopping: threading.Event) -> Iterator[ServerReady]:
    """Serve the endpoint and everything behind it for the length of a block."""
    # Imported here, since moto reads its settings from the environment at import.
    from sandbox.aws.application import SandboxApplication
    from sandbox.aws.bootstrap import make_account_resources
    from sandbox.aws.extension import SandboxContext
    from sandbox.aws.extensions import extensions
    from sandbox.aws.http_server import LoopbackServer
    from sandbox.registry.application import RegistryApplication

    endpoint, registry = LoopbackServer(), LoopbackServer()
    context = SandboxContext(
        account=ACCOUNT,
        region=REGION,
        clock=SandboxClock(order.settings.speed),
        directory=order.directory,
        sandbox_id=order.sandbox_id,
        endpoint_url=f"http://{endpoint.address}",
        registry=registry.address,
        settings=order.settings,
        stopping=stopping,
        report=logging.getLogger("sandbox").info,
    )
    overrides = [override for extension in extensions() for override in extension.overrides]
    with ExitStack() as stack:
        stack.callback(stopping.set)
        stack.enter_context(endpoint.answering(SandboxApplication(overrides)))
        stack.enter_context(registry.answering(RegistryApplication(context)))
        for extension in extensions():
            stack.callback(_stop, extension)
            extension.start(context)
        make_account_resources(context.endpoint_url)
        yield ServerReady(
            endpoint_url=context.endpoint_url, registry=context.registry, facts=context.facts
        )


def _stop(extension: "Extension") -> None:
    log, began = logging.getLogger(__name__), time.monotonic()
    try:
        extension.stop()
    except Exception:
        log.exception("%s did not stop cleanly", extension.name)
    log.info("%s stopped in %.1f s", extension.name, time.monotonic() - began)


if __name__ == "__main__":
    main()
    logging.shutdown()
    # A thread that still waits for something must not keep the process up.
    os._exit(0)
