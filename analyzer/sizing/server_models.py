"""How programs of each language serve: what a process needs, and how much it is trusted with.

Every figure is an assumption, kept low on purpose: a service that is measured says so with
`cpu_units`, `memory_mib` and `scaling`. Where they come from:

- Python: gunicorn starts one synchronous worker, each takes one request at a time
  (docs.gunicorn.org, design, "How Many Workers"); a Django or Flask process with an ORM holds
  100 to 150 MiB.
- Ruby: Puma runs up to five threads in a process of Ruby's own interpreter (puma.io, README); a
  Rails process takes 300 to 550 MB (puma/puma-heroku, issue 4).
- JVM: a heap beside metaspace, code cache and stacks (docs.oracle.com, garbage collection tuning,
  ergonomics); Tomcat answers on 200 threads, HikariCP pools 10 connections (their references).
- PHP: the image of PHP-FPM allows five children (docker-library/php, `pm.max_children`).
- Requests a second: a quarter or less of what the same frameworks reach in the test "Fortunes" of
  TechEmpower's Framework Benchmarks on a core, since services do more than render a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_ASYNC_FRAMEWORKS: Final = frozenset(
    {"fastapi", "starlette", "sanic", "quart", "aiohttp", "litestar", "tornado", "falcon-asgi"}
)
_ASYNC_SERVERS: Final = ("uvicorn", "hypercorn", "daphne", "granian", "UvicornWorker")


@dataclass(frozen=True)
class ServerModel:
    """How a program serves, in a task of its own.

    `base_mib` is needed once, `process_mib` for each process. `slots_per_process` is how many
    requests a process has in work at a time, None where as many as come. `uses_one_core` says
    that a process never has more than one core's use. `requests_per_vcpu` counts a second.
    """

    name: str
    base_mib: int
    process_mib: int
    requests_per_vcpu: int
    processes: int = 1
    slots_per_process: int | None = None
    uses_one_core: bool = False
    cpu_units_per_process: int = 256
    least_cpu_units: int = 256
    pool_per_process: int = 10


_STATIC: Final = ServerModel("a web server of static files", 32, 32, 2_000, pool_per_process=0)
_PYTHON: Final = ServerModel(
    "Python, one request at a time in a process",
    base_mib=64,
    process_mib=150,
    requests_per_vcpu=40,
    slots_per_process=1,
    uses_one_core=True,
    pool_per_process=1,
)
_ASYNC_PYTHON: Final = ServerModel(
    "Python, an event loop in a process",
    base_mib=64,
    process_mib=150,
    requests_per_vcpu=80,
    uses_one_core=True,
)
_JVM: Final = ServerModel(
    "the JVM, a pool of threads",
    base_mib=256,
    process_mib=512,
    requests_per_vcpu=150,
    slots_per_process=200,
    cpu_units_per_process=512,
    least_cpu_units=512,
)
_BY_LANGUAGE: Final[Mapping[str, ServerModel]] = {
    "python": _PYTHON,
    "node": ServerModel(
        "Node, an event loop in a process",
        base_mib=64,
        process_mib=200,
        requests_per_vcpu=120,
        uses_one_core=True,
    ),
    "go": ServerModel("Go, a goroutine for each request", 32, 96, 400),
    "rust": ServerModel("Rust, an event loop on every core", 32, 48, 500),
    "java": _JVM,
    "kotlin": _JVM,
    "ruby": ServerModel(
        "Ruby, five threads in a process, one of which computes",
        base_mib=64,
        process_mib=300,
        requests_per_vcpu=40,
        slots_per_process=5,
        uses_one_core=True,
        pool_per_process=5,
    ),
    "php": ServerModel(
        "PHP, one request at a time in a child",
        base_mib=96,
        process_mib=50,
        requests_per_vcpu=40,
        processes=5,
        slots_per_process=1,
        uses_one_core=True,
        cpu_units_per_process=51,
        pool_per_process=1,
    ),
    "elixir": ServerModel("the BEAM, a process for each request", 64, 200, 250),
    "dotnet": ServerModel(
        ".NET, a pool of threads", 128, 200, 250, cpu_units_per_process=512, least_cpu_units=512
    ),
}


def server_model(
    language: str | None, framework: str | None, command: str, *, is_static: bool
) -> ServerModel | None:
    """Return how a program serves, or None for a language that nothing is known of."""
    if is_static:
        return _STATIC
    if language != "python":
        return _BY_LANGUAGE.get(language or "")
    is_async = framework in _ASYNC_FRAMEWORKS or any(name in command for name in _ASYNC_SERVERS)
    return _ASYNC_PYTHON if is_async else _PYTHON
