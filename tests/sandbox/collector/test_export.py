"""Segments on their way to X-Ray, and what the stand-in reads of its configuration."""

import json
import threading
from typing import Any

import pytest

from sandbox.collector.config import UnusableConfig, read_config
from sandbox.collector.export import MOST_SEGMENTS, Exporter

CONFIG: dict[str, Any] = {
    "receivers": {"otlp": {"protocols": {"http": {"endpoint": "127.0.0.1:4318"}}}},
    "processors": {"batch": {}},
    "exporters": {"awsxray": {"region": "eu-west-1", "indexed_attributes": ["a"]}},
    "service": {
        "pipelines": {
            "traces": {"receivers": ["otlp"], "processors": ["batch"], "exporters": ["awsxray"]}
        }
    },
}


def test_segments_are_put_in_batches_that_a_call_takes() -> None:
    """All of them arrive, in order, at most fifty at once."""
    calls: list[list[dict[str, Any]]] = []

    def put(documents: list[dict[str, Any]]) -> int:
        calls.append(documents)
        return 0

    exporter = Exporter(put, print)
    assert exporter.take([{"id": str(number)} for number in range(120)]) == 0
    exporter.close()
    assert max(map(len, calls)) == MOST_SEGMENTS
    assert [one["id"] for call in calls for one in call] == [str(number) for number in range(120)]


def test_an_xray_that_refuses_costs_segments_and_nothing_else() -> None:
    """What cannot be put is dropped with a line; what comes later is put."""
    said: list[str] = []
    answers = iter([OSError("refused"), 1, 0])
    seen = threading.Semaphore(0)

    def put(documents: list[dict[str, Any]]) -> int:
        answer = next(answers)
        seen.release()
        if isinstance(answer, OSError):
            raise answer
        return answer

    exporter = Exporter(put, said.append)
    for _ in range(3):
        exporter.take([{}])
        assert seen.acquire(timeout=5)
    exporter.close()
    assert said == ["dropped 1 segments: refused", "X-Ray refused 1 of 1 segments"]


def test_configuration_says_port_region_and_what_is_searchable() -> None:
    """What Terraform writes is what the stand-in follows."""
    config = read_config(json.dumps(CONFIG))
    assert (config.http_port, config.region, config.indexed) == (4318, "eu-west-1", {"a"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "receivers: {}",
        json.dumps(CONFIG | {"receivers": {}}),
        json.dumps(CONFIG | {"processors": {}}),
        json.dumps(CONFIG | {"exporters": {"debug": {}}}),
        json.dumps(CONFIG | {"service": {"pipelines": {}}}),
    ],
)
def test_a_configuration_that_leads_nowhere_is_refused(text: str) -> None:
    """The real collector would not start either."""
    with pytest.raises(UnusableConfig):
        read_config(text)
