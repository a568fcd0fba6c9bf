"""What the sandbox needs before a service's first deploy; elsewhere it stands already."""

from cli.connection import SANDBOX, connect
from cli.terminal import Terminal


def connect_and_prepare(environment: str, service: str, terminal: Terminal) -> None:
    """Connect to an environment; in the sandbox, make the service's image repository too."""
    connect(environment, terminal)
    if environment != SANDBOX:
        return
    from flows.environment import delivery_environment
    from rehearsal.narration import Stopwatch
    from rehearsal.preparation import prepare_service

    prepare_service(delivery_environment(environment), service, Stopwatch(terminal))
