"""Size, counts and stores: each number has a reason, and what is changed in the code changes it."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer import SourceTree, analyze, read_manifest_of
from analyzer.sizing.store_size import CACHE_NODES, DATABASE_CLASSES, most_connections
from delightful.fargate import MEMORY_MIB_BY_CPU_UNITS
from delightful.manifest import Manifest
from delightful.recommendation import Recommendation, Sizing
from delightful.render.analysis_words import size_shown

COMMIT = "0" * 40
FLASK = {
    "requirements.txt": "flask\ngunicorn\npsycopg2-binary\n",
    "app.py": "from flask import Flask\n\napp = Flask(__name__)\n",
    "compose.yaml": "services:\n  db:\n    image: postgres:16\n",
    "Procfile": "web: gunicorn app:app -w 2\n",
}


def said_of(files: dict[str, str], manifest: Manifest | None = None) -> Recommendation:
    """Analyze a tree of texts with the manifest in it, or another."""
    tree = SourceTree.of_files(files)
    return analyze(tree, manifest or read_manifest_of(tree), service="shop", commit=COMMIT)


def sizing_of(files: dict[str, str], **manifest: Any) -> Sizing:
    """Return the sizing of a tree, which there is."""
    said = Manifest.model_validate({"service": "shop", **manifest}) if manifest else None
    sizing = said_of(files, said).sizing
    assert sizing is not None
    return sizing


def with_manifest(files: dict[str, str], text: str) -> dict[str, str]:
    """Return the files with a manifest among them."""
    return {**files, ".delightful.yaml": f"service: shop\n{text}"}


def cited(sizing: Sizing, field: str) -> list[tuple[str, int]]:
    """Return the lines that a reason cites."""
    reason = sizing.reason(field)
    assert reason is not None
    return [(one.file, one.line) for one in reason.evidence]


def test_a_changed_worker_count_changes_size_counts_and_connections() -> None:
    """Four processes instead of two: more CPU, memory, requests a task and connections."""
    two = sizing_of(FLASK)
    four = sizing_of({**FLASK, "Procfile": "web: gunicorn app:app -w 4\n"})
    assert (two.settings.cpu_units, four.settings.cpu_units) == (512, 1024)
    assert two.memory_needed_mib < four.memory_needed_mib
    assert two.requests_per_second_per_task < four.requests_per_second_per_task
    assert (two.database_connections, four.database_connections) == (16, 32)
    for field in ("cpu_units", "memory_mib", "min_count", "database"):
        assert ("Procfile", 1) in cited(four, field)
    reason = four.reason("cpu_units")
    assert reason is not None
    assert "4 processes" in reason.text


def test_an_added_queue_changes_memory_cache_and_how_long_a_request_takes() -> None:
    """A queue in Redis: memory for its client, a node that forgets no jobs, shorter requests."""
    without = sizing_of(FLASK)
    queued = sizing_of({**FLASK, "requirements.txt": FLASK["requirements.txt"] + "celery\n"})
    assert queued.memory_needed_mib == without.memory_needed_mib + 96
    assert without.settings.cache is None
    assert queued.settings.cache is not None
    assert queued.settings.cache.node_type == "cache.t4g.small"
    assert queued.requests_per_second_per_task > without.requests_per_second_per_task
    for field in ("memory_mib", "min_count", "database", "cache", "queue"):
        assert ("requirements.txt", 4) in cited(queued, field)
    assert all(size_shown(queued)[reason.field] for reason in queued.reasons)


def test_a_queue_on_another_broker_is_given_no_cache() -> None:
    """Where the settings name RabbitMQ, no node of Redis is sized and paid for."""
    broker = "CELERY_BROKER_URL = 'amqp://guest@localhost//'\n"
    requirements = FLASK["requirements.txt"] + "celery\n"
    files = {**FLASK, "requirements.txt": requirements, "shop/settings.py": broker}
    assert sizing_of(files).settings.cache is None


def test_a_queue_in_the_database_makes_it_a_size_larger() -> None:
    """Jobs that wait in the database are polled for, so the smallest class is passed over."""
    without = sizing_of(FLASK)
    queued = sizing_of({**FLASK, "requirements.txt": FLASK["requirements.txt"] + "procrastinate\n"})
    assert without.settings.database is not None
    assert queued.settings.database is not None
    assert without.settings.database.instance_class == "db.t4g.micro"
    assert queued.settings.database.instance_class == "db.t4g.small"
    assert queued.settings.cache is None


def test_a_declared_rate_changes_counts_database_and_cost() -> None:
    """The declared peak is what counts follow; the reasons cite its line."""
    undeclared, declared = (
        said_of(with_manifest(FLASK, text))
        for text in ("", "traffic:\n  requests_per_second: 200\n")
    )
    assert undeclared.sizing is not None
    assert declared.sizing is not None
    low, high = undeclared.sizing.settings, declared.sizing.settings
    assert (low.min_count, low.max_count) == (2, 4)
    assert (high.min_count, high.max_count) > (2, 4)
    assert declared.sizing.requests_per_second == 200
    for field in ("min_count", "max_count", "database"):
        assert (".delightful.yaml", 3) in cited(declared.sizing, field)
    assert undeclared.cost is not None
    assert declared.cost is not None
    assert declared.cost.monthly_usd > undeclared.cost.monthly_usd
    assert declared.cost.at_most_usd > declared.cost.monthly_usd


def test_a_peak_is_borne_by_the_most_tasks() -> None:
    """The most tasks bear half as much again as was declared, the fewest the average."""
    for rate in (1, 10, 100, 400):
        sizing = sizing_of(FLASK, traffic={"requests_per_second": rate})
        each, settings = sizing.requests_per_second_per_task, sizing.settings
        assert settings.max_count * each >= 1.5 * rate
        assert settings.min_count * each >= rate / 3


def test_what_the_manifest_says_holds_and_the_rest_fits_to_it() -> None:
    """Its CPU, counts and waits are taken over; memory is one that goes with the CPU."""
    sizing = sizing_of(
        FLASK,
        cpu_units=256,
        scaling={"min_count": 3, "max_count": 5, "cpu_percent": 40},
        rollout={"strategy": "rolling", "bake_seconds": 5},
        traffic={"requests_per_second": 50},
        log_retention_days=7,
    )
    settings = sizing.settings
    assert (settings.cpu_units, settings.memory_mib) == (256, 512)
    assert (settings.min_count, settings.max_count, settings.cpu_percent) == (3, 5, 40)
    assert (settings.deployment_strategy, settings.bake_seconds) == ("rolling", 5)
    assert settings.log_retention_days == 7
    # Only rolling can follow the requests of one target group.
    assert settings.requests_per_task == round(60 * sizing.requests_per_second_per_task)
    reason = sizing.reason("max_count")
    assert reason is not None
    assert reason.text == "the manifest says so"


def test_stated_memory_brings_a_cpu_that_goes_with_it() -> None:
    """Memory alone is stated: the CPU is the least that Fargate sells with it."""
    settings = sizing_of(FLASK, memory_mib=8192).settings
    assert (settings.cpu_units, settings.memory_mib) == (1024, 8192)


def test_few_slots_lower_the_cpu_that_is_kept_to() -> None:
    """Where all processes wait before the CPU is used up, tasks are added at less CPU."""
    slow = sizing_of({**FLASK, "Procfile": "web: gunicorn app:app\n"}, cpu_units=1024)
    usual = sizing_of({**FLASK, "Procfile": "web: gunicorn app:app --threads 16\n"}, cpu_units=1024)
    assert slow.settings.cpu_percent is not None
    assert slow.settings.cpu_percent < 60
    assert usual.settings.cpu_percent == 60


@pytest.mark.parametrize(
    ("files", "cpu_units", "memory_mib"),
    [
        (
            {"package.json": '{"dependencies": {"express": "4"}, "scripts": {"start": "node a"}}'},
            256,
            512,
        ),
        ({"Dockerfile": 'FROM python:3.12\nEXPOSE 80\nCMD ["python", "a.py"]\n'}, 256, 512),
        ({"Dockerfile": 'FROM golang:1.23\nEXPOSE 80\nCMD ["/app"]\n'}, 256, 512),
        (
            {"Dockerfile": 'FROM ruby:3.3\nENV WEB_CONCURRENCY=3\nEXPOSE 3000\nCMD ["puma"]\n'},
            1024,
            2048,
        ),
        (
            {"Dockerfile": 'FROM eclipse-temurin:21\nEXPOSE 80\nCMD ["java", "-Xmx3g"]\n'},
            1024,
            5120,
        ),
        (
            {"Dockerfile": "FROM nginx:1.27\nEXPOSE 80\n", ".delightful.yaml": "service: shop\n"},
            256,
            512,
        ),
    ],
)
def test_each_way_of_serving_has_a_size(
    files: dict[str, str], cpu_units: int, memory_mib: int
) -> None:
    """Language, processes and heap decide; what is small stays the smallest."""
    settings = sizing_of(files).settings
    assert (settings.cpu_units, settings.memory_mib) == (cpu_units, memory_mib)


@pytest.mark.parametrize(
    "files", [{}, {"setup.py": "setup(name='a')\n", "a.py": ""}, {"Main.hs": "main = x\n"}]
)
def test_where_nothing_is_known_nothing_is_sized(files: dict[str, str]) -> None:
    """A library, or a language that nothing is known of, gets neither size nor cost."""
    said = said_of(files)
    assert (said.sizing, said.cost) == (None, None)


def test_every_number_has_a_reason_whose_lines_exist() -> None:
    """Each recommended setting says why, and each cited line says what it quotes."""
    files = with_manifest(
        {**FLASK, "requirements.txt": FLASK["requirements.txt"] + "redis\ncelery\n"},
        "cache:\n  engine: redis\ntraffic:\n  requests_per_second: 90\n",
    )
    sizing = sizing_of(files)
    assert [reason.field for reason in sizing.reasons] == [
        "cpu_units", "memory_mib", "min_count", "max_count", "cpu_percent", "database", "cache",
        "queue",
    ]  # fmt: skip
    for reason in sizing.reasons:
        assert reason.text
        assert reason.overrule
        for one in reason.evidence:
            assert one.quote in files[one.file].split("\n")[one.line - 1]


@given(
    processes=st.integers(1, 99),
    threads=st.integers(1, 200),
    rate=st.none() | st.integers(1, 100_000),
    language=st.sampled_from(["python:3", "node:20", "golang:1", "ruby:3", "php:8", "openjdk:21"]),
)
def test_whatever_is_stated_the_size_is_on_sale(
    processes: int, threads: int, rate: int | None, language: str
) -> None:
    """CPU and memory are a pair that Fargate sells, counts are in order and within the bounds."""
    command = json.dumps(["gunicorn", "-w", str(processes), f"--threads={threads}"])
    files = {"Dockerfile": f"FROM {language}\nEXPOSE 80\nCMD {command}\n"}
    traffic = {"traffic": {"requests_per_second": rate}} if rate else {}
    settings = sizing_of(files, port=80, **traffic).settings
    assert settings.memory_mib in MEMORY_MIB_BY_CPU_UNITS[settings.cpu_units]
    assert 1 <= settings.min_count <= settings.max_count <= 100
    assert settings.cpu_percent is not None
    assert 10 <= settings.cpu_percent <= 95


def test_more_traffic_never_asks_for_less() -> None:
    """Counts times CPU, the database and the cost grow with the declared rate."""
    rates = (1, 5, 20, 60, 150, 400, 1_000, 3_000)
    sizings = [sizing_of(FLASK, traffic={"requests_per_second": rate}) for rate in rates]
    borne = [one.settings.max_count * one.settings.cpu_units for one in sizings]
    classes = list(DATABASE_CLASSES)
    databases = [
        classes.index(one.settings.database.instance_class)
        for one in sizings
        if one.settings.database
    ]
    assert len(databases) == len(rates)
    for grown in (borne, databases):
        assert all(first <= second for first, second in itertools.pairwise(grown)), grown


def test_classes_are_in_order() -> None:
    """The tables go from small to large, so the first that bears is the smallest."""
    assert [rate for _, rate in DATABASE_CLASSES.values()] == sorted(
        rate for _, rate in DATABASE_CLASSES.values()
    )
    assert list(CACHE_NODES.values()) == sorted(CACHE_NODES.values())
    assert most_connections("postgres", 1) == 112
    assert most_connections("mysql", 1) == 85
    assert most_connections("postgres", 512) == 5_000
