"""What the fault table stands on: boundaries from a trace, faults of the proxy, the table."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.faulty_endpoint import (
    Fault,
    FaultyEndpoint,
    lost,
    operation_of,
    page,
    reset,
    reworded,
)
from tests.faults import table, voices
from tests.faults.kill_points import KillPoint, boundaries
from tests.stand_ins.local_server import Answer, local_server

pytestmark = pytest.mark.slow


def moments(*names: str) -> list[KillPoint]:
    """Return the moments of effects, given as `flow:effect#number`, each before and after."""
    split = [name.split(":") for name in names]
    return [
        KillPoint(f"{effect}:{when}", flow, effect)
        for flow, effect in split
        for when in ("before", "after")
    ]


def test_boundaries_are_records_and_the_ends_of_subflows() -> None:
    """A flow that nobody listed has its boundaries, in the order of the run."""
    run = moments(
        *("deploy:open attempt#1", "new:first#1", "new:middle#1", "new:last#1"),
        *("deploy:record release#1", "deploy:publish release#1"),
    )
    assert [one.point for one in boundaries(run)] == [
        "first#1:before",
        "last#1:after",
        "record release#1:before",
        "record release#1:after",
    ]
    assert boundaries([]) == []


@pytest.fixture
def proxied() -> Iterator[tuple[FaultyEndpoint, list[str]]]:
    """Return a proxy before a server that remembers what reached it."""
    reached: list[str] = []

    def answer(asked: object) -> Answer:
        reached.append(str(getattr(asked, "path", "")))
        return Answer(body=b'{"status":"InProgress"}')

    with local_server(answer) as server, FaultyEndpoint(server.url) as proxy:
        yield proxy, reached


def asked(proxy: FaultyEndpoint, path: str = "/", target: str = "X.Get") -> tuple[int, bytes]:
    """Ask through the proxy; return status and body."""
    connection = http.client.HTTPConnection(urlsplit(proxy.url).netloc, timeout=5)
    try:
        connection.request("POST", path, b"{}", {"X-Amz-Target": target})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(("fault", "is_done"), [(reset(), False), (lost(), True)])
def test_a_lost_answer_is_no_reset(
    proxied: tuple[FaultyEndpoint, list[str]], fault: Fault, is_done: bool
) -> None:
    """Both close without an answer; after one of them it was done."""
    proxy, reached = proxied
    proxy.switch_on(fault, operation="Get")
    with pytest.raises((http.client.HTTPException, OSError)):
        asked(proxy)
    assert (reached == ["/"]) is is_done
    assert proxy.is_spent
    assert asked(proxy)[0] == 200


def test_a_fault_meets_what_it_was_meant_for(proxied: tuple[FaultyEndpoint, list[str]]) -> None:
    """Path, operation and number of times decide; all else passes, or is only reworded."""
    proxy, reached = proxied
    proxy.switch_on(page(503), path="tfstate$", times=2)
    assert [asked(proxy, path)[0] for path in ("/a.tfstate", "/b", "/a.tfstate", "/a.tfstate")] == [
        *(503, 200, 503, 200)
    ]
    assert reached == ["/b", "/a.tfstate"]
    proxy.switch_on(reworded('"InProgress"', '"Created"'), operation="Get")
    assert asked(proxy)[1] == b'{"status":"Created"}'
    assert proxy.calls("Get") == 5


def test_operations_are_read_from_targets_and_forms() -> None:
    """Both of AWS's ways to name one are known."""
    form = "application/x-www-form-urlencoded; charset=utf-8"
    assert operation_of("CodeDeploy_20141006.CreateDeployment", "", b"") == "CreateDeployment"
    assert operation_of("", form, b"Action=DescribeListeners&Version=1") == "DescribeListeners"
    assert operation_of("", "", b"") == ""


def test_rows_that_were_not_run_are_named() -> None:
    """Nothing is left out silently."""
    line = {"row": "F10", "injected": "x", "what": "y", "seconds": 1.0, "passed": True}
    told = table.rendered([{**line, "truth": [4, 5]}])
    assert "outcome truth: 4 of 5 voices" in told[-2]
    assert "41 rows of F01 to F42 not run: F01 F02" in told[-1]


def test_who_says_nothing_is_not_counted() -> None:
    """Silence is neither truth nor a lie."""
    said: dict[str, voices.Said | None] = {"ledger": voices.NEW, "Slack": voices.OLD, "flow": None}
    assert voices.truth(said, voices.NEW) == (1, 2, ["Slack"])
    assert voices.truth(said, None) == (0, 0, [])
