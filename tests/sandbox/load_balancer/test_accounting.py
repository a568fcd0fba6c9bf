"""Requests are counted once, apart by who answered."""

import json
from dataclasses import replace
from pathlib import Path

from sandbox.load_balancer.accounting import AccessEntry, Accounting
from sandbox.load_balancer.haproxy_log import LogReader

ENTRY = AccessEntry(
    at=1.5,
    load_balancer="lb",
    listener="l",
    target_group="g",
    target="127.0.0.1:1",
    method="GET",
    path="/",
    status=200,
    target_status=200,
    milliseconds=3.0,
    target_milliseconds=2.0,
)


def test_counts_targets_and_balancers_answers_apart(tmp_path: Path) -> None:
    """A target's 5xx and the load balancer's own are different counts."""
    accounting = Accounting(tmp_path)
    refused = replace(ENTRY, status=502, target_status=None, target_milliseconds=None)
    accounting.add([ENTRY, replace(ENTRY, status=500, target_status=500), refused])
    (counts,) = accounting.take().values()
    assert counts.requests == 3
    assert dict(counts.target_codes) == {2: 1, 5: 1}
    assert dict(counts.elb_codes) == {5: 1}
    assert counts.latencies == [0.002, 0.002]
    accounting.close()


def test_a_request_without_a_target_is_no_request(tmp_path: Path) -> None:
    """RequestCount leaves out what no target was chosen for, as ELB's does."""
    accounting = Accounting(tmp_path)
    accounting.add([replace(ENTRY, status=503, target=None, target_status=None)])
    (counts,) = accounting.take().values()
    assert counts.requests == 0
    assert dict(counts.elb_codes) == {5: 1}
    accounting.close()


def test_takes_each_request_once(tmp_path: Path) -> None:
    """What was taken is not taken again; the log keeps it."""
    accounting = Accounting(tmp_path)
    accounting.add([ENTRY])
    assert len(accounting.take()) == 1
    assert accounting.take() == {}
    accounting.close()
    (line,) = accounting.path.read_text().splitlines()
    assert json.loads(line)["target"] == "127.0.0.1:1"


def test_reads_whole_lines_only(tmp_path: Path) -> None:
    """A line that is still being written waits for its end; other lines are passed over."""
    line = (
        '{"at":10.250,"listener":"x","group":"y","address":"-","port":"-","server":"<NOSRV>",'
        '"status":-1,"target_ms":-1,"ms":750,"method":"GET","path":"\\/a"}'
    )
    path = tmp_path / "haproxy.log"
    path.write_text(f"Server up\n{line}\n{line[:40]}")
    reader = LogReader(path, "lb")
    (entry,) = reader.take()
    assert (entry.at, entry.path, entry.status, entry.target) == (11.0, "/a", 460, None)
    with path.open("a") as file:
        file.write(line[40:] + "\n")
    assert len(reader.take()) == 1
    assert reader.take() == []
