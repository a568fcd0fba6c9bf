"""What the Dockerfile says: which one is the service's, its stages, commands, ports and probes."""

import pytest

from analyzer.witnesses.containers.dockerfile import dockerfile_facts
from analyzer.witnesses.containers.images import image_of, language_of, store_of, version_of
from tests.analyzer.witnessed import facts_of, sure_of, values_of

GO_IN_SCRATCH = (
    "FROM node:20 AS assets\nRUN npm run build\n"
    "FROM golang:1.22-alpine AS build\nCOPY --from=assets /dist ./dist\nRUN go build -o /app\n"
    'FROM scratch\nCOPY --from=build /app /app\nEXPOSE 8080\nENTRYPOINT ["/app"]\n'
)


@pytest.mark.parametrize(
    ("reference", "language", "version"),
    [
        ("node:18-alpine", "node", "18"),
        ("docker.io/library/python:3.12.1-slim@sha256:00", "python", "3.12.1"),
        ("ghcr.io/astral-sh/uv:0.8-python3.12-trixie", "python", "3.12"),
        ("gcr.io/distroless/nodejs22-debian12:nonroot", "node", "22"),
        ("gcr.io/distroless/java17-debian12", "java", "17"),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-alpine", "dotnet", "8.0"),
        ("maven:3.9-eclipse-temurin-21", "java", "21"),
        ("registry.access.redhat.com/ubi9/python-311:1", "python", "3.11"),
        ("hexpm/elixir:1.16.0-erlang-26.2", "elixir", "1.16.0"),
        ("localhost:5000/team/php:8.3-fpm", "php", "8.3"),
        ("tiangolo/uwsgi-nginx-flask:python3.6", "python", "3.6"),
        ("unit:1.34.1-php8.3", "php", "8.3"),
        ("wordpress:6.7-php8.2-fpm", "php", "8.2"),
        ("jenkins/jenkins:lts-jdk21", None, None),
        ("oven/bun:1.1", "node", None),
        ("node:lts", "node", None),
        ("alpine:3.20", None, None),
    ],
)
def test_an_image_tells_language_and_version(
    reference: str, language: str | None, version: str | None
) -> None:
    """The version is the language's, not that of the tool that the image is tagged for."""
    image = image_of(reference)
    assert language_of(image) == language
    assert language is None or version_of(image, language) == version


@pytest.mark.parametrize(
    ("reference", "flavour", "version"),
    [
        ("postgres:16-alpine", "postgres", "16"),
        ("postgis/postgis:15-3.3", "postgres", "15"),
        ("timescale/timescaledb:latest-pg16", "postgres", "16"),
        ("mcr.microsoft.com/mssql/server:2022-latest", "sqlserver", "2022"),
        ("valkey/valkey", "redis", ""),
    ],
)
def test_a_stores_image_tells_flavour_and_version(
    reference: str, flavour: str, version: str
) -> None:
    """A store is known under the names of those who package it."""
    store = store_of(image_of(reference))
    assert store is not None
    assert (store.flavour, store.version) == (flavour, version)


@pytest.mark.parametrize(
    "reference", ["oliver006/redis_exporter", "mongo-express", "rediscommander/redis-commander"]
)
def test_what_looks_at_a_store_is_none(reference: str) -> None:
    """Exporters and consoles bear a store's name and are not one."""
    assert store_of(image_of(reference)) is None


def test_the_build_stage_tells_the_language_of_a_bare_image() -> None:
    """A static binary in scratch is Go; the Node stage only builds its pages."""
    facts = facts_of(dockerfile_facts, {"Dockerfile": GO_IN_SCRATCH})
    assert values_of(facts, "language") == ["go"]
    assert values_of(facts, "runtime_version") == ["1.22"]
    assert sure_of(facts, "port") == [(8080, "high")]


def test_a_node_stage_does_not_make_a_ruby_image_node() -> None:
    """What the last stage is built on outweighs the stages that it copies from."""
    text = (
        "FROM node:20 AS assets\nFROM ruby:3.3-slim\nCOPY --from=assets /public ./public\n"
        'CMD ["bundle", "exec", "puma"]\n'
    )
    facts = facts_of(dockerfile_facts, {"Dockerfile": text})
    assert values_of(facts, "language") == ["ruby"]
    assert values_of(facts, "runtime_version") == ["3.3"]


def test_packages_tell_the_language_of_a_plain_image() -> None:
    """An interpreter that is installed counts where the command starts it."""
    text = "FROM alpine\nRUN apk add --no-cache openjdk17-jre git\nCMD java -jar app.jar\n"
    facts = facts_of(dockerfile_facts, {"Dockerfile": text, "a/B.kt": "", "a/C.kt": ""})
    assert values_of(facts, "language") == ["kotlin"]
    assert values_of(facts, "runtime_version") == ["17"]


@pytest.mark.parametrize(
    ("package", "versions"),
    [
        ("python2-dev", ["2.7"]),
        ("python3", []),
        ("python3.9", ["3.9"]),
        ("python3.9-dev", ["3.9"]),
    ],
)
def test_python_2_is_installed_in_its_last_version(package: str, versions: list[str]) -> None:
    """What distributions call `python2` is 2.7; of Python 3 the name alone tells no version."""
    text = f"FROM alpine\nRUN apk add --no-cache {package}\nCMD python -m shop\n"
    facts = facts_of(dockerfile_facts, {"Dockerfile": text})
    assert values_of(facts, "runtime_version") == versions


def test_arguments_fill_images_ports_and_probes() -> None:
    """ARG and ENV defaults are read wherever they are used, nested ones too."""
    text = (
        "ARG V=3.11\nARG IMAGE=python:${V}-slim\nFROM ${IMAGE}\nENV APP_PORT=9000\n"
        "EXPOSE ${APP_PORT} 9229/tcp 53/udp\n"
        "HEALTHCHECK CMD curl -f http://localhost:${APP_PORT}/${PREFIX}health || exit 1\n"
        'CMD ["gunicorn", "--bind", "0.0.0.0:9000", "app"]\n'
    )
    facts = facts_of(dockerfile_facts, {"Dockerfile": text})
    assert values_of(facts, "runtime_version") == ["3.11"]
    assert values_of(facts, "port") == ["9000"]
    assert values_of(facts, "health_path") == ["/health"]
    rules = {fact.rule for fact in facts if fact.field == "port"}
    assert {"dockerfile/expose", "dockerfile/command-port", "dockerfile/env-named-port"} <= rules


def test_a_script_tells_what_it_ends_in() -> None:
    """The script that the image starts is followed to its `exec`, with its own defaults."""
    files = {
        "Dockerfile": 'FROM python:3.13\nCOPY build/start.sh /start\nCMD ["/start"]\n',
        "build/start.sh": (
            '#!/bin/sh\nPORT="${PORT:-9090}"\npython manage.py migrate\n'
            'if [ "$DEBUG" ]; then\n  exec python manage.py runserver\nfi\n'
            "exec uwsgi --http 0.0.0.0:$PORT \\\n  uwsgi.ini\n"
        ),
    }
    facts = facts_of(dockerfile_facts, files)
    (command,) = [fact.value for fact in facts if fact.field == "start_command"]
    assert command == ["/start", "uwsgi", "--http", "0.0.0.0:9090", "uwsgi.ini"]
    assert sure_of(facts, "port") == [(9090, "high")]


def test_a_script_that_passes_its_arguments_on_is_only_in_between() -> None:
    """With `exec "$@"` the CMD is what runs."""
    files = {
        "Dockerfile": 'FROM node:20\nENTRYPOINT ["./entry.sh"]\nCMD ["node", "x.js"]\n',
        "entry.sh": '#!/bin/sh\nset -e\nexec "$@"\n',
    }
    facts = facts_of(dockerfile_facts, files)
    (command,) = [fact.value for fact in facts if fact.field == "start_command"]
    assert command == ["./entry.sh", "node", "x.js"]


def test_a_script_of_the_health_check_is_read() -> None:
    """A probe that is a program of the repository tells its path."""
    files = {
        "docker/Dockerfile": "FROM python:3.12\nHEALTHCHECK --interval=5s CMD ./probe.py\n",
        "docker/probe.py": 'URL = "http://localhost:8000/api/status/"\n',
    }
    facts = facts_of(dockerfile_facts, files)
    assert sure_of(facts, "health_path") == [("/api/status/", "high")]


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["Dockerfile.dev", "Dockerfile.prod"], "Dockerfile.prod"),
        (["Dockerfile", "Dockerfile.prod"], "Dockerfile"),
        (["docker/dev.Dockerfile", "docker/selfhosted.Dockerfile"], "docker/selfhosted.Dockerfile"),
        (["docker/alpine.Dockerfile", "docker/default.Dockerfile"], "docker/default.Dockerfile"),
        ([".devcontainer/Dockerfile", "Docker/Dockerfile"], "Docker/Dockerfile"),
        (["Dockerfile.worker", "build/Dockerfile"], "build/Dockerfile"),
        (["docs/Dockerfile", "cmd/tool/Dockerfile"], "cmd/tool/Dockerfile"),
        (["packages/docker-build/Dockerfile", "cmd/tool/Dockerfile"], "cmd/tool/Dockerfile"),
    ],
)
def test_of_several_dockerfiles_the_one_for_users_is_read(names: list[str], chosen: str) -> None:
    """Development, tests, documents and other uses come after what is run for users."""
    facts = facts_of(dockerfile_facts, dict.fromkeys(names, "FROM node:20\n"))
    assert {fact.evidence.file for fact in facts if fact.evidence} == {chosen}


def test_a_dockerfile_of_a_store_is_not_the_services() -> None:
    """An image built upon a database is the database's."""
    assert facts_of(dockerfile_facts, {"Dockerfile": "FROM postgres:17\nEXPOSE 5432\n"}) == []


def test_a_dockerfile_above_counts_where_it_copies_the_folder() -> None:
    """The root's Dockerfile is that of the folder it takes in, not of one it leaves out."""
    files = {
        "Dockerfile": "FROM node:22\nCOPY server ./\nCOPY client ./public\nEXPOSE 1337\n",
        "server/app.js": "",
        "client/index.js": "",
        "other/x.js": "",
    }
    assert values_of(facts_of(dockerfile_facts, files, "server"), "port") == ["1337"]
    assert facts_of(dockerfile_facts, files, "client") == []
    assert facts_of(dockerfile_facts, files, "other") == []


def test_the_stage_that_serves_is_built_not_a_tool_after_it() -> None:
    """A last stage named for developing or a tool is passed over; compose may name the target."""
    text = (
        "FROM node:20 AS web\nEXPOSE 3000\nFROM node:21 AS worker\nEXPOSE 1\nFROM node:22 AS cli\n"
    )
    facts = facts_of(dockerfile_facts, {"Dockerfile": text})
    assert values_of(facts, "runtime_version") == ["20"]
    compose = "services:\n  w:\n    build: {context: ., target: worker}\n"
    facts = facts_of(dockerfile_facts, {"Dockerfile": text, "compose.yml": compose})
    assert values_of(facts, "runtime_version") == ["21"]


@pytest.mark.parametrize("name", ["dockerfile", "DockerfileAlpine", "Dockerfile.web"])
def test_a_dockerfile_may_be_called_after_its_base_and_in_small_letters(name: str) -> None:
    """Builders are told the name."""
    facts = facts_of(dockerfile_facts, {name: "FROM scratch\nEXPOSE 4545\n"})
    assert sure_of(facts, "port") == [(4545, "high")]


def test_of_several_ports_the_first_that_may_speak_http_is_likely() -> None:
    """What is open for datagrams too is another protocol's; further ports are hints."""
    text = "FROM scratch\nEXPOSE 3478/tcp 3478/udp\nEXPOSE 5050 9001/tcp 5050\n"
    facts = facts_of(dockerfile_facts, {"Dockerfile": text})
    assert sure_of(facts, "port") == [(5050, "medium"), (9001, "low")]
    alone = facts_of(dockerfile_facts, {"Dockerfile": "FROM scratch\nEXPOSE 53/tcp 53/udp\n"})
    assert sure_of(alone, "port") == [(53, "high")]


def test_php_fpm_does_not_listen_for_http() -> None:
    """FastCGI's port is no port for a load balancer; Apache's base image exposes 80."""
    fpm = facts_of(dockerfile_facts, {"Dockerfile": "FROM php:8.3-fpm\nEXPOSE 9000\n"})
    assert values_of(fpm, "port") == []
    apache = facts_of(dockerfile_facts, {"Dockerfile": "FROM php:8.3-apache\n"})
    assert sure_of(apache, "port") == [(80, "low")]


def test_what_a_process_manager_serves_is_told() -> None:
    """supervisord, s6 and foreman are followed to the server that they run, not to workers."""
    programs = "[program:w]\ncommand=celery -A x worker\n[program:a]\ncommand=puma -C c.rb\n"
    supervised = {
        "Dockerfile": "FROM ruby:3.3\nCMD supervisord -c /etc/supervisord.conf\n",
        "docker/supervisord.conf": programs,
    }
    s6 = {
        "Dockerfile": 'FROM python:3.12\nENTRYPOINT ["/init"]\n',
        "root/etc/s6-overlay/s6-rc.d/svc-worker/run": "#!/bin/sh\nexec celery -A x worker\n",
        "root/etc/s6-overlay/s6-rc.d/svc-web/run": "#!/bin/sh\nexec granian x:app || exit 1\n",
    }
    foreman = {
        "Dockerfile": 'FROM ruby:3.3\nCMD ["bundle", "exec", "foreman", "start"]\n',
        "Procfile": "jobs: bin/jobs\nweb: puma -C p.rb\n",
    }
    run = (
        (supervised, ["puma", "-C", "c.rb"]),
        (s6, ["granian", "x:app"]),
        (foreman, ["foreman", "start", "puma", "-C", "p.rb"]),
    )
    for files, last in run:
        facts = facts_of(dockerfile_facts, files)
        (command,) = [fact.value for fact in facts if fact.field == "start_command"]
        assert isinstance(command, list)
        assert command[-len(last) :] == last


def test_a_proxy_within_the_image_has_its_own_port() -> None:
    """Thruster listens on HTTP_PORT or 80, whatever the server behind it does."""
    text = 'FROM ruby:3.4\nENV HTTP_PORT=8080\nCMD ["./bin/thrust", "./bin/rails", "server"]\n'
    facts = facts_of(dockerfile_facts, {"Dockerfile": text})
    assert ("dockerfile/thruster", 8080) in [(fact.rule, fact.value) for fact in facts]


def test_a_compiler_in_a_stage_tells_its_language() -> None:
    """An image of one's own that calls a compiler counts more than a stage for the pages."""
    text = (
        "FROM node:24 AS pages\nFROM me/build AS build\nRUN cd app && go build -o /srv\n"
        "FROM me/base\nCOPY --from=build /srv /srv\nCOPY --from=pages /dist /web\nCMD /srv\n"
    )
    facts = facts_of(dockerfile_facts, {"Dockerfile": text})
    assert values_of(facts, "language") == ["go"]


def test_the_administration_of_a_proxy_is_no_health_check() -> None:
    """What is asked on Caddy's own port says nothing of the service."""
    text = (
        "FROM dunglas/frankenphp:1-php8.4\nHEALTHCHECK CMD curl -f http://localhost:2019/metrics\n"
    )
    facts = facts_of(dockerfile_facts, {"Dockerfile": text})
    assert values_of(facts, "health_path") == []
    assert values_of(facts, "port") == ["80"]


@pytest.mark.parametrize(
    ("command", "sureness"),
    [("uvicorn app.main:app", "high"), ("uvicorn app.main:app --reload", "medium")],
)
def test_a_server_for_developing_is_less_surely_what_serves(command: str, sureness: str) -> None:
    """The image starts it all the same, so it is more than a hint."""
    files = {"Dockerfile": f"FROM python:3.12\nCMD {command}\n"}
    found = sure_of(facts_of(dockerfile_facts, files), "start_command")
    assert [sure for _, sure in found] == [sureness]


def test_ports_of_mail_and_of_stun_are_not_the_services_own() -> None:
    """What other programs are spoken to by stands beside the port for HTTP."""
    files = {"Dockerfile": "FROM alpine\nEXPOSE 1025/tcp 3478/udp 5050/tcp\nCMD app\n"}
    assert sure_of(facts_of(dockerfile_facts, files), "port") == [(5050, "high")]


def test_of_several_deep_below_the_one_for_production_comes_first() -> None:
    """The others are of what runs beside it."""
    files = {
        "deploy/monitor/Dockerfile": "FROM node:22\nCMD monitor\n",
        "deploy/shop/prod/Dockerfile": 'FROM elixir:1.18\nCMD ["bin/shop", "start"]\n',
    }
    found = values_of(facts_of(dockerfile_facts, files), "start_command")
    assert found == ["['bin/shop', 'start']"]


def test_a_script_is_started_with_the_images_variables() -> None:
    """The program that it ends in may stand in one of them."""
    files = {
        "Dockerfile": (
            'FROM debian:12\nENV BINARY=/app/bin/shop\nENTRYPOINT ["/app/entrypoint.sh"]\n'
        ),
        "entrypoint.sh": '#!/bin/sh\nexec "$BINARY" "$@"\n',
    }
    found = sure_of(facts_of(dockerfile_facts, files), "start_command")
    assert found == [(["/app/entrypoint.sh", "/app/bin/shop", "$@"], "high")]


def test_what_dotnet_listens_on_is_no_name_of_the_authors_own() -> None:
    """So it is as sure as `PORT`."""
    text = "FROM mcr.microsoft.com/dotnet/aspnet:10.0\nENV {}=3000\n"
    for name, sure in (("ASPNETCORE_HTTP_PORTS", "high"), ("HTTP_PORT", "medium")):
        facts = facts_of(dockerfile_facts, {"Dockerfile": text.format(name)})
        assert (3000, sure) in sure_of(facts, "port")


def test_of_images_that_run_together_the_one_of_the_name_is_the_service() -> None:
    """Others are what it talks to, and one in front alone is none."""
    files = {
        "package.json": '{\n  "name": "shop-backend"\n}\n',
        "docker/bitcoin/Dockerfile": "FROM scratch\nEXPOSE 18332\n",
        "docker/shop/Dockerfile": "FROM scratch\nEXPOSE 9001\n",
    }
    assert values_of(facts_of(dockerfile_facts, files), "port") == ["9001"]
    front = {"nginx/docker/Dockerfile": "FROM scratch\nEXPOSE 50440\n"}
    assert facts_of(dockerfile_facts, front) == []
