"""What places for those who work on a service say of where it answers."""

import pytest

from analyzer import SourceTree, analyze
from analyzer.witnesses.words.workplaces import workplace_facts
from tests.analyzer.witnessed import facts_of, sure_of


@pytest.mark.parametrize(
    ("path", "text", "ports"),
    [
        (".devcontainer/devcontainer.json", '{"forwardPorts": [8100]}', [(8100, "medium")]),
        (".devcontainer/devcontainer.json", '{"forwardPorts": [8100, 5432]}', [(8100, "medium")]),
        (
            ".devcontainer/devcontainer.json",
            '{"forwardPorts": [\n  8100,\n  8101\n]}',
            [(8100, "low"), (8101, "low")],
        ),
        (".devcontainer.json", '{"appPort": ["8100:8100"]}', [(8100, "medium")]),
        (".gitpod.yml", "command: docker compose up\nports:\n  - port: 8100\n", []),
        (".gitpod.yml", "ports:\n  - port: 8100\n    onOpen: ignore\n", [(8100, "medium")]),
        ("Makefile", "PORT ?= 8100\nDB_PORT ?= 8101\n", [(8100, "medium")]),
        ("Makefile", "run:\n\tHTTP_PORT=8100 go run .\n", [(8100, "medium")]),
        ("Taskfile.yml", "env:\n  PORT: 8100\n", [(8100, "medium")]),
        (".envrc", "export PORT=8100\n", [(8100, "medium")]),
        ("Makefile", "run:\n\tdocker run --rm \\\n\t  -p 80:8100 shop\n", [(8100, "medium")]),
        ("Makefile", "run:\n\tdocker run -p 5432:5432 postgres\n", []),
        ("Makefile", "# docker run -p 80:8100 events\n", []),
        ("Makefile", 'run:\n\t@echo "#"; docker run -p 80:8100 shop\n', [(8100, "medium")]),
        ("scripts/Makefile", "PORT ?= 8100\n", []),
    ],
)
def test_ports_of_those_who_work_on_it(
    path: str, text: str, ports: list[tuple[object, str]]
) -> None:
    """What is passed on, set and published is the service's port, unless it is another's."""
    assert sure_of(facts_of(workplace_facts, {path: text}), "port") == ports


@pytest.mark.parametrize(
    ("files", "port", "health"),
    [
        ({"smoke.sh": "curl -f http://localhost:8100/healthz\n"}, 8100, "/healthz"),
        ({".github/workflows/ci.yml": "- run: curl localhost:8100/health\n"}, 8100, "/health"),
        ({"Makefile": "ready:\n\tcurl 127.0.0.1:8100/ready\n"}, 8100, "/ready"),
        ({"smoke.sh": "curl localhost:8100/orders\n"}, None, None),
        ({"smoke.sh": "curl localhost:9200/_cluster/health\n"}, None, None),
        ({"a.sh": "curl localhost:8100/health\n", "b.sh": "curl :8101/health\n"}, 8100, "/health"),
        (
            {"a.sh": "curl localhost:8100/health\n", "b.sh": "curl localhost:8101/health\n"},
            None,
            None,
        ),
        (
            {"a.sh": "curl localhost:8100/health\n", "b.sh": "curl localhost:8100/ready\n"},
            8100,
            None,
        ),
        ({"tests/smoke.sh": "curl localhost:8100/health\n"}, None, None),
    ],
)
def test_where_scripts_ask_for_health(
    files: dict[str, str], port: int | None, health: str | None
) -> None:
    """One port wherever it is asked is the service's, and one path its health's."""
    facts = facts_of(workplace_facts, files)
    assert sure_of(facts, "port") == ([(port, "medium")] if port else [])
    assert sure_of(facts, "health_path") == ([(health, "low")] if health else [])


def test_a_tool_stays_one() -> None:
    """What a tool is tried on has a port too, and makes no server of it."""
    files = {
        "go.mod": "module example.com/tool\n\ngo 1.22\n",
        "main.go": 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println() }\n',
        "Makefile": "PORT ?= 8100\n",
    }
    said = analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)
    assert {one.field: one.value for one in said.answers}["kind"] == "cli"
