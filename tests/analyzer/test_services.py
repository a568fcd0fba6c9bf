"""Which folders of a repository are services, and which only belong to one."""

from analyzer.services import services_of
from analyzer.tree import SourceTree


def services(files: dict[str, str]) -> dict[str, str]:
    """Return the folders and rules; every quote stands where it says."""
    tree = SourceTree.of_files(files)
    found = services_of(tree)
    for service in found:
        lines = (tree.text(service.evidence.file) or "").split("\n")
        assert service.evidence.quote in lines[service.evidence.line - 1], service
    assert found == services_of(SourceTree.of_files(dict(reversed(files.items()))))
    return {service.folder: service.rule for service in found}


def test_what_compose_builds_is_a_service() -> None:
    """Stores, tools, load generators and what is built once to fill a store are none."""
    compose = (
        "services:\n  cart:\n    build: ./cart\n  db:\n    build: ./db\n  log:\n    build: ./log\n"
        "  seed:\n    build: ./seed-data\n  load:\n    build: ./load-gen\n  x:\n    image: redis\n"
    )
    files = {
        "docker-compose.yml": compose,
        "cart/Dockerfile": "FROM node:20\n",
        "db/Dockerfile": "FROM mysql:8\n",
        "log/Dockerfile": "FROM fluentd\n",
        "seed-data/Dockerfile": "FROM python:3\n",
        "load-gen/Dockerfile": "FROM python:3\n",
    }
    assert services(files) == {"cart": "services/compose-build"}


def test_a_folder_with_a_dockerfile_is_a_service() -> None:
    """What lies in deployment folders, in `src` or beside it belongs to the folder above."""
    files = {
        "src/cart/src/Dockerfile": "FROM node:20\n",
        "src/cart/genproto/Dockerfile": "FROM golang:1\n",
        "api/docker/web/Dockerfile": "FROM php:8\n",
        "docs/Dockerfile": "FROM python:3\n",
    }
    assert services(files) == dict.fromkeys(("api", "src/cart"), "services/dockerfile")


def test_a_project_that_serves_is_a_service_and_a_library_is_none() -> None:
    """A workspace's root, a library and pages without a server are not run."""
    files = {
        "package.json": '{"workspaces": ["apps/*"], "scripts": {"start": "x"}}',
        "apps/api/package.json": '{"scripts": {"start": "x"}, "dependencies": {"express": "4"}}',
        "apps/kit/package.json": '{"dependencies": {"express": "4"}}',
        "apps/site/package.json": '{"scripts": {"start": "vite"}, "dependencies": {"vue": "3"}}',
        "tools/load/requirements.txt": "flask\n",
        "jobs/requirements.txt": "celery>=5\n",
        "jobs/app.py": "",
        "lib/pyproject.toml": 'dependencies = ["flask"]\n',
        "go/go.mod": "require github.com/gin-gonic/gin v1.9.0\n",
        "go/hello.go": "package main\n",
        "golib/go.mod": "require github.com/gin-gonic/gin v1.9.0\n",
        "golib/x.go": "package golib\n",
    }
    assert services(files) == dict.fromkeys(("apps/api", "go", "jobs"), "services/project")


def test_one_image_of_the_whole_is_one_service() -> None:
    """Projects within what a Dockerfile builds are parts of it."""
    files = {
        "Dockerfile": "FROM node:20\n",
        "server/package.json": '{"scripts": {"start": "x"}, "dependencies": {"express": "4"}}',
    }
    assert services(files) == {"": "services/dockerfile"}


def test_a_repository_of_nothing_that_runs_has_no_service() -> None:
    """A library has none."""
    assert services({"setup.py": "setup(name='x')\n", "x/__init__.py": ""}) == {}
