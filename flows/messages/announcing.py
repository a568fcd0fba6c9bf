"""GitHub and Slack are told what the ledger says, beside the deploy and never in its way.

A teller runs in a thread of its own, so that no step waits for an answer from outside; only the end
of an attempt gives it a little time. What it could not send the service's next run sends.
"""

import threading
import time
from contextvars import copy_context
from typing import Final

from prefect.settings import PREFECT_UI_URL

from blocks.delivery_environment import DeliveryEnvironment
from delightful.announcing import Channel
from delightful.release import Release
from flows.environment import delivery_environment
from flows.messages.messengers import Messengers
from flows.messages.teller import Teller
from flows.runs.telling import warn

# How long one teller goes on, and how long the end of an attempt waits for tellers.
TELLING_SECONDS: Final = 60.0
LAST_WORDS_SECONDS: Final = 15.0

_tellers: list[threading.Thread] = []


def announce(release: Release) -> None:
    """Let those be told who are owed something of this service and environment; never raises.

    Nothing is waited for, but at the end of an attempt: then up to `LAST_WORDS_SECONDS`.
    """
    try:
        delivery = delivery_environment(release.environment)
        if delivery.github is not None or delivery.slack is not None:
            _start(teller_of(delivery, release.service))
    except Exception as error:
        # The release is what it is, whoever hears of it.
        warn(f"nobody is told now: {type(error).__name__}: {error}")
    if release.is_terminal:
        await_tellers(LAST_WORDS_SECONDS)


def teller_of(delivery: DeliveryEnvironment, service: str) -> Teller:
    """Return the teller of a service in an environment."""
    messengers = Messengers(delivery.github, delivery.slack, PREFECT_UI_URL.value())
    reached: dict[Channel, object] = {"github": delivery.github, "slack": delivery.slack}
    return Teller(
        service=service,
        environment=delivery.environment,
        ledger=delivery.ledger(service),
        log=delivery.announcement_log(service),
        channels=tuple(channel for channel, block in reached.items() if block is not None),
        send=messengers.send,
        until=time.time() + TELLING_SECONDS,
    )


def await_tellers(seconds: float) -> None:
    """Wait for the tellers of this process, no longer than that."""
    end = time.monotonic() + seconds
    for thread in _tellers:
        thread.join(max(0.0, end - time.monotonic()))
    _forget_ended()


def _start(teller: Teller) -> None:
    _forget_ended()
    # The context carries the run's logger. A process that ends does not wait for its tellers.
    thread = threading.Thread(
        target=copy_context().run, args=(_run, teller), name="teller", daemon=True
    )
    _tellers.append(thread)
    thread.start()


def _run(teller: Teller) -> None:
    try:
        teller.run()
    except Exception as error:
        warn(f"not all was told; the next run tells it: {type(error).__name__}: {error}")


def _forget_ended() -> None:
    _tellers[:] = [thread for thread in _tellers if thread.is_alive()]
